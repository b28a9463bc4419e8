"""Cases from a firm's own tables: not all say who took them down, and an import can be undone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_calendar_of_firms"),
        ("cases", "0008_search"),
        ("customers", "0004_since_when_is_known"),
        ("ledger", "0004_the_customer_behind"),
        ("records", "0003_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="retracted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="case",
            name="number",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="case",
            name="raised_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases_raised",
                to="accounts.person",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None)),
                fields=("number",),
                name="case_number_once",
            ),
        ),
    ]
