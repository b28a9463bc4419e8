from django.db import migrations

FILL = """
UPDATE ledger_target target SET of_customer_id = subject.customer_id
FROM subjects_subject subject WHERE subject.target_id = target.id
"""


class Migration(migrations.Migration):
    """Subjects know their customer; now their targets do, too."""

    dependencies = [
        ("subjects", "0001_first_tables"),
        ("ledger", "0004_the_customer_behind"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
