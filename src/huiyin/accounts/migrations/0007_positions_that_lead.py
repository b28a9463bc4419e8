"""Who saw units also led them; from now on a position says so by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_heartbeat")]

    operations = [
        # What a firm could do yesterday it can do tomorrow; it takes the right away itself.
        migrations.AddField("position", "leads", models.BooleanField(default=True)),
        migrations.RemoveConstraint("position", "accounts_position_governs"),
        migrations.AddConstraint(
            "position",
            models.CheckConstraint(
                condition=models.Q(
                    ("governs", False),
                    models.Q(("leads", True), ("scope", "tree")),
                    _connector="OR",
                ),
                name="accounts_position_governs",
            ),
        ),
    ]
