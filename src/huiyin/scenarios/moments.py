"""Moments as scenarios write them: in the firm's zone, a day ending at 24:00."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.scenarios.errors import Misused

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?")


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """``2026-03-05 24:00`` in a zone as an instant in UTC. Raises Misused."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None or match[2] is None:
        raise Misused(_("“%(text)s”不是时刻，应写成 2026-03-05 09:00 的样子") % {"text": text})
    day, clock = read_day(match[1]), (int(match[2]), int(match[3]), int(match[4] or 0))
    if clock == (24, 0, 0):
        day, clock = day + timedelta(days=1), (0, 0, 0)
    try:
        return datetime.combine(day, time(*clock), zone).astimezone(UTC)
    except ValueError:
        raise Misused(_("“%(text)s”里的钟点不存在") % {"text": text}) from None


def read_day(text: str) -> date:
    """``2026-03-05`` as a date. Raises Misused."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Misused(_("“%(text)s”不是日期，应写成 2026-03-05 的样子") % {"text": text}) from None


def read_month(text: str) -> date:
    """``2026-03`` as its first day. Raises Misused."""
    return read_day(f"{text}-01")


def write_moment(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant as scenarios write it: midnight is 24:00 of the day that ends."""
    if moment is None:
        return "无时限"
    local = moment.astimezone(zone)
    if local.time() == time.min:
        return f"{local.date() - timedelta(days=1)} 24:00"
    seconds = local.strftime(":%S") if local.second else ""
    return local.strftime("%Y-%m-%d %H:%M") + seconds
