"""Until now only visits raised cases, and the first decision about one was its notice."""

from django.db import migrations

FILL = "UPDATE cases_case SET at_visit = true, sorted_at = notified_at;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_words_unchanged")]

    # Going back drops the columns themselves.
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
