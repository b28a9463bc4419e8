"""What a file says is encrypted at rest."""

from django.db import migrations

import huiyin.core.fields


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_empty_plain_rows")]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="notices",
            field=huiyin.core.fields.EncryptedJson(default=list),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="detail",
            field=huiyin.core.fields.EncryptedText(default=""),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="value",
            field=huiyin.core.fields.EncryptedText(default=""),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="values",
            field=huiyin.core.fields.EncryptedJson(default=None),
        ),
    ]
