"""What the repair visits of the real requests must come to, worked out a second time.

From the files themselves, with csv, datetime, fractions and zoneinfo alone: nothing of the
product is imported and no map is read, so that a mistake there cannot hide here.
"""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
CITY = "New York City"
BOROUGHS = ("BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "STATEN ISLAND")
FILES = (
    "nyc311_2020_noheader.csv",
    "nyc311_2022-05-01.csv",
    "nyc311_2024-04-16.csv",
    "nyc311_dohmh_animals_2010_2025.csv",
)
AMERICAN = "%m/%d/%Y %I:%M:%S %p"
ISO = "%Y-%m-%dT%H:%M:%S.%f"

SAFETY = frozenset(
    {
        "SAFETY", "ELEVATOR", "Elevator", "ELECTRIC", "Electrical", "Boilers", "Lead", "Asbestos",
        "BEST/Site Safety", "Scaffold Safety", "Traffic Signal Condition",
    }
)  # fmt: skip
LEAK = frozenset({"WATER LEAK", "PLUMBING", "Plumbing", "Water System", "Sewer", "Indoor Sewage"})
NOTHING = 1900  # 1900-01-01 is written where a program had no moment to write
DAYS = {"safety": 2, "leak": 3, "other": 7}
SHARES = (
    ("manager", Fraction(10, 100)),
    ("supervisor", Fraction(30, 100)),
    ("repair_lead", Fraction(60, 100)),
)


@dataclass(frozen=True)
class Request:
    """One row of a file; ``refused`` says by which rule it may not enter."""

    file: str
    row: int
    number: str
    category: str
    unit: str
    created: datetime
    completed: datetime | None
    refused: str = ""


@dataclass(frozen=True)
class Visit:
    """An obligation that has to be there: which role owes the visit of which request by when."""

    number: str
    role: str
    due: datetime


@dataclass
class Expectation:
    """Everything that the database must agree with."""

    requests: list[Request]
    visits: list[Visit] = field(default_factory=list)
    counts: dict[date, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def sums(self) -> dict[str, int]:
        """The sums over all four files, overlaps of the two refusals counted apart."""
        rows = self.requests
        return {
            "rows": len(rows),
            "completed": sum(row.completed is not None for row in rows),
            "completed_before_created": sum(
                row.completed is not None and row.completed < row.created for row in rows
            ),
            "no_borough": sum(row.unit not in (*BOROUGHS, CITY) for row in rows),
            "both": sum(
                row.refused in ("order", "year") and row.unit not in (*BOROUGHS, CITY)
                for row in rows
            ),
            "whole_city": sum(row.unit == CITY for row in rows),
            "refused": sum(bool(row.refused) for row in rows),
            "accepted": sum(not row.refused for row in rows),
            "accepted_completed": sum(
                not row.refused and row.completed is not None for row in rows
            ),
            "visits": len(self.visits),
        }


def expect(folder: Path) -> Expectation:
    """Read the four files in the order in which they are imported and share out the visits."""
    found = Expectation([row for name in FILES for row in read(folder / name)])
    counts: dict[date, Counter[str]] = defaultdict(Counter)
    items: Counter[date] = Counter()
    for name in FILES:
        for row in in_ledger_order(found.requests, name):
            assert row.completed is not None
            month = row.completed.astimezone(ZONE).date().replace(day=1)
            items[month] += 1
            allotted = counts[month]
            for role in roles_for(items[month], allotted):
                allotted[role] += 1
                found.visits.append(Visit(row.number, role, due(row)))
            assert all(allotted[role] >= share * items[month] for role, share in SHARES)
    found.counts = {
        month: {role: (items[month], counts[month][role]) for role, _share in SHARES}
        for month in items
    }
    return found


def in_ledger_order(rows: list[Request], name: str) -> list[Request]:
    """One file's accepted completions in the order in which they happened, then by row."""
    completed = [r for r in rows if r.file == name and not r.refused and r.completed is not None]
    return sorted(completed, key=lambda row: (row.completed, row.row))


def roles_for(n: int, allotted: Counter[str]) -> list[str]:
    """Who visits the n-th item of a month: all below their floor, else whoever is furthest behind."""
    below = [role for role, share in SHARES if allotted[role] < math.ceil(share * n)]
    if below:
        return below
    arrears = {role: share * n - allotted[role] for role, share in SHARES}
    return [max(arrears, key=lambda role: arrears[role])]


def due(row: Request) -> datetime:
    """The end of the last day: the day of completion is not counted, a day ends at 24:00 here."""
    assert row.completed is not None
    last = row.completed.astimezone(ZONE).date() + timedelta(days=DAYS[row.category])
    return datetime.combine(last + timedelta(days=1), time.min, ZONE).astimezone(UTC)


def read(path: Path) -> Iterator[Request]:
    """The rows of one file; numbers count from 1 and include a header, as a spreadsheet does."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    first, positions = 1, (0, 1, 2, 3, 4)
    if "noheader" not in path.name:
        titles = [title.lower().replace(" ", "_") for title in rows.pop(0)]
        wanted = ("unique_key", "created_date", "closed_date", "complaint_type", "borough")
        first, positions = 2, tuple(titles.index(title) for title in wanted)
    for number, cells in enumerate(rows, first):
        yield request(path.name, number, [cells[at].strip() for at in positions])


def request(file: str, row: int, cells: list[str]) -> Request:
    number, created_text, completed_text, complaint, place = cells
    created = moment(created_text)
    completed = moment(completed_text) if completed_text else None
    unit = CITY if place == "Unspecified" else place
    refused = ""
    if completed is not None and completed.year <= NOTHING:
        refused = "year"
    elif completed is not None and completed < created:
        refused = "order"
    elif unit not in (*BOROUGHS, CITY):
        refused = "unknown_unit"
    return Request(file, row, number, category(complaint), unit, created, completed, refused)


def category(complaint: str) -> str:
    if complaint in SAFETY:
        return "safety"
    return "leak" if complaint in LEAK else "other"


def moment(text: str) -> datetime:
    form = ISO if "T" in text else AMERICAN
    first, second = (
        datetime.strptime(text, form).replace(tzinfo=ZONE, fold=fold) for fold in (0, 1)
    )
    # No request of these files lies in an hour that a clock change skipped or brought twice.
    assert first.utcoffset() == second.utcoffset(), text
    return first.astimezone(UTC)
