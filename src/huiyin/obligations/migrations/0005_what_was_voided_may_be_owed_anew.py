from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The key goes by the opener only where each one opens its own, and leaves out the voided."""

    dependencies = [("obligations", "0004_openers_of_the_key")]

    operations = [
        migrations.RemoveConstraint("obligation", "obligation_once"),
        migrations.AddConstraint(
            "obligation",
            models.UniqueConstraint(
                fields=[
                    "policy",
                    "line",
                    "target",
                    "key_opener",
                    "owed_roles",
                    "recipient",
                    "ordinal",
                    "period",
                ],
                name="obligation_once",
                condition=~Q(state="voided"),
                nulls_distinct=False,
            ),
        ),
    ]
