"""The words that an item came in are kept as they are, or emptied: whoever asks."""

from django.db import migrations

KEEP = """
CREATE FUNCTION cases_keep_words() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.description <> '' THEN
        RAISE EXCEPTION 'the words of case % stay as they came', OLD.number
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Supplement the case; its words can only be emptied.';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER cases_case_words_kept BEFORE UPDATE ON cases_case
    FOR EACH ROW WHEN (NEW.description IS DISTINCT FROM OLD.description)
    EXECUTE FUNCTION cases_keep_words();
"""
UNDO = """
DROP TRIGGER cases_case_words_kept ON cases_case;
DROP FUNCTION cases_keep_words();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_referrals")]

    operations = [migrations.RunSQL(KEEP, UNDO)]
