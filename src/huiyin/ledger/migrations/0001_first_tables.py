"""Targets, facts and their notes."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import huiyin.ledger.fields


class Migration(migrations.Migration):
    initial = True

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
            name="Target",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("label", models.CharField(default="", max_length=120)),
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
    ]
