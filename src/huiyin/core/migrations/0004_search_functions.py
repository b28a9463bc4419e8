"""How a text is folded for comparison, and the pairs of characters that an index finds it by.

Both call built-in functions only, so that a dump is restored whatever its search path. No
classes of characters and no collations: what they mean differs from server to server.
"""

from django.db import migrations

FOLDED = r"""
CREATE FUNCTION huiyin_folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
RETURN translate(
    lower(normalize(words, NFKC) COLLATE "C"),
    U&' \0009\000a\000d\000b\000c\00ad\115f\1160\200b\200c\200d\2060\feff'
        || U&'-\2010\2012\2013\2014\2015\2212.\3002\00b7\2022\30fb\2027,\3001;:/()[]'
        || U&'\3014\3015\3010\3011\3008\3009\300a\300b\300c\300d\300e\300f'
        || U&'''"\2018\2019\201c\201d!?~\301c#',
    ''
);
"""
PAIRS = """
CREATE FUNCTION huiyin_pairs(folded text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN (
    SELECT coalesce(array_agg(DISTINCT pair COLLATE "C"), '{}')
    FROM (
        SELECT sign || lead(sign) OVER (ORDER BY at) AS pair
        FROM unnest(string_to_array(folded, NULL)) WITH ORDINALITY AS signs (sign, at)
    ) AS pairs
    WHERE pair IS NOT NULL
);
"""
# Not in SQL, which would be put in place of the call and lose its cost: the planner would then read
# all rows in order for a character that hardly any has.
SIGNS = """
CREATE FUNCTION huiyin_signs(folded text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS
'BEGIN RETURN pg_catalog.string_to_array(folded, NULL); END';
"""
UNDO = "DROP FUNCTION huiyin_signs(text); DROP FUNCTION huiyin_pairs(text); DROP FUNCTION huiyin_folded(text);"


class Migration(migrations.Migration):
    dependencies = [("core", "0003_backup_runs")]

    operations = [migrations.RunSQL(FOLDED + SIGNS + PAIRS, UNDO)]
