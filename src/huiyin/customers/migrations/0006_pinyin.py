"""How a name is typed in letters; empty until the next step reads the names that are there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_search")]

    operations = [
        *(
            migrations.AddField(
                model_name="customer",
                name=name,
                field=models.TextField(blank=True, db_collation="C", default=""),
            )
            for name in ("initials", "pinyin")
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["initials"], name="customer_initials"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["pinyin", "target"], name="customer_pinyin"),
        ),
    ]
