"""What stands in the way of an obligation whoever would do it, and since when."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("obligations", "0006_scores")]

    operations = [
        migrations.AddField(
            "obligation", "obstructed_by", models.TextField(default="", db_default="")
        ),
        migrations.AddField("obligation", "obstructed_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "obligation",
            models.CheckConstraint(
                name="obligation_obstructed_since",
                condition=Q(obstructed_by="", obstructed_at=None)
                | (~Q(obstructed_by="") & Q(obstructed_at__isnull=False)),
            ),
        ),
    ]
