"""Attempts at a backup and how they ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_shared_cache")]

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
    ]
