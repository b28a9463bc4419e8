"""Batches of imported files and their staged rows."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.TextField()),
                ("kind", models.TextField(default="")),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField()),
                ("map_digest", models.TextField()),
                ("mode", models.TextField(choices=[("history", "历史"), ("live", "实时")])),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("staging", "读取中"),
                            ("staged", "已试读"),
                            ("applied", "已导入"),
                            ("failed", "失败"),
                        ],
                        default="staging",
                    ),
                ),
                ("form", models.TextField(default="")),
                ("titles", models.JSONField(default=dict)),
                ("notices", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("duplicate", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(default="")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("values", models.JSONField(default=dict)),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("read", "已读"),
                            ("accepted", "接受"),
                            ("refused", "拒绝"),
                            ("duplicate", "重复"),
                        ]
                    ),
                ),
                ("column", models.TextField(default="")),
                ("value", models.TextField(default="")),
                ("code", models.TextField(default="")),
                ("detail", models.TextField(default="")),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="imports.importbatch",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["file_digest", "map_digest"], name="imports_batch_same"),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["staged", "applied"]), _negated=True),
                    (
                        "row_count",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("accepted"), "+", models.F("refused")
                            ),
                            "+",
                            models.F("duplicate"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="imports_batch_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "applied"), _negated=True),
                    ("applied_at__isnull", False),
                    _connector="OR",
                ),
                name="imports_batch_applied_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagedrow",
            constraint=models.UniqueConstraint(fields=("batch", "number"), name="imports_row_once"),
        ),
        migrations.AddConstraint(
            model_name="stagedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "refused"), models.Q(("code", ""), _negated=True)),
                    models.Q(models.Q(("outcome", "refused"), _negated=True), ("code", "")),
                    _connector="OR",
                ),
                name="imports_row_refused_says_why",
            ),
        ),
    ]
