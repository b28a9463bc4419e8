from django.db import migrations, models


class Migration(migrations.Migration):
    """What rules read of a customer, and since when he is one (empty until it is filled)."""

    dependencies = [("customers", "0001_first_tables")]

    operations = [
        migrations.AddField("customer", "fields", models.JSONField(default=dict)),
        migrations.AddField("customer", "registered_at", models.DateTimeField(null=True)),
    ]
