"""Seals over runs of facts: appended and never changed, like the facts."""

import django.contrib.postgres.fields
from django.db import migrations, models

import huiyin.ledger.fields

FREEZE = """
CREATE TRIGGER ledger_seal_frozen BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_seal_not_emptied BEFORE TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
-- Digests do not compress: do not try, and do not slice them.
ALTER TABLE ledger_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
"""
UNDO = """
DROP TRIGGER ledger_seal_not_emptied ON ledger_seal;
DROP TRIGGER ledger_seal_frozen ON ledger_seal;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_the_customer_behind")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("epoch", models.PositiveIntegerField()),
                ("after", models.BigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("last_xact", huiyin.ledger.fields.Xid8Field()),
                ("last_id", models.BigIntegerField()),
                (
                    "facts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("leaves", models.BinaryField()),
                ("root", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("chain", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="ledger_seal_from_one"
                    ),
                    models.UniqueConstraint(fields=("previous",), name="ledger_seal_chained_once"),
                ],
            },
        ),
        migrations.RunSQL(FREEZE, UNDO),
    ]
