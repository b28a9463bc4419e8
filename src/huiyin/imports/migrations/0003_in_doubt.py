"""Rows that are taken although something of them has to be looked into, and how many of a batch.

Going back fails while there are such rows: the older table has no place for why.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0002_places"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="in_doubt",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RemoveConstraint(
            model_name="stagedrow",
            name="imports_row_refused_says_why",
        ),
        migrations.AddConstraint(
            model_name="stagedrow",
            constraint=models.CheckConstraint(
                name="imports_row_refused_says_why",
                condition=Q(outcome="refused") & ~Q(code="")
                | Q(outcome="accepted")
                | Q(outcome__in=["read", "duplicate"]) & Q(code=""),
            ),
        ),
        migrations.AddIndex(
            model_name="stagedrow",
            index=models.Index(
                fields=["batch", "number"],
                condition=Q(outcome="accepted") & ~Q(code=""),
                name="imports_row_in_doubt",
            ),
        ),
    ]
