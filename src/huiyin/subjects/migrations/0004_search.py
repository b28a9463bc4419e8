"""Number and place as they are compared, with indexes of their characters and pairs."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.fields.json import KT

from huiyin.core.search import Pairs, Signs, folded_together


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_search_functions"),
        ("subjects", "0003_what_was_made_from_what"),
    ]

    operations = [
        migrations.AddField(
            model_name="subject",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=folded_together("number", KT("fields__place")),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=GinIndex(Signs("search"), name="subject_signs"),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=GinIndex(Pairs("search"), name="subject_pairs"),
        ),
    ]
