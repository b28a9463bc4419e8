"""Records and what belongs to them are appended and never changed, whoever asks.

Not among them: the number book, which counts, and the texts, which may have to be erased.
"""

from django.db import migrations

TABLES = ("record", "recordpresence", "signature", "photo", "blob", "handover")
FREEZE = """
CREATE TRIGGER records_{0}_frozen BEFORE UPDATE OR DELETE ON records_{0}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER records_{0}_not_emptied BEFORE TRUNCATE ON records_{0}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
THAW = """
DROP TRIGGER records_{0}_frozen ON records_{0};
DROP TRIGGER records_{0}_not_emptied ON records_{0};
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0001_first_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FREEZE.format(table), THAW.format(table)) for table in TABLES]
