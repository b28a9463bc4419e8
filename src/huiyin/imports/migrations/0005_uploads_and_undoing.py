"""Files that are uploaded, mapped, tried out, applied in the background and undone."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_empty_plain_notices"), ("ledger", "0004_the_customer_behind")]

    operations = [
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("act", models.TextField(choices=[("create", "新增"), ("update", "更新")])),
                ("before", huiyin.core.fields.EncryptedJson(default=None)),
                ("after", huiyin.core.fields.EncryptedJson(default=None)),
            ],
        ),
        migrations.CreateModel(
            name="FilePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("content", huiyin.core.fields.EncryptedText()),
            ],
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="imports.importbatch",
                    ),
                ),
                (
                    "phase",
                    models.TextField(
                        choices=[
                            ("waiting", "等待开始"),
                            ("reading", "正在读取"),
                            ("checking", "正在核对"),
                            ("writing", "正在写入"),
                            ("undoing", "正在撤销"),
                        ],
                        default="waiting",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RememberedMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.TextField()),
                ("kind", models.TextField(default="")),
                ("header_digest", models.TextField()),
                ("choices", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="imports_batch_adds_up",
        ),
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="imports_batch_applied_at",
        ),
        migrations.AddField(
            model_name="importbatch",
            name="choices",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="created",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="emptied_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="head",
            field=huiyin.core.fields.EncryptedJson(default=None),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="language",
            field=models.CharField(default="", max_length=20),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="map_text",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="obstacles",
            field=huiyin.core.fields.EncryptedJson(default=None),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="undo_reason",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.target",
            ),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="updated",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="act",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="cells",
            field=huiyin.core.fields.EncryptedJson(default=None),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="readable",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="importbatch",
            name="map_digest",
            field=models.TextField(default=""),
        ),
        migrations.AlterField(
            model_name="importbatch",
            name="state",
            field=models.TextField(
                choices=[
                    ("uploaded", "待对应"),
                    ("staging", "读取中"),
                    ("staged", "已试读"),
                    ("applying", "导入中"),
                    ("applied", "已导入"),
                    ("failed", "失败"),
                    ("cancelled", "已取消"),
                    ("undoing", "撤销中"),
                    ("undone", "已撤销"),
                ],
                default="staging",
            ),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["state", "created_at"], name="imports_batch_state"),
        ),
        migrations.AddIndex(
            model_name="stagedrow",
            index=models.Index(
                condition=models.Q(("outcome", "refused")),
                fields=["batch", "number"],
                name="imports_row_refused",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["staged", "applied", "undone"]), _negated=True),
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
                    models.Q(("state__in", ["applied", "undone"]), _negated=True),
                    ("applied_at__isnull", False),
                    _connector="OR",
                ),
                name="imports_batch_applied_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "undone"), _negated=True),
                    ("undone_at__isnull", False),
                    _connector="OR",
                ),
                name="imports_batch_undone_at",
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="effects",
                to="imports.importbatch",
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.target"
            ),
        ),
        migrations.AddField(
            model_name="filepart",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="imports.importbatch",
            ),
        ),
        migrations.AddConstraint(
            model_name="rememberedmap",
            constraint=models.UniqueConstraint(
                fields=("what", "kind", "header_digest"), name="imports_map_of_header"
            ),
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(fields=["batch", "number"], name="imports_effect_of_batch"),
        ),
        migrations.AddConstraint(
            model_name="filepart",
            constraint=models.UniqueConstraint(fields=("batch", "place"), name="imports_part_once"),
        ),
    ]
