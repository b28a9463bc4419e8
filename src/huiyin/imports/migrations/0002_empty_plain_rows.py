"""Rows that were staged so far lay in plain. A batch that was applied does not need them: its numbers
stand on it, and its refused rows are in the file that they came from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_first_tables")]

    operations = [
        # What was deleted cannot come back; the file can be imported again.
        migrations.RunSQL("DELETE FROM imports_stagedrow", migrations.RunSQL.noop),
    ]
