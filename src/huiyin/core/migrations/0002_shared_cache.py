"""A table for what all web processes must count together: tries at the sign-in, used codes."""

from django.db import migrations

# As Django's own `createcachetable` makes it, which cannot be run as a migration.
MAKE = """
CREATE TABLE core_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_first_tables")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE core_cache;")]
