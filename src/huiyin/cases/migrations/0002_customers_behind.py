from django.db import migrations

FILL = """
UPDATE ledger_target target SET of_customer_id = found.customer_id
FROM cases_case found WHERE found.target_id = target.id
"""


class Migration(migrations.Migration):
    """Cases know their customer; now their targets do, too."""

    dependencies = [
        ("cases", "0001_first_tables"),
        ("ledger", "0004_the_customer_behind"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
