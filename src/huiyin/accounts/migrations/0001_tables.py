"""The firm, its people, posts, leave and work calendar."""

import datetime

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import huiyin.accounts.fields


class Migration(migrations.Migration):
    initial = True

    # What installations of before the first release have applied one by one.
    replaces = [
        ("accounts", "0001_first_tables"),
        ("accounts", "0002_leave"),
        ("accounts", "0003_work_calendar"),
        ("accounts", "0004_calendar_of_firms"),
        ("accounts", "0005_positions_that_govern"),
        ("accounts", "0006_heartbeat"),
        ("accounts", "0007_positions_that_lead"),
    ]

    dependencies = [
        ("ledger", "0001_tables"),
    ]

    operations = [
        # The exclusion of overlapping posts compares plain columns with GiST.
        BtreeGistExtension(),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("username", models.CharField(max_length=60, unique=True, verbose_name="用户名")),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Firm",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("time_zone", models.CharField(default="Asia/Shanghai", max_length=60)),
                ("calendar", models.CharField(default="cn", max_length=20)),
                ("end_of_work", models.TimeField(default=datetime.time(18, 0))),
                ("demo", models.BooleanField(default=False)),
                ("trial", models.BooleanField(default=False)),
                ("beat_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="accounts_firm_is_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="as_person",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("number", models.CharField(max_length=20, unique=True)),
                ("left_on", models.DateField(null=True)),
                (
                    "user",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                (
                    "deputy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to="accounts.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="accounts.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("code", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=40)),
                (
                    "scope",
                    models.CharField(
                        choices=[("own", "本人经办"), ("unit", "本单位"), ("tree", "本单位及下级")],
                        default="own",
                        max_length=4,
                    ),
                ),
                ("leads", models.BooleanField(default=True)),
                ("governs", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["own", "unit", "tree"])),
                        name="accounts_position_scope",
                    ),
                    models.UniqueConstraint(fields=("title",), name="accounts_position_title_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("governs", False),
                            models.Q(("leads", True), ("scope", "tree")),
                            _connector="OR",
                        ),
                        name="accounts_position_governs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "target",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="as_unit",
                        serialize=False,
                        to="ledger.target",
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("kind", models.CharField(default="zone", max_length=20)),
                ("path", models.CharField(max_length=400)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="accounts.person",
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="accounts.position",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="accounts.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("calendar", models.CharField(max_length=20)),
                ("day", models.DateField()),
                ("worked", models.BooleanField()),
                ("name", models.CharField(default="", max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("public", "公共假日"),
                            ("makeup", "调休上班"),
                            ("own", "本单位规定"),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField(default="")),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "own")),
                        fields=("calendar", "day"),
                        name="accounts_calendar_own_day_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "own"), _negated=True),
                        fields=("calendar", "day"),
                        name="accounts_calendar_notice_day_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "own"),
                            models.Q(("kind", "public"), ("worked", False)),
                            models.Q(("kind", "makeup"), ("worked", True)),
                            _connector="OR",
                        ),
                        name="accounts_calendar_day_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("calendar", models.CharField(max_length=20)),
                ("year", models.PositiveSmallIntegerField()),
                ("source", models.TextField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.target",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar", "year"), name="accounts_calendar_year_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name"], name="accounts_person_name"),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_on__gte", models.F("from_on"))), name="accounts_leave_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deputy", None),
                    models.Q(("deputy", models.F("person")), _negated=True),
                    _connector="OR",
                ),
                name="accounts_leave_deputy_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("person", "="),
                    (
                        huiyin.accounts.fields.InclusiveDateRange(
                            "from_on",
                            "to_on",
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="accounts_leave_no_overlap",
            ),
        ),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(
                fields=["path"], name="accounts_unit_path", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("path",), name="accounts_unit_path_once"),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                fields=("parent", "name"), name="accounts_unit_name_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("target")), _negated=True),
                name="accounts_unit_not_its_own_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["position", "unit"], name="accounts_post_holders"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_on", None), ("to_on__gte", models.F("from_on")), _connector="OR"
                ),
                name="accounts_post_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("person", "="),
                    ("position", "="),
                    ("unit", "="),
                    (
                        huiyin.accounts.fields.InclusiveDateRange(
                            "from_on",
                            "to_on",
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="accounts_post_no_overlap",
            ),
        ),
    ]
