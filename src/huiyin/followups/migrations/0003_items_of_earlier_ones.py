"""What an earlier follow-up raised stood where now only a re-visited case does."""

from django.db import migrations

MOVE = """
INSERT INTO followups_followup_raised (followup_id, case_id)
SELECT id, case_id FROM followups_followup WHERE case_id IS NOT NULL AND case_id <> about_id;
UPDATE followups_followup SET case_id = NULL WHERE case_id <> about_id;
"""
BACK = """
UPDATE followups_followup SET case_id = raised.case_id
FROM (SELECT followup_id, min(case_id) AS case_id FROM followups_followup_raised GROUP BY 1) raised
WHERE raised.followup_id = id AND followups_followup.case_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("followups", "0002_several_items")]

    operations = [migrations.RunSQL(MOVE, BACK)]
