import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Deliveries, and how each notice goes by them."""

    dependencies = [
        ("ledger", "0003_read_by_day"),
        ("notices", "0003_mail_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(default="mail", max_length=10)),
                (
                    "kind",
                    models.CharField(
                        choices=[("single", "单条"), ("digest", "每日汇总")], max_length=8
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                ("message_id", models.CharField(max_length=340)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "待发"),
                            ("sending", "正在发送"),
                            ("sent", "已发"),
                            ("failed", "失败"),
                            ("dropped", "不发"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=20)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(default="", max_length=20)),
                ("error", models.CharField(default="", max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="Route",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(default="mail", max_length=10)),
                (
                    "way",
                    models.CharField(
                        choices=[("now", "立即"), ("digest", "每日汇总"), ("none", "不发")],
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=20)),
            ],
        ),
        migrations.AddField(
            model_name="delivery",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.target"
            ),
        ),
        migrations.AddField(
            model_name="route",
            name="delivery",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="routes",
                to="notices.delivery",
            ),
        ),
        migrations.AddField(
            model_name="route",
            name="notice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="routes",
                to="notices.notice",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["next_try_at", "id"],
                name="notices_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["claimed_at"],
                name="notices_sending",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "failed")),
                fields=["-failed_at", "-id"],
                name="notices_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sent")),
                fields=["channel", "-sent_at"],
                name="notices_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("trouble", ""), _negated=True),
                fields=["channel", "-failed_at"],
                name="notices_trouble",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["queued", "sending", "sent", "failed", "dropped"])
                ),
                name="notices_delivery_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "queued"), _negated=True),
                    ("next_try_at__isnull", False),
                    _connector="OR",
                ),
                name="notices_delivery_queued_has_its_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="route",
            index=models.Index(
                condition=models.Q(("delivery", None), ("reason", ""), ("way", "digest")),
                fields=["channel", "id"],
                name="notices_for_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="route",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel"), name="notices_route_once"
            ),
        ),
    ]
