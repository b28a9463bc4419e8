"""What the reference opens by period: cadences, rhythms, silence, dates ahead, quotas."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from tests.simulate.days import DAY, Due, Span
from tests.simulate.ground import Event, Thing, Version
from tests.simulate.openings import Openings

Duty = Mapping[str, Any]
HORIZON = timedelta(days=30)
YEAR = timedelta(days=366)
TICK = timedelta(microseconds=1)


class Periods(Openings):
    """The planner: it may run at any time, and again."""

    def plan(self, now: datetime) -> None:
        self.now = now
        for version in self.versions:
            if version.starts <= now:
                self.plan_version(version)
                self._release_leavers(version)

    def plan_version(self, version: Version) -> None:
        for key, duty in version.duties.items():
            if "since" in duty:
                self._plan_silence(version, key, duty)
            elif "before" in duty:
                if version.applies(self.now):
                    for target, thing in self.members(duty):
                        self._plan_before(version, key, duty, target, thing)
            elif "on" not in duty:
                for span in self._spans(version, key, duty):
                    self._plan_span(version, key, duty, span)
                    newest = self.planned.get(key, span)
                    self.planned[key] = max(newest, span, key=lambda s: s.first)

    def _spans(self, version: Version, key: str, duty: Duty) -> Iterator[Span]:
        """From the last planned period on; none that was over before the version was approved."""
        days = self.ground.days
        first, approved = days.today(version.starts), days.today(version.approved)
        last = days.today(self._at(version))
        cadence, newest = self.cadence(duty), self.planned.get(key)
        since = max(first, newest.first if newest else approved - YEAR)
        found = list(days.spans(cadence, first, first, last))
        if newest and cadence[0].isdigit() and newest.after > first and newest not in found:
            # Cut otherwise before: it goes on from the end of what was planned.
            found = [newest] if newest.first <= last else []
            found += days.spans(cadence, newest.after, newest.after, last)
        yield from (s for s in found if s.first >= since and s.after > approved)

    def _at(self, version: Version) -> datetime:
        """Now, or the last moment of a version that has ended."""
        return min(self.now, version.ends - TICK) if version.ends else self.now

    def cadence(self, duty: Duty) -> str:
        every = duty["quota"]["per"] if "quota" in duty else duty["every"]
        return self.ground.settings[every["setting"]] if isinstance(every, dict) else every

    def due_in(self, duty: Duty, span: Span) -> Due:
        days = self.ground.days
        if "within" in duty:
            return days.due(days.start(span.first), duty["within"], duty.get("roll"))
        return days.moment_in(span, duty.get("by"), duty.get("off"))

    def _plan_span(self, version: Version, key: str, duty: Duty, span: Span) -> None:
        at = min(self.now, self.ground.days.start(span.after) - timedelta(microseconds=1))
        if "over" in duty:
            self._plan_members(version, key, duty, span)
        elif "quota" in duty or "each" in duty:
            for person in sorted(self.ground.holders(duty["owed_by"], None, at)):
                needed = self._needed(duty, person, span)
                if needed is None or needed > 0:
                    due = self.due_in(duty, span)
                    self.plant(version, key, person, span, due, holder=person, needed=needed)
        else:
            owner = self.owner(duty["owed_by"], self.ground.firm, {}, None) or {}
            self.plant(version, key, self.ground.firm, span, self.due_in(duty, span), **owner)

    def _needed(self, duty: Duty, person: int, span: Span) -> int | None:
        """How many a quota asks of somebody: in proportion to the working days that he is there."""
        if "quota" not in duty:
            return None
        number = duty["quota"]["at_least"]
        if isinstance(number, dict):
            number = int(self.ground.settings[number["setting"]])
        if duty["quota"].get("leave") != "prorata":
            return int(number)
        days = [d for d in _days_of(span) if self.ground.days.is_worked(d)]
        there = [d for d in days if not self.ground.is_away(person, d)]
        return ceil(number * Fraction(len(there), len(days))) if days else 0

    def plant(
        self, version: Version, key: str, target: int, span: Span, due: Due, **more: Any
    ) -> None:
        """One obligation of a period, unless it is there."""
        ordinal, roles = more.get("ordinal", 0), more.get("roles", ())
        for owed in self.about.get(target, ()):
            alike = (owed.line, owed.period, owed.ordinal) == (key, span, ordinal)
            if alike and owed.roles == roles and owed.state != "voided":
                return
        since = self.ground.days.start(span.first)
        if "before" in version.duties[key]:
            since = due[0] - HORIZON
        self.add(version, key, target, due, **{"since": since, "period": span, **more})

    # Populations.

    def members(self, duty: Duty) -> Iterator[tuple[int, Thing]]:
        """Every target of the population, by number."""
        kind, where = _population(duty)
        for target, thing in sorted(self.ground.things.items()):
            fits = all(thing.fields.get(name) == value for name, value in where.items())
            if thing.kind == kind and fits:
                yield target, thing

    def _plan_members(self, version: Version, key: str, duty: Duty, span: Span) -> None:
        days = self.ground.days
        limit = span.after if duty.get("joined") == "now" else span.first + DAY
        there = [(t, thing) for t, thing in self.members(duty) if thing.since < days.start(limit)]
        if "draw" in duty:
            there = self._drawn(version, key, duty, span, there)
        worked = [d for d in _days_of(span) if days.is_worked(d)] or list(_days_of(span))
        times, due = duty.get("times", 1), self.due_in(duty, span)
        for place, (target, thing) in enumerate(there):
            for ordinal in range(times):
                step = (ordinal * len(there) + place) * len(worked) // (times * len(there))
                on = worked[step] if duty.get("level") else None
                owner = self.owner(duty["owed_by"], thing.unit, {}, None) or {}
                self.plant(version, key, target, span, due, ordinal=ordinal, plan_on=on, **owner)

    def _drawn(
        self, version: Version, key: str, duty: Duty, span: Span, there: list[tuple[int, Thing]]
    ) -> list[tuple[int, Thing]]:
        """The smallest lots, which anybody can draw again from the published seed."""
        seed = f"{version.paper['policy']}/{key}/{span.first.isoformat()}"
        share = Fraction(int(duty["draw"]["share"].rstrip("%")), 100)
        size = min(len(there), max(duty["draw"]["least"], ceil(share * len(there))))

        def lot(member: tuple[int, Thing]) -> str:
            return hashlib.sha256(f"{seed}/{member[0]}".encode()).hexdigest()

        return sorted(sorted(there, key=lot)[:size])

    def _release_leavers(self, version: Version) -> None:
        """What is planned about whoever belongs no longer ends; what is overdue stays owed."""
        left = Event("obligation.released", 0, None, self.now, self.now, self.now)
        for key, duty in version.duties.items():
            if "over" in duty:
                inside = {target for target, _thing in self.members(duty)}
            elif "quota" in duty or "every" in duty and "each" in duty:
                inside = self.ground.holders(duty["owed_by"], None, self.now)
            else:
                continue
            for owed in self.owed:
                mine = owed.version is version and owed.duty == key and owed.waits
                if mine and owed.due > self.now and owed.target not in inside:
                    owed.state, owed.settled_by, owed.look_at = "waived", left, None

    # From a last fact, and ahead of a date.

    def _plan_silence(self, version: Version, key: str, duty: Duty) -> None:
        """Every day anew; a version that has ended once more, up to its end."""
        at, newest = self._at(version), self.planned.get(key)
        day = self.ground.days.today(at)
        if at < version.starts or at < self.now and newest and newest.first >= day:
            return
        for target, thing in self.members(duty):
            self._plan_since(version, key, duty, target, thing)
        if newest is None or day > newest.first:
            self.planned[key] = Span(day, day + DAY)

    def _plan_before(
        self, version: Version, key: str, duty: Duty, target: int, thing: Thing
    ) -> None:
        days = self.ground.days
        day = date.fromisoformat(thing.fields[duty["before"].partition(".")[2]])
        there = any(
            o.line == key and o.period and o.period.first == day and o.state != "voided"
            for o in self.about.get(target, ())
        )
        if there or any(self.standing(duty["until"], target)) or days.start(day) < version.starts:
            return
        last, _vague = days.move(day, duty["lead"], -1)
        due = days.end(last)
        if version.starts < due <= self.now + HORIZON:
            owner = self.owner(duty["owed_by"], thing.unit, self._said(thing), None) or {}
            self.plant(version, key, target, Span(day, day + DAY), (due, False), **owner)

    def _plan_since(
        self, version: Version, key: str, duty: Duty, target: int, thing: Thing
    ) -> None:
        days, at = self.ground.days, self._at(version)
        today = days.today(at)
        last = max((e.happened for e in self.standing(duty["since"], target)), default=None)
        if last is None or last >= at:
            return
        if any(e.happened >= last for e in self.standing(duty["until"], target)):
            return
        if any(
            o.line == key and o.period and o.period.first <= today < o.period.after
            and o.state != "voided"
            for o in self.about.get(target, ())
        ):  # fmt: skip
            return
        anchor, before = days.today(last), self.planned.get(key)
        for span in days.steps(anchor, duty["every"], today):
            running = span.first <= today < span.after
            if not running and (before is None or span.first <= before.first):
                continue
            if "within" in duty and span.first == anchor:
                continue
            due = self.due_in(duty, span)
            owner = self.owner(duty["owed_by"], thing.unit, self._said(thing), None) or {}
            self.plant(version, key, target, span, due, **owner)

    def _said(self, thing: Thing) -> dict[str, Any]:
        return {f"{thing.kind}.{name}": value for name, value in thing.fields.items()}


def _population(duty: Duty) -> tuple[str, Mapping[str, Any]]:
    over = duty["over"]
    return (over, {}) if isinstance(over, str) else next(iter(over.items()))


def _days_of(span: Span) -> Iterator[date]:
    day = span.first
    while day < span.after:
        yield day
        day += DAY
