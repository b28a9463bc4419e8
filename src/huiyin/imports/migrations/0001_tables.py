"""Batches, their staged rows, maps of columns and undoing."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("imports", "0001_first_tables"),
        ("imports", "0002_empty_plain_rows"),
        ("imports", "0003_encrypted_rows"),
        ("imports", "0004_empty_plain_notices"),
        ("imports", "0005_uploads_and_undoing"),
    ]

    dependencies = [
        ("ledger", "0001_tables"),
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
                ("map_digest", models.TextField(default="")),
                ("mode", models.TextField(choices=[("history", "历史"), ("live", "实时")])),
                (
                    "state",
                    models.TextField(
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
                ("form", models.TextField(default="")),
                ("titles", models.JSONField(default=dict)),
                ("notices", huiyin.core.fields.EncryptedJson(default=list)),
                ("created_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undo_reason", models.TextField(default="")),
                ("emptied_at", models.DateTimeField(null=True)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("created", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("duplicate", models.PositiveIntegerField(default=0)),
                ("head", huiyin.core.fields.EncryptedJson(default=None)),
                ("choices", models.JSONField(default=dict)),
                ("map_text", models.TextField(default="")),
                ("language", models.CharField(default="", max_length=20)),
                ("obstacles", huiyin.core.fields.EncryptedJson(default=None)),
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
                (
                    "undone_by",
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
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="imports.importbatch",
                    ),
                ),
            ],
        ),
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
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effects",
                        to="imports.importbatch",
                    ),
                ),
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("what", "kind", "header_digest"), name="imports_map_of_header"
                    )
                ],
            },
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
                ("values", huiyin.core.fields.EncryptedJson(default=None)),
                ("cells", huiyin.core.fields.EncryptedJson(default=None)),
                ("readable", models.BooleanField(default=True)),
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
                ("act", models.TextField(default="")),
                ("column", models.TextField(default="")),
                ("value", huiyin.core.fields.EncryptedText(default="")),
                ("code", models.TextField(default="")),
                ("detail", huiyin.core.fields.EncryptedText(default="")),
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
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["state", "created_at"], name="imports_batch_state"),
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
        migrations.AddConstraint(
            model_name="filepart",
            constraint=models.UniqueConstraint(fields=("batch", "place"), name="imports_part_once"),
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(fields=["batch", "number"], name="imports_effect_of_batch"),
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
