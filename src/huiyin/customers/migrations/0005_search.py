"""Number and name as they are compared, with indexes of their characters and pairs."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from huiyin.core.search import Pairs, Signs, folded_together


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_search_functions"),
        ("customers", "0004_since_when_is_known"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=folded_together("number", "name"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(Signs("search"), name="customer_signs"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(Pairs("search"), name="customer_pairs"),
        ),
    ]
