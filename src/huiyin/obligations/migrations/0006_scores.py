import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    """The ledger of points."""

    dependencies = [
        ("adoption", "0003_parties_and_acknowledgements"),
        ("ledger", "0003_read_by_day"),
        ("obligations", "0005_what_was_voided_may_be_owed_anew"),
    ]

    operations = [
        migrations.CreateModel(
            "ScoreEntry",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.TextField()),
                ("rule", models.TextField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(models.TextField(), size=None),
                ),
                ("account", models.TextField()),
                ("points", models.IntegerField()),
                ("period", models.DateField()),
                ("occurrence", models.TextField()),
                ("counts_at", models.DateTimeField(null=True)),
                ("confirm", models.TextField(default="")),
                ("contested_at", models.DateTimeField(null=True)),
                ("booked_at", models.DateTimeField()),
                ("reversed", models.BooleanField(default=False)),
                ("adoption", models.ForeignKey("adoption.adoption", PROTECT, related_name="+")),
                (
                    "person",
                    models.ForeignKey("ledger.target", PROTECT, related_name="score_entries"),
                ),
                ("fact", models.ForeignKey("ledger.fact", PROTECT, null=True, related_name="+")),
                (
                    "reverses",
                    models.OneToOneField(
                        "obligations.scoreentry", PROTECT, null=True, related_name="reversed_by"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "scoreentry",
            models.UniqueConstraint(
                fields=["policy", "rule", "person", "occurrence"],
                condition=Q(reverses=None, reversed=False),
                name="score_once",
            ),
        ),
        migrations.AddIndex(
            "scoreentry",
            models.Index(fields=["person", "account", "period"], name="score_balance"),
        ),
    ]
