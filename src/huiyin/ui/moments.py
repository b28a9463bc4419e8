"""Moments in the words of somebody who plans his day: 今天 16:20, 逾期 6 小时, 周三, 12月3日."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"),
    gettext_lazy("周五"), gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip


def due_words(due: datetime | None, *, now: datetime, zone: tzinfo) -> str:
    """A deadline as a row shows it; empty without one.

    A day that ends at 24:00 is stored as the next day's 00:00 and shown as the day itself.
    """
    if due is None:
        return ""
    if now > due:
        return late_words(now - due)
    day, clock = _local(due, zone)
    today = now.astimezone(zone).date()
    away = (day - today).days
    if away <= 1:
        return f"{_('今天') if away <= 0 else _('明天')} {clock}".strip()
    if away < len(WEEKDAYS):
        return f"{WEEKDAYS[day.weekday()]} {clock}".strip()
    return f"{day_words(day, today=today)} {clock}".strip()


def day_words(day: date, *, today: date | None = None) -> str:
    """A day without its year: 3月5日; with it where it is not the year of ``today``.

    Django's own Chinese format would say 03月5日.
    """
    if today is not None and day.year != today.year:
        return date_format(day, pgettext("date format", "Y年n月j日"))
    return date_format(day, pgettext("date format", "n月j日"))


def moment_words(moment: datetime | None) -> str:
    """A moment as a list says it, in the zone that is active; empty without one."""
    return date_format(localtime(moment), "Y-m-d H:i") if moment else ""


def due_tone(due: datetime | None, *, now: datetime, zone: tzinfo) -> str:
    """``late`` past it, ``due`` until midnight of its day, else neutral."""
    if due is None:
        return ""
    if now > due:
        return "late"
    return "due" if _local(due, zone)[0] == now.astimezone(zone).date() else ""


def last_of(due: datetime, zone: tzinfo) -> date | datetime:
    """A deadline as a sheet holds it: the day that ends with it, else the moment."""
    day, clock = _local(due, zone)
    return due if clock else day


def late_words(late: timedelta) -> str:
    """How long something is overdue, in its largest whole unit."""
    minutes = max(1, int(late.total_seconds() // 60))
    if minutes < 60:
        return ngettext("逾期 %(n)s 分钟", "逾期 %(n)s 分钟", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("逾期 %(n)s 小时", "逾期 %(n)s 小时", hours) % {"n": hours}
    return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", hours // 24) % {"n": hours // 24}


def until_words(due: datetime, *, zone: tzinfo) -> str:
    """A deadline as a paper states it: 2026-11-13, or with the time of day when it has one."""
    day, clock = _local(due, zone)
    return f"{day:%Y-%m-%d} {clock}".strip()


def _local(moment: datetime, zone: tzinfo):  # type: ignore[no-untyped-def]
    local = moment.astimezone(zone)
    if local.time() == time.min:
        return local.date() - timedelta(days=1), ""
    return local.date(), f"{local:%H:%M}"
