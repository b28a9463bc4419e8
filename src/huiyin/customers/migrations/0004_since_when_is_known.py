from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_since_when_from_the_ledger")]

    operations = [
        migrations.AlterField("customer", "registered_at", models.DateTimeField()),
    ]
