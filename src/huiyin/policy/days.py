"""How early and how late a date of a form may lie, seen from the day on which it is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.clocks import add_months, move_date, shift
from huiyin.policy.declared import Form, FormField, Text
from huiyin.policy.facts import Value
from huiyin.policy.lengths import NotALength, parse_length
from huiyin.policy.schema import Policy

FARTHEST = 12
"""Months: a date with a limit that lies farther off is a slip of the finger, whatever its reason."""


@dataclass(frozen=True, slots=True)
class Days:
    """The day on which a form is filled in, and by field the last day that needs no reason."""

    filed: date
    last: Mapping[str, date]


def days_of(
    policy: Policy,
    form: Form,
    *,
    settings: Mapping[str, str],
    at: datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
) -> Days:
    """The limits of a form that is filled in at a moment; a setting without a value limits nothing."""
    last = {}
    for key, declared in form.fields.items():
        if declared.latest is not None:
            text = policy.setting(declared.latest.setting, settings)
            if (day := last_day(text or "", at, zone, calendar)) is not None:
                last[key] = day
    return Days(at.astimezone(zone).date(), last)


def last_day(text: str, at: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> date | None:
    """The day of a moment moved on by a length; None for what is no length."""
    try:
        length = parse_length(text)
    except NotALength:
        return None
    if length.is_exact:
        return shift(at, length, zone, calendar).astimezone(zone).date()
    return move_date(at.astimezone(zone).date(), length, calendar)


def is_limited(form: Form) -> bool:
    return any(declared.earliest or declared.latest for declared in form.fields.values())


def wrong_days(form: Form, values: Mapping[str, Value], days: Days) -> dict[str, list[Text]]:
    """What is wrong with the dates, by field: too early, far off, or late without its reason."""
    found: dict[str, list[Text]] = {}
    for key, declared in form.fields.items():
        value = values.get(key)
        if isinstance(value, str) and (declared.earliest or declared.latest):
            found |= {
                field: [said]
                for field, said in _wrong(form, key, date.fromisoformat(value), values, days)
            }
    return found


def _wrong(
    form: Form, key: str, day: date, values: Mapping[str, Value], days: Days
) -> Iterator[tuple[str, Text]]:
    declared, filed = form.fields[key], days.filed
    if declared.earliest and day < filed:
        yield (
            key,
            Text(
                zh=f"不能早于填写的那一天（{filed}）",
                en=f"Cannot be before the day on which this is filled in ({filed})",
            ),
        )
    if declared.latest is None:
        return
    farthest = add_months(filed, FARTHEST)
    last = days.last.get(key)
    if day > farthest:
        yield (
            key,
            Text(
                zh=f"不能晚于 {farthest}，请核对年份",
                en=f"Cannot be after {farthest}; check the year",
            ),
        )
    elif last is not None and day > last and declared.latest.unless not in values:
        yield declared.latest.unless, _say_why(declared, last)


def _say_why(declared: FormField, last: date) -> Text:
    return Text(
        zh=f"“{declared.title.say('zh')}”晚于 {last}，请写明缘由",
        en=f"“{declared.title.say('en')}” is later than {last}: say why",
    )
