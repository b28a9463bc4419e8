"""An import can be undone: what it brought leaves the lists, and its number is free again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_spell_names"),
        ("ledger", "0004_the_customer_behind"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="retracted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="customer",
            name="number",
            field=models.TextField(),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None)),
                fields=("number",),
                name="customer_number_once",
            ),
        ),
    ]
