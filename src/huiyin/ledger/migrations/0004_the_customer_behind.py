import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose repair, case or contract it is: quotas and consents go by the customer behind it."""

    dependencies = [("ledger", "0003_read_by_day")]

    operations = [
        migrations.AddField(
            "target",
            "of_customer",
            models.ForeignKey(
                "ledger.target",
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddIndex(
            "target",
            models.Index(
                fields=["of_customer"],
                condition=models.Q(of_customer__isnull=False),
                name="ledger_target_of_customer",
            ),
        ),
    ]
