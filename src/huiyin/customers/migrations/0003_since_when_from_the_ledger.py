from django.db import migrations

FILL = """
UPDATE customers_customer customer SET registered_at = coalesce(
    (SELECT min(fact.happened_at) FROM ledger_fact fact
     WHERE fact.target_id = customer.target_id AND fact.kind = 'customer.registered'),
    now())
WHERE customer.registered_at IS NULL
"""


class Migration(migrations.Migration):
    """The ledger knows when each customer was registered."""

    dependencies = [
        ("customers", "0002_fields_and_since_when"),
        ("ledger", "0003_read_by_day"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
