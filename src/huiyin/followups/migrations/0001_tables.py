"""Plans of follow-ups and what they are about."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("followups", "0001_first_tables"),
        ("followups", "0002_several_items"),
        ("followups", "0003_items_of_earlier_ones"),
        ("followups", "0004_newest"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
        ("cases", "0001_tables"),
        ("customers", "0001_tables"),
        ("ledger", "0001_tables"),
        ("obligations", "0001_tables"),
        ("records", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Followup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.TextField(
                        choices=[("visit", "上门"), ("phone", "电话"), ("message", "微信或短信")],
                        default="visit",
                    ),
                ),
                ("planned_for", models.DateTimeField(null=True)),
                ("held_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[("planned", "已约定"), ("held", "已回访"), ("cancelled", "已取消")]
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followups",
                        to="ledger.target",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisits",
                        to="cases.case",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followups",
                        to="customers.customer",
                    ),
                ),
                (
                    "obligation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followups",
                        to="obligations.obligation",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                ("raised", models.ManyToManyField(related_name="found_by", to="cases.case")),
                (
                    "record",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followup",
                        to="records.record",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-held_at"], name="followup_of_customer"),
                    models.Index(
                        condition=models.Q(("state", "planned")),
                        fields=["planned_for"],
                        name="followup_planned",
                    ),
                    models.Index(
                        models.OrderBy(
                            django.db.models.functions.comparison.Coalesce(
                                "held_at", "planned_for"
                            ),
                            descending=True,
                        ),
                        models.OrderBy(models.F("id"), descending=True),
                        name="followup_newest",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("held_at__isnull", False),
                                ("record__isnull", False),
                                ("state", "held"),
                            ),
                            models.Q(
                                models.Q(("state", "held"), _negated=True),
                                ("held_at", None),
                                ("record", None),
                            ),
                            _connector="OR",
                        ),
                        name="followup_held_has_its_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "held"),
                            models.Q(("planned_by__isnull", False), ("planned_for__isnull", False)),
                            _connector="OR",
                        ),
                        name="followup_planned_says_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "planned")),
                        fields=("about",),
                        name="followup_one_plan_at_a_time",
                    ),
                ],
            },
        ),
    ]
