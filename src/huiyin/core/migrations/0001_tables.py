"""Keys of requests that were answered, what processes count together, how texts are folded and found."""

from django.db import migrations, models

# As Django's own `createcachetable` makes it, which cannot be run as a migration.
CACHE = """
CREATE TABLE core_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""
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
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("core", "0001_first_tables"),
        ("core", "0002_shared_cache"),
        ("core", "0003_backup_runs"),
        ("core", "0004_search_functions"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BackupRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("path", models.TextField()),
                ("size", models.BigIntegerField(default=0)),
                ("digest", models.TextField(default="")),
                ("verified", models.BooleanField(default=False)),
                ("error", models.TextField(default="")),
                ("key_copied", models.TextField(default="")),
            ],
            options={
                "indexes": [models.Index(fields=["-started_at"], name="core_backup_newest")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("actor", models.BigIntegerField(null=True)),
                ("request_digest", models.CharField(max_length=64)),
                ("response_ref", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "actor"),
                        name="core_idempotency_key_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(CACHE, "DROP TABLE core_cache;"),
        migrations.RunSQL(FOLDED + SIGNS + PAIRS, UNDO),
    ]
