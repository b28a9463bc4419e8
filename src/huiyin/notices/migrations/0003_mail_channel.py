import datetime

import django.db.models.deletion
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    """The firm's mail server, and how each person wants mail."""

    dependencies = [
        ("accounts", "0001_first_tables"),
        ("notices", "0002_what_a_reader_saw"),
    ]

    operations = [
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
        ),
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
        migrations.AddConstraint(
            model_name="mailchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="notices_mail_channel_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailchannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from", None), ("quiet_to", None)),
                    models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                    _connector="OR",
                ),
                name="notices_mail_channel_quiet_pair",
            ),
        ),
    ]
