import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    """Parents and children of subjects."""

    dependencies = [("subjects", "0002_customers_behind")]

    operations = [
        migrations.CreateModel(
            "SubjectLink",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey("subjects.subject", PROTECT, related_name="links_down"),
                ),
                (
                    "child",
                    models.ForeignKey("subjects.subject", PROTECT, related_name="links_up"),
                ),
            ],
        ),
        migrations.AddConstraint(
            "subjectlink",
            models.UniqueConstraint(fields=["parent", "child"], name="subject_link_once"),
        ),
        migrations.AddConstraint(
            "subjectlink",
            models.CheckConstraint(condition=~Q(parent=F("child")), name="subject_link_to_another"),
        ),
    ]
