"""The simulated firm on the real services, and its obligations as they stand in the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from huiyin.accounts import services as accounts
from huiyin.accounts.calendar_queries import work_calendar
from huiyin.accounts.models import Person, Post, Unit
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption, Party
from huiyin.customers import services as customers
from tests.simulate import paper
from tests.simulate.days import Days
from tests.simulate.ground import Ground, Thing, Version
from tests.simulate.ground import Post as Held

STAFF = (
    ("chief", "root"), ("head", "root"), ("clerk", "root"), ("clerk", "root"),
    ("clerk", "east"), ("officer", "east"), ("officer", "west"), ("", "east"), ("", "west"),
)  # fmt: skip
SCOPES = {"clerk": "own", "officer": "own", "head": "tree", "chief": "tree"}


@dataclass
class Firm:
    """Ids by name; ``people`` are all who were ever there, ``versions`` by adoption."""

    ground: Ground
    units: dict[str, Unit]
    chief: Person
    head: Person
    people: dict[int, Person] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    customers: dict[int, str] = field(default_factory=dict)
    adoptions: dict[int, int] = field(default_factory=dict)
    counter: int = 0

    def number(self, letter: str) -> str:
        self.counter += 1
        return f"{letter}-{self.counter}"

    def hire(self, role: str, unit: str, *, now: datetime) -> Person:
        """Somebody joins, in a post from today on if a role is named."""
        place = self.units[unit]
        person = accounts.create_person(
            self.number("人"), number=self.number("P"), unit=place, by=None, now=now
        )
        self.people[person.pk] = person
        self.ground.things[person.pk] = Thing("person", place.pk, now)
        if role:
            self.appoint(person, role, unit, now=now)
        return person

    def appoint(self, person: Person, role: str, unit: str, *, now: datetime) -> None:
        place, today = self.units[unit], self.ground.days.today(now)
        post = accounts.appoint(person, role, place, today, by=None, now=now)
        self.posts[len(self.ground.posts)] = post
        self.ground.posts.append(Held(person.pk, role, place.pk, today))
        self.ground.things[person.pk].unit = place.pk

    def register(self, kind: str, unit: str, since: datetime, *, now: datetime) -> int:
        """A customer more; its target."""
        row = customers.NewCustomer(
            number=self.number("C"), customer_class=kind, unit_id=self.units[unit].pk,
            registered_at=since,
        )  # fmt: skip
        [(number, target)] = customers.register_customers([row], by=None, now=now).items()
        self.customers[target] = number
        self.ground.things[target] = Thing("customer", row.unit_id or 0, since, {"class": kind})
        return target

    def adopt(self, number: int, starts_on: date, *, start: str, now: datetime) -> Version:
        """A version comes into force, by two people."""
        proposed = adoption.propose(
            paper.sources(number), starts_on=starts_on, mode=Adoption.Mode.FORCE, start=start,
            by=self.head.pk, now=now,
        )  # fmt: skip
        adopted = adoption.approve(proposed, by=self.chief.pk, now=now)
        self.adoptions[adopted.pk] = number
        self.ground.parties = dict(Party.objects.values_list("key", "target_id"))
        return Version(number, paper.VERSIONS[number - 1], adopted.starts_at, approved=now)

    def read_calendar(self) -> None:
        """The firm's days as they are noted; what follows from them is the reference's own."""
        told, days = work_calendar(), self.ground.days
        rows = [(date.fromisoformat(day), worked, name) for day, worked, name in told["days"]]
        days.worked = {day: worked for day, worked, _name in rows}
        days.holidays = {day: name for day, _worked, name in rows if name}
        days.confirmed = set(told["confirmed"])


def found(zone: str, now: datetime) -> Firm:
    """A firm of two zones with its people, before any policy."""
    accounts.create_firm("模拟公司", time_zone=zone)
    root = accounts.create_unit("公司", kind="firm", by=None, now=now)
    units = {
        "root": root,
        **{n: accounts.create_unit(n, parent=root, by=None, now=now) for n in ("east", "west")},
    }
    roles = paper.FIRST["roles"]
    accounts.create_positions([(k, roles[k]["title"]["zh"], SCOPES[k]) for k in roles])
    above = {unit.pk: None if unit is root else root.pk for unit in units.values()}
    settings = {key: str(each["default"]) for key, each in paper.FIRST["settings"].items()}
    ground = Ground(Days(ZoneInfo(zone)), root.pk, above, settings)
    ground.things = {unit.pk: Thing("unit", unit.pk, now) for unit in units.values()}
    firm = Firm(ground, units, chief=None, head=None)  # type: ignore[arg-type]
    hired = [firm.hire(role, unit, now=now) for role, unit in STAFF]
    firm.chief, firm.head = hired[0], hired[1]
    firm.read_calendar()
    return firm


ROWS = """
SELECT o.xmin::text::bigint, o.id, o.adoption_id, o.duty, o.line, o.target_id, f.id, f.kind,
       f.happened_at, lower(o.period), upper(o.period), o.owed_roles, o.holder_id, o.excluded_id,
       o.recipient_id, o.ordinal, o.opened_at, o.due_at, o.first_due_at, o.provisional, o.plan_on,
       o.needed, o.counted, o.state, o.missed, o.level, o.done_at, o.done_recorded_at
FROM obligations_obligation o LEFT JOIN ledger_fact f ON f.id = o.opener_id
WHERE o.xmin::text::bigint > %s ORDER BY o.id
"""
ENGINE = ("met", "missed", "decided")


class Stored:
    """All obligations as they stand; of each look only what was written since is read."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.rows: dict[int, tuple[Any, ...]] = {}
        self._newest = 0

    def look(self) -> dict[int, tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [self._newest])
            for xmin, id, adopted, duty, line, target, fact, kind, happened, *rest in cursor:
                self._newest = max(self._newest, xmin)
                first, after, roles, *others = rest
                is_engine = fact is not None and kind.rpartition(".")[2] in ENGINE
                name = f"{kind}@{happened.isoformat()}" if is_engine else str(fact or "")
                version = self.firm.adoptions[adopted]
                self.rows[id] = (
                    version, duty, line, target, name, first, after, tuple(roles), *others,
                )  # fmt: skip
        return self.rows

    def find(self, row: tuple[Any, ...]) -> int:
        """The id of a row that stands just so."""
        return next(id for id, each in self.rows.items() if each == row)


def difference(
    stored: dict[int, tuple[Any, ...]], owed: list[tuple[Any, ...]]
) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    """What stands and must not, and what must and does not."""
    have, want = Counter(stored.values()), Counter(owed)
    return have - want, want - have
