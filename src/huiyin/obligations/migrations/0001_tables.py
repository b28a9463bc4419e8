"""Obligations, periods, quotas, scores and verdicts."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("obligations", "0001_first_tables"),
        ("obligations", "0002_read_by_period"),
        ("obligations", "0003_periods_and_quotas"),
        ("obligations", "0004_openers_of_the_key"),
        ("obligations", "0005_what_was_voided_may_be_owed_anew"),
        ("obligations", "0006_scores"),
        ("obligations", "0007_obstacles"),
        ("obligations", "0008_indexes_of_what_is_asked"),
        ("obligations", "0009_questions_are_answered_by_facts"),
    ]

    dependencies = [
        ("adoption", "0001_tables"),
        ("ledger", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Obligation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.TextField()),
                ("duty", models.TextField()),
                ("line", models.TextField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("key_opener", models.BigIntegerField(null=True)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField(null=True)),
                (
                    "owed_roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("ordinal", models.IntegerField(default=0)),
                ("values", models.JSONField(default=dict)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("first_due_at", models.DateTimeField(null=True)),
                ("plan_on", models.DateField(null=True)),
                ("provisional", models.BooleanField(default=False)),
                ("needed", models.PositiveIntegerField(null=True)),
                ("counted", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("open", "待办"),
                            ("done", "已办"),
                            ("waived", "免除"),
                            ("voided", "撤销"),
                            ("blocked", "受阻"),
                        ],
                        default="open",
                    ),
                ),
                ("done_at", models.DateTimeField(null=True)),
                ("done_recorded_at", models.DateTimeField(null=True)),
                ("next_look_at", models.DateTimeField(null=True)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("missed", models.BooleanField(default=False)),
                ("blocked_by", models.TextField(default="")),
                ("obstructed_by", models.TextField(db_default="", default="")),
                ("obstructed_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="adoption.adoption",
                    ),
                ),
                (
                    "excluded",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_obligations",
                        to="ledger.target",
                    ),
                ),
                (
                    "met_fact",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "missed_fact",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "opener",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opened",
                        to="ledger.fact",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled",
                        to="ledger.fact",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.TextField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("missing", models.TextField()),
                ("key", models.TextField(unique=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="adoption.adoption",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QuotaItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "obligation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quota_items",
                        to="obligations.obligation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.TextField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("act", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="adoption.adoption",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScoreEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.TextField()),
                ("rule", models.TextField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("account", models.TextField()),
                ("points", models.IntegerField()),
                ("period", models.DateField()),
                ("occurrence", models.TextField()),
                ("counts_at", models.DateTimeField(null=True)),
                ("confirm", models.TextField(default="")),
                ("contested_at", models.DateTimeField(null=True)),
                ("booked_at", models.DateTimeField()),
                ("reversed", models.BooleanField(default=False)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="adoption.adoption",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="score_entries",
                        to="ledger.target",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="obligations.scoreentry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShareCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("duty", models.TextField()),
                ("period", models.DateField()),
                ("ends_at", models.DateTimeField()),
                ("counts", models.JSONField(default=dict)),
                ("closed", models.BooleanField(default=False)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="adoption.adoption",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShareItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "eligible",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "allotted",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="obligations.sharecount",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fact",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["next_look_at", "id"],
                name="obligation_look",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "blocked"])),
                fields=["holder", "due_at", "id"],
                include=("plan_on", "obstructed_by"),
                name="obligation_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("holder", None), ("state__in", ["open", "blocked"])),
                fields=["due_at", "id"],
                name="obligation_pool",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(fields=["target", "id"], name="obligation_target"),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "blocked"])),
                fields=["due_at"],
                name="obligation_waiting_due",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("opener__isnull", False)),
                fields=["opener"],
                name="obligation_opener",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("settled_by__isnull", False)),
                fields=["settled_by"],
                name="obligation_settled_by",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                models.F("holder"),
                django.contrib.postgres.fields.ranges.RangeStartsWith("period"),
                condition=models.Q(("opener__isnull", True), ("period__isnull", False)),
                name="obligation_round",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(fields=["policy", "due_at"], name="obligation_policy_due"),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                models.F("policy"),
                django.contrib.postgres.fields.ranges.RangeStartsWith("period"),
                condition=models.Q(("period__isnull", False)),
                name="obligation_period",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("state", "blocked")), fields=["id"], name="obligation_blocked"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "voided"), _negated=True),
                fields=(
                    "policy",
                    "line",
                    "target",
                    "key_opener",
                    "owed_roles",
                    "recipient",
                    "ordinal",
                    "period",
                ),
                name="obligation_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("obstructed_at", None), ("obstructed_by", "")),
                    models.Q(
                        models.Q(("obstructed_by", ""), _negated=True),
                        ("obstructed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="obligation_obstructed_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(("done_at__isnull", False), ("settled_by__isnull", False)),
                    _connector="OR",
                ),
                name="obligation_done_has_its_fact",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaitem",
            constraint=models.UniqueConstraint(
                fields=("obligation", "key", "fact"), name="quota_item_once"
            ),
        ),
        migrations.AddIndex(
            model_name="scoreentry",
            index=models.Index(fields=["person", "account", "period"], name="score_balance"),
        ),
        migrations.AddConstraint(
            model_name="scoreentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reversed", False), ("reverses", None)),
                fields=("policy", "rule", "person", "occurrence"),
                name="score_once",
            ),
        ),
        migrations.AddIndex(
            model_name="sharecount",
            index=models.Index(
                condition=models.Q(("closed", False)),
                fields=["ends_at"],
                name="share_count_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecount",
            constraint=models.UniqueConstraint(
                fields=("adoption", "duty", "period"), name="share_count_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="shareitem",
            constraint=models.UniqueConstraint(fields=("count", "fact"), name="share_item_once"),
        ),
    ]
