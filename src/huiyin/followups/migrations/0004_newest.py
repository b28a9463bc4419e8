"""The list of follow-ups reads them by the moment they were held or are planned for."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("followups", "0003_items_of_earlier_ones")]

    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                Coalesce("held_at", "planned_for").desc(), F("id").desc(), name="followup_newest"
            ),
        ),
    ]
