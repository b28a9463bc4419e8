"""Number and description as they are compared, with indexes of their characters and pairs."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from huiyin.core.search import Pairs, Signs, folded_together


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_search_functions"),
        ("cases", "0007_earlier_ones_came_from_visits"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=folded_together("number", "description"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=GinIndex(Signs("search"), name="case_signs"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=GinIndex(Pairs("search"), name="case_pairs"),
        ),
    ]
