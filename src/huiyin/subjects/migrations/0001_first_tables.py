"""Tracked subjects."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_first_tables"),
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="subject",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("kind", models.TextField()),
                ("number", models.TextField()),
                ("fields", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "-created_at", "-target"], name="subject_newest"),
                    models.Index(fields=["customer", "-created_at"], name="subject_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "number"), name="subject_number_once")
                ],
            },
        ),
    ]
