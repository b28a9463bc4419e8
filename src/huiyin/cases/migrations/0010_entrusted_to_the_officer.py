"""Cases of a repair were entrusted to the repairer alone; the customer's officer sees them too."""

from django.db import migrations

ENTRUST = """
UPDATE ledger_target target SET owner_id = COALESCE(subject.owner_id, customer.owner_id)
FROM cases_case c
JOIN ledger_target customer ON customer.id = c.customer_id
LEFT JOIN ledger_target subject ON subject.id = c.subject_id
WHERE target.id = c.target_id AND target.owner_id = c.repairer_id
  AND COALESCE(subject.owner_id, customer.owner_id) <>
      COALESCE(c.complained_about_id, 0)
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_imported")]

    # To whom a case was entrusted before is what its repairer is still.
    operations = [migrations.RunSQL(ENTRUST, migrations.RunSQL.noop)]
