from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    """What a person did since midnight must not cost more with every year of facts."""

    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            "fact",
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="ledger_fact_recorded"),
        )
    ]
