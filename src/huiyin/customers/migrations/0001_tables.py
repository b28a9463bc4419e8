"""Customers and how they are found."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import huiyin.core.fields
import huiyin.core.search


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("customers", "0001_first_tables"),
        ("customers", "0002_fields_and_since_when"),
        ("customers", "0003_since_when_from_the_ledger"),
        ("customers", "0004_since_when_is_known"),
        ("customers", "0005_search"),
        ("customers", "0006_pinyin"),
        ("customers", "0007_spell_names"),
        ("customers", "0008_retracted"),
        ("customers", "0009_numbers_in_order"),
    ]

    dependencies = [
        ("core", "0001_tables"),
        ("ledger", "0001_tables"),
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
                ("number", models.TextField()),
                ("name", models.TextField(blank=True, default="")),
                ("customer_class", models.TextField()),
                ("fields", models.JSONField(default=dict)),
                ("registered_at", models.DateTimeField()),
                ("retracted_at", models.DateTimeField(null=True)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            huiyin.core.search.Folded("number"),
                            models.Value(" ", output_field=models.TextField()),
                            huiyin.core.search.Folded("name"),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "number_order",
                    models.GeneratedField(
                        db_persist=True,
                        expression=huiyin.core.search.NumbersInOrder("number"),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
                ("initials", models.TextField(blank=True, db_collation="C", default="")),
                ("pinyin", models.TextField(blank=True, db_collation="C", default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["customer_class", "number_order"], name="customer_class_number"
                    ),
                    models.Index(
                        fields=["number"],
                        name="customer_number_prefix",
                        opclasses=["text_pattern_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        huiyin.core.search.Signs("search"), name="customer_signs"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        huiyin.core.search.Pairs("search"), name="customer_pairs"
                    ),
                    models.Index(
                        condition=models.Q(("retracted_at", None)),
                        fields=["number_order", "target"],
                        name="customer_number_order",
                    ),
                    models.Index(fields=["initials"], name="customer_initials"),
                    models.Index(fields=["pinyin", "target"], name="customer_pinyin"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retracted_at", None)),
                        fields=("number",),
                        name="customer_number_once",
                    )
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
