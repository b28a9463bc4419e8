import django.db.models.deletion
from django.db import migrations, models


def _fact() -> models.ForeignKey:
    return models.ForeignKey(
        "ledger.fact",
        django.db.models.deletion.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )


class Migration(migrations.Migration):
    """What is owed by period, what a quota counts, and the engine facts behind an obligation."""

    dependencies = [
        ("ledger", "0003_read_by_day"),
        ("obligations", "0002_read_by_period"),
    ]

    operations = [
        migrations.AddField("obligation", "key_opener", models.BigIntegerField(null=True)),
        migrations.AddField("obligation", "first_due_at", models.DateTimeField(null=True)),
        migrations.AddField("obligation", "plan_on", models.DateField(null=True)),
        migrations.AddField("obligation", "needed", models.PositiveIntegerField(null=True)),
        migrations.AddField("obligation", "counted", models.PositiveIntegerField(default=0)),
        migrations.AddField("obligation", "met_fact", _fact()),
        migrations.AddField("obligation", "missed_fact", _fact()),
        migrations.CreateModel(
            "QuotaItem",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                (
                    "obligation",
                    models.ForeignKey(
                        "obligations.obligation",
                        django.db.models.deletion.PROTECT,
                        related_name="quota_items",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        "ledger.fact", django.db.models.deletion.PROTECT, related_name="+"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "quotaitem",
            models.UniqueConstraint(fields=["obligation", "key", "fact"], name="quota_item_once"),
        ),
    ]
