"""Customers and their contacts."""

import django.db.models.deletion
from django.db import migrations, models

import huiyin.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="customer",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("number", models.TextField(unique=True)),
                ("name", models.TextField(blank=True, default="")),
                ("customer_class", models.TextField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer_class", "number"], name="customer_class_number"),
                    models.Index(
                        fields=["number"],
                        name="customer_number_prefix",
                        opclasses=["text_pattern_ops"],
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("relation", models.TextField(blank=True, default="")),
                ("name", huiyin.core.fields.EncryptedText(blank=True, default="")),
                ("phone", huiyin.core.fields.EncryptedText()),
                ("phone_index", models.TextField()),
                ("phone_masked", models.TextField()),
                ("phone_tail", models.CharField(max_length=4)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["phone_index"], name="contact_phone"),
                    models.Index(fields=["phone_tail"], name="contact_phone_tail"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "phone_index"), name="contact_once_per_customer"
                    )
                ],
            },
        ),
    ]
