"""Records and what belongs to them, appended and never changed."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ("record", "recordpresence", "signature", "photo", "blob", "handover")
FREEZE = """
CREATE TRIGGER records_{0}_frozen BEFORE UPDATE OR DELETE ON records_{0}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER records_{0}_not_emptied BEFORE TRUNCATE ON records_{0}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
THAW = """
DROP TRIGGER records_{0}_frozen ON records_{0};
DROP TRIGGER records_{0}_not_emptied ON records_{0};
"""


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("records", "0001_first_tables"),
        ("records", "0002_append_only"),
        ("records", "0003_reviews"),
    ]

    dependencies = [
        ("adoption", "0001_tables"),
        ("ledger", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("media_type", models.TextField()),
                ("size", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="NumberBook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.TextField()),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("form", "year"), name="record_number_book_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.TextField()),
                ("policy", models.TextField()),
                ("number", models.TextField()),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("happened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("values", models.JSONField(default=dict)),
                (
                    "about",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="ledger.target",
                    ),
                ),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="adoption.adoption",
                    ),
                ),
                (
                    "amends",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amended_by",
                        to="records.record",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "reviews",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviewed_by",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.TextField()),
                ("ordinal", models.PositiveSmallIntegerField()),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.blob",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.TextField(
                        choices=[
                            ("in_person", "当面"),
                            ("wechat", "微信"),
                            ("phone", "电话"),
                            ("sms", "短信"),
                            ("other", "其他"),
                        ]
                    ),
                ),
                ("handed_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("refused", models.BooleanField(default=False)),
                (
                    "blob",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.blob",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handovers",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecordPresence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="presences",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecordText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.TextField()),
                ("salt", models.BinaryField(max_length=16)),
                ("text", models.TextField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.TextField()),
                ("refused", models.BooleanField(default=False)),
                ("signed_at", models.DateTimeField()),
                (
                    "blob",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.blob",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="records.record",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["about", "-id"], name="record_about"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["customer", "-id"], name="record_customer"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["form", "happened_at"], name="record_form_happened"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.UniqueConstraint(
                fields=("form", "number", "version"), name="record_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amends", None), ("version", 1)),
                    models.Q(("amends__isnull", False), ("version__gt", 1)),
                    _connector="OR",
                ),
                name="record_later_version_amends",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                fields=("record", "field", "ordinal"), name="record_photo_once"
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["record", "id"], name="handover_record"),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("blob", None), ("refused", False), _connector="OR"),
                name="handover_signed_or_refused",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordpresence",
            constraint=models.UniqueConstraint(
                fields=("record", "person"), name="record_presence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="recordtext",
            constraint=models.UniqueConstraint(fields=("record", "field"), name="record_text_once"),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("record", "field"), name="record_signature_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("blob", None), ("refused", True)),
                    models.Q(("blob__isnull", False), ("refused", False)),
                    _connector="OR",
                ),
                name="record_signature_drawn_or_refused",
            ),
        ),
        *(migrations.RunSQL(FREEZE.format(table), THAW.format(table)) for table in TABLES),
    ]
