"""Where in the file each name stands, so that a refused value is shown as it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="places",
            field=models.JSONField(default=dict),
        ),
    ]
