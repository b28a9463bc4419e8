"""Subjects are found by whom they name; reversible."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("subjects", "0001_tables")]

    operations = [
        migrations.AddIndex(
            model_name="subject",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["fields"], name="subject_fields", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
