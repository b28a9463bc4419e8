from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_tables")]

    operations = [
        migrations.AddField(
            "position", "title_en", models.CharField(blank=True, db_default="", max_length=80)
        ),
    ]
