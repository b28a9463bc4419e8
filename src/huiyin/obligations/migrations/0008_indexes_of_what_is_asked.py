"""Indexes of what is asked: fewer to write for every obligation, and those of a day's page."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def key(to: str, related_name: str, *, null: bool = True) -> models.ForeignKey:
    """A foreign key by itself alone: nobody asks by it, or an index of several columns serves."""
    return models.ForeignKey(
        to,
        django.db.models.deletion.PROTECT,
        null=null,
        related_name=related_name,
        db_index=False,
    )


class Migration(migrations.Migration):
    dependencies = [("obligations", "0007_obstacles")]

    operations = [
        migrations.AlterField(
            "obligation", "adoption", key("adoption.adoption", "obligations", null=False)
        ),
        migrations.AlterField(
            "obligation", "target", key("ledger.target", "obligations", null=False)
        ),
        migrations.AlterField("obligation", "opener", key("ledger.fact", "opened")),
        migrations.AlterField("obligation", "excluded", key("ledger.target", "+")),
        migrations.AlterField("obligation", "recipient", key("ledger.target", "+")),
        migrations.AlterField("obligation", "settled_by", key("ledger.fact", "settled")),
        migrations.RemoveIndex("obligation", "obligation_mine"),
        migrations.AddIndex(
            "obligation",
            models.Index(
                fields=["holder", "due_at", "id"],
                include=["plan_on", "obstructed_by"],
                condition=Q(state__in=["open", "blocked"]),
                name="obligation_mine",
            ),
        ),
        migrations.AddIndex(
            "obligation",
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["open", "blocked"]),
                name="obligation_waiting_due",
            ),
        ),
        migrations.AddIndex(
            "obligation",
            models.Index(
                fields=["opener"], condition=Q(opener__isnull=False), name="obligation_opener"
            ),
        ),
        migrations.AddIndex(
            "obligation",
            models.Index(
                fields=["settled_by"],
                condition=Q(settled_by__isnull=False),
                name="obligation_settled_by",
            ),
        ),
        migrations.AddIndex(
            "obligation",
            models.Index(
                F("holder"),
                django.contrib.postgres.fields.ranges.RangeStartsWith("period"),
                condition=Q(period__isnull=False, opener__isnull=True),
                name="obligation_round",
            ),
        ),
    ]
