"""The names that are there already, spelled in letters."""

from django.db import migrations

from huiyin.core.pinyin import search_columns

READ = "SELECT target_id, coalesce(nullif(name, ''), number) FROM customers_customer"
WRITE = """
UPDATE customers_customer AS customer SET initials = given.initials, pinyin = given.pinyin
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given (id, initials, pinyin)
WHERE customer.target_id = given.id
"""
BATCH = 10_000


def spell(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(READ)
        named = cursor.fetchall()
        for start in range(0, len(named), BATCH):
            rows = [(id, *search_columns(name)) for id, name in named[start : start + BATCH]]
            cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_pinyin")]

    operations = [migrations.RunPython(spell, migrations.RunPython.noop)]
