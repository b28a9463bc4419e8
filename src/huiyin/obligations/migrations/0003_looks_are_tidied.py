"""The queue of what is looked at next stays short: entries of what was swept do not stay before it.

Where little changes, vacuum leaves the indexes as they are, and where much changes it comes late:
every minute's sweep would read past them. Reversible.
"""

from django.db import migrations

TIDIED = "vacuum_index_cleanup, autovacuum_vacuum_scale_factor"
TIDY = """
ALTER TABLE obligations_obligation
SET (vacuum_index_cleanup = on, autovacuum_vacuum_scale_factor = 0.02)
"""


class Migration(migrations.Migration):
    dependencies = [("obligations", "0002_what_is_counted")]

    operations = [
        migrations.RunSQL(TIDY, f"ALTER TABLE obligations_obligation RESET ({TIDIED})"),
    ]
