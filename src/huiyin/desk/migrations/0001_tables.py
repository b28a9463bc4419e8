"""Lists that somebody keeps."""

import django.db.models.deletion
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("desk", "0001_lists"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("room", models.TextField()),
                ("query", huiyin.core.fields.EncryptedText(blank=True, default="")),
                ("language", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "排队中"),
                            ("running", "生成中"),
                            ("ready", "可下载"),
                            ("failed", "没有完成"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("file_name", models.TextField(blank=True, default="")),
                ("content", models.BinaryField(null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="accounts.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["requested_by", "-id"], name="desk_export_of_person")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", False),
                                ("ready_at__isnull", False),
                                ("state", "ready"),
                            ),
                            models.Q(("state", "ready"), _negated=True),
                            _connector="OR",
                        ),
                        name="desk_export_ready_has_its_sheet",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("room", models.TextField()),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("query", models.TextField(blank=True, default="")),
                ("pinned", models.BooleanField(default=True, verbose_name="放在列表上方")),
                (
                    "is_default",
                    models.BooleanField(default=False, verbose_name="打开这个房间时先看它"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to="accounts.person",
                    ),
                ),
                (
                    "shared_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.position",
                        verbose_name="共享给岗位",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "room", "name"), name="desk_saved_view_name_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("owner", "room"),
                        name="desk_saved_view_one_default",
                    ),
                ],
            },
        ),
    ]
