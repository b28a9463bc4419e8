"""The server keeps statistics of what verdicts group by, so that several processes count; reversible."""

from django.db import migrations

STATISTICS = """
CREATE STATISTICS obligation_counted (ndistinct)
ON (CASE WHEN opener_id IS NULL THEN lower(period) END), (lower(period)), (owed_roles[1])
FROM obligations_obligation
"""


class Migration(migrations.Migration):
    dependencies = [("obligations", "0001_tables")]

    operations = [migrations.RunSQL(STATISTICS, "DROP STATISTICS obligation_counted")]
