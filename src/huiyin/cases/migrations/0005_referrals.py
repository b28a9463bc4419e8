"""Cases that were referred to the company, and what it ruled."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_first_tables"),
        ("cases", "0004_answer_decision_handling"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("ruling", models.TextField(default="")),
                ("ruled_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="cases.case",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals_to_rule_on",
                        to="accounts.person",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-id"], name="referral_of_case")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(ruled_at=None),
                        fields=("case",),
                        name="referral_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(ruling="", ruled_at=None)
                        | (~Q(ruling="") & Q(ruled_at__isnull=False)),
                        name="referral_ruling_says_when",
                    ),
                ],
            },
        ),
    ]
