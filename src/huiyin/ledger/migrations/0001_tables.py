"""Targets, facts and seals, which are appended and never changed, whoever asks."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import huiyin.ledger.fields

REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Record a fact that voids the wrong one, then the right one.';
END $body$;
"""
FREEZE = """
CREATE TRIGGER ledger_fact_frozen BEFORE UPDATE OR DELETE ON ledger_fact
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_fact_not_emptied BEFORE TRUNCATE ON ledger_fact
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
VOIDS = """
CREATE FUNCTION ledger_check_void() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE voided ledger_fact%ROWTYPE;
BEGIN
    SELECT * INTO voided FROM ledger_fact WHERE id = NEW.voids_id;
    IF voided.voids_id IS NOT NULL THEN
        RAISE EXCEPTION 'fact % is a void and cannot be voided', NEW.voids_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF voided.target_id IS DISTINCT FROM NEW.target_id THEN
        RAISE EXCEPTION 'fact % is about another target than its void', NEW.voids_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER ledger_fact_void_checked BEFORE INSERT ON ledger_fact
    FOR EACH ROW WHEN (NEW.voids_id IS NOT NULL) EXECUTE FUNCTION ledger_check_void();
"""
UNDO = """
DROP TRIGGER ledger_fact_void_checked ON ledger_fact;
DROP FUNCTION ledger_check_void();
DROP TRIGGER ledger_fact_not_emptied ON ledger_fact;
DROP TRIGGER ledger_fact_frozen ON ledger_fact;
DROP FUNCTION ledger_refuse_change();
"""
FREEZE_SEALS = """
CREATE TRIGGER ledger_seal_frozen BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_seal_not_emptied BEFORE TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
-- Digests do not compress: do not try, and do not slice them.
ALTER TABLE ledger_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
"""
UNDO_SEALS = """
DROP TRIGGER ledger_seal_not_emptied ON ledger_seal;
DROP TRIGGER ledger_seal_frozen ON ledger_seal;
"""


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("ledger", "0001_first_tables"),
        ("ledger", "0002_append_only"),
        ("ledger", "0003_read_by_day"),
        ("ledger", "0004_the_customer_behind"),
        ("ledger", "0005_seals"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=80)),
                ("happened_at", models.DateTimeField()),
                ("known_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("values", models.JSONField(default=dict)),
                ("live", models.BooleanField(default=True)),
                ("source", models.TextField(null=True)),
                (
                    "xact",
                    huiyin.ledger.fields.Xid8Field(
                        db_default=huiyin.ledger.fields.TransactionId(), editable=False
                    ),
                ),
                (
                    "voids",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voided_by",
                        to="ledger.fact",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "fact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="note",
                        serialize=False,
                        to="ledger.fact",
                    ),
                ),
                ("salt", models.CharField(max_length=32)),
                ("text", models.TextField()),
            ],
        ),
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
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("label", models.CharField(default="", max_length=120)),
                (
                    "of_customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="fact",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.target",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.target",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="target",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="facts",
                to="ledger.target",
            ),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["kind", "id"], name="ledger_target_kind"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("of_customer__isnull", False)),
                fields=["of_customer"],
                name="ledger_target_of_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__regex", "^[a-z][a-z0-9_]*$")),
                name="ledger_target_kind_word",
            ),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["target", "-happened_at", "-id"], name="ledger_fact_timeline"
            ),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(fields=["kind", "happened_at"], name="ledger_fact_kind_happened"),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(fields=["xact", "id"], name="ledger_fact_seal_order"),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["recorded_at"], name="ledger_fact_recorded"
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__regex", "^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$")),
                name="ledger_fact_kind_dotted",
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(("known_at__gte", models.F("happened_at"))),
                name="ledger_fact_known_after_happened",
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "known_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("recorded_at"),
                            "+",
                            models.Value(datetime.timedelta(seconds=600)),
                        ),
                    )
                ),
                name="ledger_fact_not_of_the_future",
            ),
        ),
        migrations.RunSQL(REFUSE + FREEZE + VOIDS, UNDO),
        migrations.RunSQL(FREEZE_SEALS, UNDO_SEALS),
    ]
