from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """What today's meters and the verdicts read must not grow with the periods gone by."""

    dependencies = [("obligations", "0001_first_tables")]

    operations = [
        migrations.AddIndex(
            "obligation",
            models.Index(
                F("policy"),
                RangeStartsWith("period"),
                condition=Q(period__isnull=False),
                name="obligation_period",
            ),
        ),
        migrations.AddIndex(
            "obligation",
            models.Index(fields=["id"], condition=Q(state="blocked"), name="obligation_blocked"),
        ),
    ]
