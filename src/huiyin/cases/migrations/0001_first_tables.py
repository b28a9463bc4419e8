import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first_tables"),
        ("customers", "0001_first_tables"),
        ("ledger", "0002_append_only"),
        ("records", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="case",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("number", models.TextField(unique=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("problem", "问题"),
                            ("complaint", "投诉"),
                            ("question", "询问"),
                            ("suggestion", "建议"),
                            ("finding", "检查发现"),
                        ]
                    ),
                ),
                ("origin", models.TextField()),
                (
                    "severity",
                    models.TextField(
                        choices=[("minor", "一般"), ("moderate", "较重"), ("major", "重大")]
                    ),
                ),
                ("description", models.TextField()),
                ("raised_at", models.DateTimeField()),
                (
                    "stage",
                    models.TextField(
                        choices=[
                            ("raised", "已提出"),
                            ("notified", "已通知"),
                            ("rectified", "已整改"),
                            ("revisited", "已复访"),
                            ("closed", "已关闭"),
                        ],
                        default="raised",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("notified_at", models.DateTimeField(null=True)),
                ("rectify_by", models.DateTimeField(null=True)),
                ("rectified_at", models.DateTimeField(null=True)),
                ("revisited_at", models.DateTimeField(null=True)),
                ("reply_to_customer", models.TextField(default="")),
                (
                    "reply_channel",
                    models.TextField(
                        choices=[
                            ("visit", "当面"),
                            ("phone", "电话"),
                            ("message", "微信或短信"),
                            ("letter", "书面"),
                        ],
                        default="",
                    ),
                ),
                ("replied_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("solved", "已解决"),
                            ("explained", "已解释，客户认可"),
                            ("compensated", "已补偿"),
                            ("unfounded", "查明不成立"),
                        ],
                        default="",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="customers.customer",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_raised",
                        to="accounts.person",
                    ),
                ),
                (
                    "rectifier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "repairer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_to_rectify",
                        to="accounts.person",
                    ),
                ),
                (
                    "revisit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_about",
                        to="ledger.target",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("stage", "closed"), _negated=True),
                        fields=["stage", "raised_at"],
                        name="case_open",
                    ),
                    models.Index(
                        condition=models.Q(("stage", "closed")),
                        fields=["-closed_at", "-target"],
                        name="case_closed",
                    ),
                    models.Index(fields=["subject", "target"], name="case_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("stage", "closed")),
                            models.Q(
                                models.Q(("stage", "closed"), _negated=True), ("closed_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="case_closed_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rectified_at", None), ("rectifier", None)),
                            models.Q(("rectified_at__isnull", False), ("rectifier__isnull", False)),
                            _connector="OR",
                        ),
                        name="case_rectified_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "notified"), _negated=True),
                            models.Q(("notice__isnull", False), ("notified_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="case_notified_has_its_notice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("replied_at", None), ("reply_to_customer", "")),
                            models.Q(
                                models.Q(("reply_to_customer", ""), _negated=True),
                                ("replied_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_reply_says_when",
                    ),
                ],
            },
        ),
    ]
