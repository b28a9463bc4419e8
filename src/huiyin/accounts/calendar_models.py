"""The firm's work calendar: days that are not as their weekday says, and years that are settled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huiyin.ledger.models import Target


class CalendarDay(models.Model):
    """A day that a public notice or the firm itself says something about.

    ``calendar`` is the firm's (``cn``). A day may have two rows: what the notice says, and what
    the firm says, which wins. Days inside a holiday are all listed, weekends too. Without
    ``changed_by`` the day came with the software.
    """

    class Kind(models.TextChoices):
        PUBLIC = "public", _("公共假日")
        MAKEUP = "makeup", _("调休上班")
        OWN = "own", _("本单位规定")

    calendar = models.CharField(max_length=20)
    day = models.DateField()
    worked = models.BooleanField()
    name = models.CharField(max_length=40, default="")
    kind = models.CharField(max_length=6, choices=Kind)
    reason = models.TextField(default="")
    changed_by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                condition=Q(kind="own"),
                name="accounts_calendar_own_day_once",
            ),
            models.UniqueConstraint(
                fields=["calendar", "day"],
                condition=~Q(kind="own"),
                name="accounts_calendar_notice_day_once",
            ),
            models.CheckConstraint(
                name="accounts_calendar_day_kind",
                condition=Q(kind="own")
                | Q(kind="public", worked=False)
                | Q(kind="makeup", worked=True),
            ),
        ]


class CalendarYear(models.Model):
    """A year whose calendar is confirmed; a year without a row is not.

    ``source`` says what it was confirmed by. Without ``confirmed_at`` the year came confirmed with
    the software, when the firm was set up.
    """

    calendar = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    source = models.TextField()
    confirmed_by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "year"], name="accounts_calendar_year_once"
            ),
        ]
