"""When planner and sweep last went through, for every page to tell."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_positions_that_govern")]

    operations = [
        migrations.AddField("firm", "beat_at", models.DateTimeField(null=True)),
    ]
