"""Keys of requests that were answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
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
    ]
