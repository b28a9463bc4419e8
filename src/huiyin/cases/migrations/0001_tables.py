"""Cases and what is done about them."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import huiyin.core.search

KEEP = """
CREATE FUNCTION cases_keep_words() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.description <> '' THEN
        RAISE EXCEPTION 'the words of case % stay as they came', OLD.number
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Supplement the case; its words can only be emptied.';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER cases_case_words_kept BEFORE UPDATE ON cases_case
    FOR EACH ROW WHEN (NEW.description IS DISTINCT FROM OLD.description)
    EXECUTE FUNCTION cases_keep_words();
"""
UNDO = """
DROP TRIGGER cases_case_words_kept ON cases_case;
DROP FUNCTION cases_keep_words();
"""


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("cases", "0001_first_tables"),
        ("cases", "0002_customers_behind"),
        ("cases", "0003_every_kind_of_item"),
        ("cases", "0004_answer_decision_handling"),
        ("cases", "0005_referrals"),
        ("cases", "0006_words_unchanged"),
        ("cases", "0007_earlier_ones_came_from_visits"),
        ("cases", "0008_search"),
        ("cases", "0009_imported"),
        ("cases", "0010_entrusted_to_the_officer"),
    ]

    dependencies = [
        ("core", "0001_tables"),
        ("accounts", "0001_tables"),
        ("customers", "0001_tables"),
        ("ledger", "0001_tables"),
        ("records", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="case",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("number", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("problem", "问题"),
                            ("complaint", "投诉"),
                            ("question", "询问"),
                            ("opinion", "意见"),
                            ("request", "要求"),
                            ("suggestion", "建议"),
                            ("finding", "检查发现"),
                        ]
                    ),
                ),
                ("origin", models.TextField()),
                (
                    "severity",
                    models.TextField(
                        choices=[("minor", "一般"), ("moderate", "较重"), ("major", "重大")]
                    ),
                ),
                ("description", models.TextField()),
                ("raised_at", models.DateTimeField()),
                ("at_visit", models.BooleanField(default=False)),
                ("safety", models.BooleanField(default=False)),
                ("topic", models.TextField(default="")),
                ("answered_at_once", models.BooleanField(default=False)),
                ("promised_reply_at", models.DateTimeField(null=True)),
                ("sorted_at", models.DateTimeField(null=True)),
                (
                    "stage",
                    models.TextField(
                        choices=[
                            ("raised", "已提出"),
                            ("promised", "已约答复"),
                            ("notified", "已通知"),
                            ("rectified", "已整改"),
                            ("revisited", "已复访"),
                            ("decided", "已决定"),
                            ("handled", "已处理"),
                            ("replied", "已答复"),
                            ("closed", "已关闭"),
                        ],
                        default="raised",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("notified_at", models.DateTimeField(null=True)),
                ("rectify_by", models.DateTimeField(null=True)),
                ("rectified_at", models.DateTimeField(null=True)),
                ("revisited_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    models.TextField(
                        choices=[("adopted", "采纳"), ("not_adopted", "不采纳")], default=""
                    ),
                ),
                ("decision_reason", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("handling", models.TextField(default="")),
                ("handled_at", models.DateTimeField(null=True)),
                ("reply_to_customer", models.TextField(default="")),
                (
                    "reply_channel",
                    models.TextField(
                        choices=[
                            ("visit", "当面"),
                            ("phone", "电话"),
                            ("message", "微信或短信"),
                            ("letter", "书面"),
                        ],
                        default="",
                    ),
                ),
                ("replied_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("solved", "已解决"),
                            ("explained", "已解释，客户认可"),
                            ("compensated", "已补偿"),
                            ("unfounded", "查明不成立"),
                            ("withdrawn", "客户撤回"),
                        ],
                        default="",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("retracted_at", models.DateTimeField(null=True)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            huiyin.core.search.Folded("number"),
                            models.Value(" ", output_field=models.TextField()),
                            huiyin.core.search.Folded("description"),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "complained_about",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="customers.customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_raised",
                        to="accounts.person",
                    ),
                ),
                (
                    "rectifier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "repairer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_to_rectify",
                        to="accounts.person",
                    ),
                ),
                (
                    "revisit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.record",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_about",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("ruling", models.TextField(default="")),
                ("ruled_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="cases.case",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals_to_rule_on",
                        to="accounts.person",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("stage", "closed"), _negated=True),
                fields=["stage", "raised_at"],
                name="case_open",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("stage", "closed")),
                fields=["-closed_at", "-target"],
                name="case_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["subject", "target"], name="case_subject"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["raised_at"], name="case_raised"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                huiyin.core.search.Signs("search"), name="case_signs"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                huiyin.core.search.Pairs("search"), name="case_pairs"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None)),
                fields=("number",),
                name="case_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("stage", "closed")),
                    models.Q(models.Q(("stage", "closed"), _negated=True), ("closed_at", None)),
                    _connector="OR",
                ),
                name="case_closed_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rectified_at", None), ("rectifier", None)),
                    models.Q(("rectified_at__isnull", False), ("rectifier__isnull", False)),
                    _connector="OR",
                ),
                name="case_rectified_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "notified"), _negated=True),
                    models.Q(("notice__isnull", False), ("notified_at__isnull", False)),
                    _connector="OR",
                ),
                name="case_notified_has_its_notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("replied_at", None), ("reply_to_customer", "")),
                    models.Q(
                        models.Q(("reply_to_customer", ""), _negated=True),
                        ("replied_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="case_reply_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("subject__isnull", False), ("customer__isnull", False), _connector="OR"
                ),
                name="case_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("decision", "")),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="case_decided_says_how_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handled_at", None), ("handled_by", None)),
                    models.Q(("handled_at__isnull", False), ("handled_by__isnull", False)),
                    _connector="OR",
                ),
                name="case_handled_says_by_whom",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["case", "-id"], name="referral_of_case"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ruled_at", None)),
                fields=("case",),
                name="referral_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ruled_at", None), ("ruling", "")),
                    models.Q(models.Q(("ruling", ""), _negated=True), ("ruled_at__isnull", False)),
                    _connector="OR",
                ),
                name="referral_ruling_says_when",
            ),
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
