"""Notices, the outbox and channels."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("notices", "0001_first_tables"),
        ("notices", "0002_what_a_reader_saw"),
        ("notices", "0003_mail_channel"),
        ("notices", "0004_outbox"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
        ("ledger", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mail_preference",
                        serialize=False,
                        to="accounts.person",
                    ),
                ),
                ("address", huiyin.core.fields.EncryptedText(default="")),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("ways", models.JSONField(default=dict)),
                (
                    "hours",
                    models.CharField(
                        choices=[
                            ("firm", "按公司的时段"),
                            ("own", "用自己的时段"),
                            ("none", "不设免打扰"),
                        ],
                        default="firm",
                        max_length=4,
                    ),
                ),
                ("quiet_from", models.TimeField(null=True)),
                ("quiet_to", models.TimeField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(default="mail", max_length=10)),
                (
                    "kind",
                    models.CharField(
                        choices=[("single", "单条"), ("digest", "每日汇总")], max_length=8
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                ("message_id", models.CharField(max_length=340)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "待发"),
                            ("sending", "正在发送"),
                            ("sent", "已发"),
                            ("failed", "失败"),
                            ("dropped", "不发"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=20)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(default="", max_length=20)),
                ("error", models.CharField(default="", max_length=300)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MailChannel",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("active", models.BooleanField(default=True)),
                ("host", models.CharField(max_length=253)),
                ("port", models.PositiveIntegerField(default=587)),
                (
                    "security",
                    models.CharField(
                        choices=[
                            ("starttls", "STARTTLS（常用端口 587）"),
                            ("tls", "TLS（常用端口 465）"),
                            ("none", "不加密（常用端口 25，只用于本机或内网）"),
                        ],
                        default="starttls",
                        max_length=8,
                    ),
                ),
                ("username", models.CharField(default="", max_length=254)),
                ("password", huiyin.core.fields.EncryptedText(default="")),
                ("sender_name", models.CharField(default="", max_length=60)),
                ("sender_address", models.CharField(max_length=254)),
                ("base_url", models.CharField(default="", max_length=200)),
                ("quiet_from", models.TimeField(null=True)),
                ("quiet_to", models.TimeField(null=True)),
                ("digest_at", models.TimeField(default=datetime.time(8, 30))),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="notices_mail_channel_is_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_to", None)),
                            models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="notices_mail_channel_quiet_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.CharField(default="", max_length=60)),
                ("clause", models.CharField(default="", max_length=60)),
                ("template", models.CharField(max_length=60)),
                ("params", models.JSONField(default=dict)),
                ("key", models.CharField(max_length=200, unique=True)),
                ("in_sight", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "about",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Route",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(default="mail", max_length=10)),
                (
                    "way",
                    models.CharField(
                        choices=[("now", "立即"), ("digest", "每日汇总"), ("none", "不发")],
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=20)),
                (
                    "delivery",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routes",
                        to="notices.delivery",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="routes",
                        to="notices.notice",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["next_try_at", "id"],
                name="notices_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["claimed_at"],
                name="notices_sending",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "failed")),
                fields=["-failed_at", "-id"],
                name="notices_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sent")),
                fields=["channel", "-sent_at"],
                name="notices_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("trouble", ""), _negated=True),
                fields=["channel", "-failed_at"],
                name="notices_trouble",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["queued", "sending", "sent", "failed", "dropped"])
                ),
                name="notices_delivery_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "queued"), _negated=True),
                    ("next_try_at__isnull", False),
                    _connector="OR",
                ),
                name="notices_delivery_queued_has_its_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("read_at", None)),
                fields=["recipient", "-created_at", "-id"],
                name="notices_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("recipient"),
                models.ExpressionWrapper(
                    models.Q(("read_at__isnull", False)), output_field=models.BooleanField()
                ),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="notices_inbox",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["about", "-created_at"], name="notices_about"),
        ),
        migrations.AddIndex(
            model_name="route",
            index=models.Index(
                condition=models.Q(("delivery", None), ("reason", ""), ("way", "digest")),
                fields=["channel", "id"],
                name="notices_for_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="route",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel"), name="notices_route_once"
            ),
        ),
    ]
