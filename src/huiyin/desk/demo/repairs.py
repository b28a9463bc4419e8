"""What is repaired in the sample firm, and how it is followed up: mostly in time, some found wanting.

What is left undone on the last day is chosen so that a visitor finds some work that is late and some
that is due.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from huiyin.accounts.models import Person
from huiyin.cases.given import Doing, Item
from huiyin.customers.models import Customer
from huiyin.desk.demo import papers
from huiyin.desk.demo.life import Life
from huiyin.followups import services as followups
from huiyin.followups.services import Visit
from huiyin.obligations.models import Obligation
from huiyin.subjects import services as subjects
from huiyin.subjects.services import NewEvent, NewSubject

VISITING = "repair_visit"
"""The duty, and the form that meets it."""

LEFT_LATE = 2
LEFT_DUE = 3
"""How much of the supervisor's work the last day leaves late and due."""

BUSY = {8: ("other", 5), 7: ("other", 8), 3: ("leak", 4)}
"""So many days ago more was repaired, so that the share leaves the supervisor enough for today."""

PROBLEM_EVERY = 17
"""Every so many days a follow-up finds a problem."""

OPEN_CASE = timedelta(hours=22)
"""At most so long ago the problem was found that the visitor finds open: its 24 hours run."""


@dataclass
class Repairs:
    """The repairs of the days that pass, and the visits that they ask for."""

    life: Life
    serial: int
    """How many there were before."""
    problem_days: set[date] = field(default_factory=set)
    finding: int = 0
    """The obligation whose visit finds the problem that stays open."""

    def complete(self, day: date) -> None:
        """What was repaired on a day, in the order of completion."""
        categories = self._categories(day)
        hours = sorted(self.life.chance.uniform(8.5, 17.5) for _each in categories)
        rows, events = [], []
        for category, hour in zip(categories, hours, strict=True):
            place = self.life.chance.choice(self.life.places)
            near = [p for p in self.life.staff["repairer"] if self._works_in(p, place)]
            self.serial += 1
            rows.append(
                NewSubject(
                    number=f"WX-{day:%y%m}-{self.serial:04d}",
                    fields={
                        "category": category,
                        "description": self._description(category),
                        "repairer": self.life.chance.choice(near).pk,
                    },
                    customer_id=place.pk,
                    unit_id=place.target.unit_id,
                    owner_id=place.target.owner_id,
                    created_at=self.life.at(day, max(8.2, hour - 3)),
                )
            )
            events.append(self.life.at(day, hour))
        by = self.life.staff["clerk"][0].pk
        now = max(events, default=self.life.at(day, 18))
        ids = subjects.register(self.life.sample.subject, rows, by=by, now=now)
        subjects.record_events(
            [
                NewEvent(id, "completed", at, row.fields["repairer"], by)
                for id, at, row in zip(ids, events, rows, strict=True)
            ],
            now=now,
        )

    def _description(self, category: str) -> str:
        """What is broken, in turn."""
        said = self.life.sample.repairs.description[category]
        return said[self.serial % len(said)]

    def _works_in(self, person: Person, place: Customer) -> bool:
        return any(post.unit_id == place.target.unit_id for post in person.posts.all())

    def _categories(self, day: date) -> list[str]:
        ago = (self.life.today - day).days
        weights = self.life.sample.repairs.category
        count = self.life.sample.repairs.a_day + self.life.chance.choice((-1, 0, 0, 1))
        found = self.life.chance.choices(list(weights), list(weights.values()), k=count)
        category, more = BUSY.get(ago, ("", 0))
        return [*found, *[category] * more]

    def follow_up(self, day: date) -> None:
        """Visit what is due by tomorrow, and a part of what is due later."""
        open_rows = (
            Obligation.objects.open()
            .filter(duty=VISITING, target__kind=self.life.sample.subject)
            .select_related("holder")
            .order_by("due_at", "id")
        )
        done: set[int] = set()
        for row in self._chosen(day, list(open_rows)):
            if row.target_id in done:
                continue  # a joint visit discharged it
            done.add(row.target_id)
            self.visit(row, day)

    def _chosen(self, day: date, rows: list[Obligation]) -> list[Obligation]:
        """Whom somebody finds time for: what is due tomorrow surely, later things now and then."""
        reserved = self._reserved(rows)
        free = [row for row in rows if row.id not in reserved]
        if day == self.life.today:
            due = [row for row in free if row.due_at <= self.life.at_end(day)]
            return self._first_for_the_open_case(free, day) + due
        tomorrow = self.life.at_end(day + timedelta(days=1))
        chosen = [
            row
            for row in free
            if (row.due_at <= tomorrow and self.life.chance.random() < 0.97)
            or self.life.chance.random() < 0.3
        ]
        return self._first_for_the_open_case(free, day) + chosen

    def _reserved(self, rows: list[Obligation]) -> set[int]:
        """What the supervisor leaves: some that fell due yesterday, some that fall due today."""
        midnight = self.life.at_end(self.life.today)
        mine = [row for row in rows if row.holder_id in self.life.supervisors]
        late = [
            row
            for row in mine
            if row.due_at == self.life.at_end(self.life.today - timedelta(days=1))
        ]
        due = [row for row in mine if row.due_at == midnight]
        return {row.id for row in late[:LEFT_LATE] + due[:LEFT_DUE]}

    def _first_for_the_open_case(self, free: list[Obligation], day: date) -> list[Obligation]:
        if day != self.found_at.date():
            return []
        ready = [row for row in free if row.opened_at <= self.found_at]
        # The supervisor finds it, unless the day left him nothing to visit.
        ready.sort(key=lambda row: row.holder_id not in self.life.supervisors)
        self.finding = ready[0].id if ready else 0
        return ready[:1]

    @cached_property
    def found_at(self) -> datetime:
        """When the open problem was found: by day, and late enough for its 24 hours to run."""
        at = (self.life.now - OPEN_CASE).astimezone(self.life.zone)
        while not 9 <= at.hour < 19:
            at += timedelta(minutes=30)
        return at

    def visit(self, row: Obligation, day: date) -> None:
        """One visit with its record, by whoever owes it."""
        visitor = row.holder_id
        assert visitor is not None  # every role of the sample firm has one holder
        at = max(self.life.at(day, self.life.chance.uniform(9, 19)), row.opened_at)
        finds_problem = self._finds_problem(row, day)
        if finds_problem and day == self.found_at.date():
            at = self.found_at
        followups.hold(
            Visit(about=row.target_id, form=VISITING, present=(visitor,)),
            answers=papers.dissatisfied(self.life.chance)
            if finds_problem
            else papers.satisfied(self.life.chance, photo=self.life.chance.random() < 0.3),
            items=[Item("problem", "接口处仍有渗水")] if finds_problem else [],
            doing=Doing(by=visitor, recorded_by=visitor, happened_at=at, now=at),
        )

    def _finds_problem(self, row: Obligation, day: date) -> bool:
        """Whether this visit is the one of its day that finds something, made by the supervisor."""
        if day == self.found_at.date():
            return row.id == self.finding
        if day in self.problem_days or row.holder_id not in self.life.supervisors:
            return False
        finds = (self.life.today - day).days >= 8 and day.toordinal() % PROBLEM_EVERY == 0
        if finds:
            self.problem_days.add(day)
        return finds
