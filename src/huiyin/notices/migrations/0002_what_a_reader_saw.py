from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether the recipient saw what he was told about, and his list with the unread first."""

    dependencies = [
        ("notices", "0001_first_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="in_sight",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("recipient"),
                models.ExpressionWrapper(
                    models.Q(("read_at__isnull", False)), output_field=models.BooleanField()
                ),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="notices_inbox",
            ),
        ),
    ]
