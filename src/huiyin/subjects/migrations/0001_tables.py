"""What a follow-up is about, and how it is found."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.text
from django.db import migrations, models

import huiyin.core.search


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("subjects", "0001_first_tables"),
        ("subjects", "0002_customers_behind"),
        ("subjects", "0003_what_was_made_from_what"),
        ("subjects", "0004_search"),
        ("subjects", "0005_retracted"),
    ]

    dependencies = [
        ("core", "0001_tables"),
        ("customers", "0001_tables"),
        ("ledger", "0001_tables"),
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
                ("retracted_at", models.DateTimeField(null=True)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            huiyin.core.search.Folded("number"),
                            models.Value(" ", output_field=models.TextField()),
                            huiyin.core.search.Folded(
                                django.db.models.fields.json.KeyTextTransform("place", "fields")
                            ),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
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
        ),
        migrations.CreateModel(
            name="SubjectLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links_up",
                        to="subjects.subject",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links_down",
                        to="subjects.subject",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="subject",
            index=models.Index(fields=["kind", "-created_at", "-target"], name="subject_newest"),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=models.Index(fields=["customer", "-created_at"], name="subject_customer"),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=django.contrib.postgres.indexes.GinIndex(
                huiyin.core.search.Signs("search"), name="subject_signs"
            ),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=django.contrib.postgres.indexes.GinIndex(
                huiyin.core.search.Pairs("search"), name="subject_pairs"
            ),
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None)),
                fields=("kind", "number"),
                name="subject_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectlink",
            constraint=models.UniqueConstraint(
                fields=("parent", "child"), name="subject_link_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("child")), _negated=True),
                name="subject_link_to_another",
            ),
        ),
    ]
