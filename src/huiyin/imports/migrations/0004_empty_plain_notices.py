"""What was noticed about files so far lies in plain, which an encrypted column cannot read."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_encrypted_rows")]

    operations = [
        migrations.RunSQL("UPDATE imports_importbatch SET notices = ''", migrations.RunSQL.noop),
    ]
