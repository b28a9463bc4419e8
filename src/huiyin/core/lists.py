"""What a list may be asked for: one reading of the address for page, saved view and export.

A room describes its list as a `Shape`; an address asks for search, filters, order, columns and a
page of it. What does not fit is left out and named, never an error: an old link still opens.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.core.pages import Page, counted_page, keyset_page
from huiyin.core.search import MOST
from huiyin.core.words import YEARS

COUNTED = 10_000
"""Up to here a list says exactly how long it is."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
OWN = ("q", "sort", "column", "after")
SINCE, UNTIL = "since", "until"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `shown` unless people choose otherwise; `sort` is the order that its head offers.

    What a page says beside another cell has a column of its own in a sheet: `in_sheet_only`.
    """

    key: str
    title: Any
    shown: bool = True
    sort: str = ""
    in_sheet_only: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice among several, or a day (`is_day`); `every` says what no choice means.

    With `counts` the choices are drawn as tabs, each with its number.
    """

    key: str
    title: Any
    choices: Sequence[tuple[str, Any]] = ()
    every: Any = _("全部")
    is_day: bool = False
    counts: Mapping[str, int] | None = None

    def fits(self, value: str) -> bool:
        if self.is_day:
            return read_day(value) is not None
        return any(value == key for key, _title in self.choices)

    def said(self, value: str) -> str:
        return next((str(title) for key, title in self.choices if key == value), value)


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort: keys for `keyset_page`, the last of them unique."""

    key: str
    title: Any
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks a list for. `dropped`: parameters that are none of this list."""

    q: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    columns: tuple[str, ...] = ()
    after: str = ""
    dropped: tuple[str, ...] = ()

    def day(self, key: str) -> date | None:
        return read_day(self.chosen.get(key, ""))

    @property
    def narrows(self) -> bool:
        """Whether something is looked for, so that an empty list does not mean an empty house."""
        return bool(self.q or self.chosen)


SHOWN = 40
"""Characters of what somebody wrote that a line shows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one column of one row.

    `value` is what a sheet holds (a number, a day, an aware moment) where that is not the text.
    `note` is said quietly after it, `mark` stands there as a pill; `lines` are several
    (text, note, mark); `pill` with its `tone` makes the text itself one.
    """

    text: str = ""
    value: Any = None
    note: str = ""
    mark: str = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    pill: bool = False
    tone: str = ""


def in_a_line(text: str) -> str:
    """What somebody wrote, as far as a line shows it."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: where its first cell leads, and its cells by column."""

    url: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Shape:
    """A list as people know it. The first column is always there; the first order is the usual.

    `actions`: (title, address) of what else one does in the room; the last is what it is for.
    """

    room: str
    title: Any
    url: str
    search: Any
    columns: Sequence[Column]
    filters: Sequence[Filter]
    orders: Sequence[Order]
    sub: Any = ""
    nothing: tuple[Any, Any] = ("", "")
    not_found: tuple[Any, Any] = ("", "")
    icon: str = "inbox"
    actions: Sequence[tuple[Any, str]] = ()

    @cached_property
    def usual_columns(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.offered if column.shown)

    @cached_property
    def offered(self) -> tuple[Column, ...]:
        """What a page can show."""
        return tuple(column for column in self.columns if not column.in_sheet_only)

    def read(self, sent: QueryDict) -> Asked:
        """What of an address this list understands."""
        chosen, dropped = {}, [name for name in sent if not self._knows(name)]
        for each in self.filters:
            value = sent.get(each.key, "").strip()
            if value and each.fits(value):
                chosen[each.key] = value
            elif value:
                dropped.append(each.key)
        order = sent.get("sort", "")
        if order and order not in {each.key for each in self.orders}:
            order, dropped = "", [*dropped, "sort"]
        wanted = sent.getlist("column")
        if set(wanted) - {each.key for each in self.offered}:
            dropped.append("column")
        q = sent.get("q", "").strip()[:MOST]
        return Asked(
            q="" if "\0" in q else q,
            chosen=chosen,
            order=order or self.orders[0].key,
            columns=self._columns(wanted),
            after=sent.get("after", ""),
            dropped=tuple(dropped),
        )

    def query(self, asked: Asked, *, after: str = "", **changes: Any) -> str:
        """The one address of what is asked: the usual is left out, so equal lists look equal."""
        asked = replace(asked, **changes)
        pairs = [("q", asked.q), *((f.key, asked.chosen.get(f.key, "")) for f in self.filters)]
        if asked.order != self.orders[0].key:
            pairs.append(("sort", asked.order))
        if asked.columns != self.usual_columns:
            pairs += [("column", key) for key in asked.columns]
        return urlencode([(name, value) for name, value in [*pairs, ("after", after)] if value])

    def address(self, asked: Asked, *, after: str = "", **changes: Any) -> str:
        query = self.query(asked, after=after, **changes)
        return f"{self.url}?{query}" if query else self.url

    def order(self, asked: Asked) -> tuple[str, ...]:
        return next(each.by for each in self.orders if each.key == asked.order)

    def shown(self, asked: Asked) -> list[Column]:
        return [column for column in self.offered if column.key in asked.columns]

    def in_sheet(self, asked: Asked) -> list[Column]:
        return [each for each in self.columns if each.in_sheet_only or each.key in asked.columns]

    def said(self, asked: Asked) -> list[tuple[str, str]]:
        """The filters in words: (title, choice)."""
        return [
            (str(each.title), each.said(asked.chosen[each.key]))
            for each in self.filters
            if each.key in asked.chosen
        ]

    def _knows(self, name: str) -> bool:
        return name in OWN or any(name == each.key for each in self.filters)

    def _columns(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """In the list's own order, its first always among them; the usual ones if none is known."""
        known = tuple(column.key for column in self.offered if column.key in wanted)
        if not known:
            return self.usual_columns
        first = self.columns[0].key
        return known if first in known else (first, *known)


@dataclass(frozen=True)
class Listing(ABC):
    """A room's list for one viewer (`accounts.visibility.Viewer`) at a moment."""

    viewer: Any
    now: datetime

    @cached_property
    @abstractmethod
    def shape(self) -> Shape:
        """What the list offers this viewer."""

    @cached_property
    def _found(self) -> dict[str, QuerySet[Any]]:
        return {}

    @abstractmethod
    def find(self, asked: Asked) -> QuerySet[Any]:
        """All rows that the viewer may see and that fit, with what `order` sorts by."""

    @abstractmethod
    def rows(self, items: Sequence[Any]) -> list[Row]:
        """Lines of a page, in a fixed number of statements."""

    def order(self, asked: Asked) -> tuple[str, ...]:
        """The keys that the rows are sorted by."""
        return self.shape.order(asked)

    def page(self, asked: Asked, *, size: int = 50) -> Page:
        """Raises Invalid for a cursor of another order."""
        order = self.order(asked)
        return keyset_page(self.found(asked), order=order, cursor=asked.after, size=size)

    def first_page(self, asked: Asked) -> tuple[Page, int]:
        """The first page of what is searched for, and how many there are, as `count` tells."""
        every = self.found(replace(asked, q=""))
        return counted_page(self.found(asked), every, order=self.order(asked), most=COUNTED)

    def count(self, asked: Asked, *, most: int = COUNTED) -> int:
        """How many there are; `most` + 1 for more than `most`. Never counts further than that."""
        return self.found(asked).order_by().values("pk")[: most + 1].count()

    def found(self, asked: Asked) -> QuerySet[Any]:
        """What `find` says, asked once: a search may look something up before."""
        key = self.shape.query(asked, after="")
        if key not in self._found:
            self._found[key] = self.find(asked)
        return self._found[key]

    def batches(self, asked: Asked, *, size: int) -> Iterator[list[Row]]:
        """All lines, page by page, in the order asked for."""
        asked = replace(asked, after="")
        while True:
            page = self.page(asked, size=size)
            yield self.rows(page.items)
            if not page.next:
                return
            asked = replace(asked, after=page.next)


def read_day(text: str) -> date | None:
    """A day as the browser's control sends it; None for anything else."""
    if not DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def day_filters(since: str, until: str) -> list[Filter]:
    """A span of days, both included."""
    return [Filter(SINCE, since, is_day=True), Filter(UNTIL, until, is_day=True)]


def within(rows: QuerySet[Any], asked: Asked, moment: str) -> QuerySet[Any]:
    """Rows whose moment lies within the days asked for, in the zone that is active."""
    zone = timezone.get_current_timezone()
    if day := asked.day(SINCE):
        rows = rows.filter(**{f"{moment}__gte": datetime.combine(day, time.min, zone)})
    if day := asked.day(UNTIL):
        rows = rows.filter(**{f"{moment}__lt": datetime.combine(day + ONE_DAY, time.min, zone)})
    return rows
