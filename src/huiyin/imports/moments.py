"""Dates and moments as people and programs write them, in a stated time zone.

The rules: a format that the map names is the only one tried on text; real date cells are always
taken. A day without a time begins at 00:00. `24:00` is the next day's 00:00. A local time that a
clock change skipped is refused; one that it brought twice is refused unless the map says which.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from huiyin.core.punctuation import listed
from huiyin.core.words import YEARS
from huiyin.imports.maps import EXCEL
from huiyin.imports.refusals import BadValue

# A workbook that counts from 1900 believes in 29 February 1900: days before are off by one.
FIRST_CERTAIN_DAY = date(1900, 3, 1)
DAYS = range(1900, 2201)
"""Years of days without a time: a date of birth may lie so far back."""
SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's day numbers have no zone)
LAST_SERIAL = 109_573  # the end of 2199

WRITTEN = re.compile(
    r"(?P<year>\d{4})"
    r"(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|年(?P<zh_month>\d{1,2})月(?P<zh_day>\d{1,2})日|(?P<c_month>\d{2})(?P<c_day>\d{2}))"
    r"(?:[T\s]*(?P<hour>\d{1,2})(?:"
    r":(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"|[时点](?:(?P<zh_minute>\d{1,2})分?(?:(?P<zh_second>\d{1,2})秒)?)?)"
    r"\s*(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a map says that moments are written: the zone, the formats, and what a doubled hour means."""

    zone: ZoneInfo
    formats: tuple[str, ...] = ()
    ambiguous: str = "refuse"


def read_moment(cell: date | time | str | float, calendar: Calendar) -> datetime:
    """The instant in UTC. Raises BadValue, also for the years that programs write for nothing."""
    if isinstance(cell, date) and cell.year not in YEARS:
        raise BadValue("year")
    local = _local(cell, calendar)
    if local.year not in YEARS:
        raise BadValue("year")
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return _in_zone(local, calendar)


def read_date(cell: date | time | str | float, calendar: Calendar) -> date:
    """The day, without any zone. Raises BadValue."""
    found = _local(cell, calendar).date()
    if found.year not in DAYS:
        raise BadValue("year_of_day")
    return found


def _local(cell: date | time | str | float, calendar: Calendar) -> datetime:
    if isinstance(cell, time):
        raise BadValue("date")
    if isinstance(cell, date):
        return _from_workbook(cell)
    if isinstance(cell, int | float):
        return _from_serial(cell, calendar)
    text = unicodedata.normalize("NFKC", cell)
    named = [form for form in calendar.formats if form != EXCEL]
    if EXCEL in calendar.formats and re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        return _from_serial(float(text), calendar)
    return _by_format(text, named) if named else _as_written(text)


def _from_workbook(cell: date) -> datetime:
    found = cell if isinstance(cell, datetime) else datetime.combine(cell, time.min)
    if found.date() < FIRST_CERTAIN_DAY:
        raise BadValue("uncertain_day")
    return found


def _from_serial(number: float, calendar: Calendar) -> datetime:
    if EXCEL not in calendar.formats:
        if not calendar.formats and number == int(number):
            return _as_written(str(int(number)))  # 20261123 typed into a number cell
        raise BadValue("date")
    if not 61 <= number < LAST_SERIAL:
        raise BadValue("no_such_date")
    exact = SERIAL_ZERO + timedelta(days=number)
    return (exact + timedelta(milliseconds=500)).replace(microsecond=0)


def _by_format(text: str, formats: list[str]) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 (the map names the zone)
        except ValueError:
            continue
    raise BadValue("date", detail=listed(formats))


def _as_written(text: str) -> datetime:
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise BadValue("date")
    part = found.groupdict()
    try:
        day = date(
            int(part["year"]),
            int(part["month"] or part["zh_month"] or part["c_month"]),
            int(part["day"] or part["zh_day"] or part["c_day"]),
        )
        return _at_time(day, part)
    except (ValueError, OverflowError) as error:
        raise BadValue("no_such_date") from error


def _at_time(day: date, part: dict[str, str | None]) -> datetime:
    hour = int(part["hour"] or 0)
    minute = int(part["minute"] or part["zh_minute"] or 0)
    second = int(part["second"] or part["zh_second"] or 0)
    micro = int((part["fraction"] or "")[:6].ljust(6, "0"))
    if hour == 24 and not (minute or second or micro):
        day, hour = day + timedelta(days=1), 0
    naive = datetime.combine(day, time(hour, minute, second, micro))
    return naive if part["offset"] is None else naive.replace(tzinfo=_offset(part["offset"]))


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "").ljust(4, "0")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _in_zone(local: datetime, calendar: Calendar) -> datetime:
    first, second = (local.replace(tzinfo=calendar.zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        # Of a skipped time the round trip through UTC shows another clock; of a doubled one not.
        if first.astimezone(UTC).astimezone(calendar.zone).replace(tzinfo=None) != local:
            raise BadValue("time_skipped")
        if calendar.ambiguous == "refuse":
            raise BadValue("time_twice")
    chosen = second if calendar.ambiguous == "later" else first
    return chosen.astimezone(UTC)
