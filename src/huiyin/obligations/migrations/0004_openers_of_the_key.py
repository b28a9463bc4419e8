from django.db import migrations

FILL = "UPDATE obligations_obligation SET key_opener = opener_id WHERE key_opener IS NULL"


class Migration(migrations.Migration):
    """So far every obligation was opened by a fact of its own."""

    dependencies = [("obligations", "0003_periods_and_quotas")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
