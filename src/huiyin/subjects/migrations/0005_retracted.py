"""An import can be undone: what it brought leaves the lists, and its number is free again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0008_retracted"),
        ("ledger", "0004_the_customer_behind"),
        ("subjects", "0004_search"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="subject",
            name="subject_number_once",
        ),
        migrations.AddField(
            model_name="subject",
            name="retracted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None)),
                fields=("kind", "number"),
                name="subject_number_once",
            ),
        ),
    ]
