"""A follow-up may bring several items back, each a case of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_referrals"),
        ("followups", "0001_first_tables"),
    ]

    operations = [
        migrations.AlterField(
            model_name="followup",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisits",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="raised",
            field=models.ManyToManyField(related_name="found_by", to="cases.case"),
        ),
    ]
