"""Facts are appended and never changed, whoever asks; a void is never voided itself."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Record a fact that voids the wrong one, then the right one.';
END $body$;
"""
FREEZE = """
CREATE TRIGGER ledger_fact_frozen BEFORE UPDATE OR DELETE ON ledger_fact
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_fact_not_emptied BEFORE TRUNCATE ON ledger_fact
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
VOIDS = """
CREATE FUNCTION ledger_check_void() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE voided ledger_fact%ROWTYPE;
BEGIN
    SELECT * INTO voided FROM ledger_fact WHERE id = NEW.voids_id;
    IF voided.voids_id IS NOT NULL THEN
        RAISE EXCEPTION 'fact % is a void and cannot be voided', NEW.voids_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF voided.target_id IS DISTINCT FROM NEW.target_id THEN
        RAISE EXCEPTION 'fact % is about another target than its void', NEW.voids_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER ledger_fact_void_checked BEFORE INSERT ON ledger_fact
    FOR EACH ROW WHEN (NEW.voids_id IS NOT NULL) EXECUTE FUNCTION ledger_check_void();
"""
UNDO = """
DROP TRIGGER ledger_fact_void_checked ON ledger_fact;
DROP FUNCTION ledger_check_void();
DROP TRIGGER ledger_fact_not_emptied ON ledger_fact;
DROP TRIGGER ledger_fact_frozen ON ledger_fact;
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_first_tables")]

    operations = [migrations.RunSQL(REFUSE + FREEZE + VOIDS, UNDO)]
