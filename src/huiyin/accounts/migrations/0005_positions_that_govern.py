"""Who saw the whole firm could also change its rules; from now on a position says so by itself."""

from django.db import migrations, models


def keep(apps, schema_editor):
    positions = apps.get_model("accounts", "Position").objects.using(schema_editor.connection.alias)
    positions.filter(scope="tree").update(governs=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_calendar_of_firms")]

    operations = [
        migrations.AddField("position", "governs", models.BooleanField(default=False)),
        # What a firm could do yesterday it can do tomorrow; it takes the right away itself.
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.AddConstraint(
            "position",
            models.CheckConstraint(
                condition=models.Q(("governs", False), ("scope", "tree"), _connector="OR"),
                name="accounts_position_governs",
            ),
        ),
    ]
