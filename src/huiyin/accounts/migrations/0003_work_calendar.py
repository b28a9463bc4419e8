"""The work calendar: days that are not as their weekday says, confirmed years, end of work."""

import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_leave"), ("ledger", "0001_first_tables")]

    operations = [
        migrations.AddField(
            model_name="firm",
            name="end_of_work",
            field=models.TimeField(default=datetime.time(18, 0)),
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
    ]
