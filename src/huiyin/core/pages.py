"""Pages by key: the hundredth page costs what the first does, and no row is seen twice."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.errors import Invalid

OLDER, NEWER = "o", "n"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows; `next` and `previous` are cursors for the neighbours, empty at the ends."""

    items: list[Any]
    next: str = ""
    previous: str = ""


def keyset_page(
    rows: QuerySet[Any],
    *,
    order: Sequence[str] = ("-id",),
    cursor: str = "",
    size: int = 50,
    together: Callable[[Any], Any] | None = None,
) -> Page:
    """The page of `rows` after (or before) `cursor`; empty: the first one.

    The last key of `order` must be unique, and no key may be NULL. Neighbours for which
    `together` says the same are not torn apart, unless they fill a page. One statement. Raises
    Invalid for a cursor that was not made here.
    """
    direction, values = _read_cursor(cursor, order)
    towards = order if direction == OLDER else [_turned(key) for key in order]
    found = rows.order_by(*towards)
    if values:
        found = _beyond(found, towards, values)
    window = list(found[: size + 1])
    more = len(window) > size
    window = _untorn(window, size, together) if more and together else window[:size]
    if direction == NEWER:
        window.reverse()
    return _page(window, order, more=more, direction=direction, started=bool(values))


def counted_page(
    rows: QuerySet[Any], among: QuerySet[Any], *, order: Sequence[str], size: int = 50, most: int
) -> tuple[Page, int]:
    """The first page of what a search found, and how many rows there are; `most` + 1: even more.

    The search is gone through once for both; the rows of the page are fetched from those it
    looked `among`. Two statements.
    """
    keys, count = _first_keys(rows, order, size + 1, most=most)
    if count > most:  # and so not all of them were looked at
        return keyset_page(rows, order=order, size=size), count
    items = list(among.filter(pk__in=keys[:size]).order_by(*order)) if keys else []
    return _page(items, order, more=len(keys) > size, direction=OLDER, started=False), count


def _first_keys(
    rows: QuerySet[Any], order: Sequence[str], size: int, *, most: int
) -> tuple[list[Any], int]:
    names = list(dict.fromkeys(["pk", *(key.lstrip("-") for key in order)]))
    columns = [f"c{at}" for at in range(len(names))]
    place = dict(zip(names, columns, strict=True))
    by = [place[key.lstrip("-")] + (" DESC" if key.startswith("-") else "") for key in order]
    try:
        found, given = rows.order_by().values_list(*names)[: most + 1].query.sql_with_params()
    except EmptyResultSet:
        return [], 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c0, count(*) OVER () FROM ({found}) AS found ({', '.join(columns)})"
            f" ORDER BY {', '.join(by)} LIMIT {size}",
            given,
        )
        window = cursor.fetchall()
    return [key for key, _count in window], window[0][1] if window else 0


def _untorn(window: list[Any], size: int, together: Callable[[Any], Any]) -> list[Any]:
    """The rows before the last group, if that goes on beyond the page."""
    group, end = together(window[size]), size
    while end and together(window[end - 1]) == group:
        end -= 1
    return window[: end or size]


def _page(
    window: list[Any], order: Sequence[str], *, more: bool, direction: str, started: bool
) -> Page:
    if not window:
        return Page([])
    has_older = more if direction == OLDER else True
    has_newer = started if direction == OLDER else more
    return Page(
        items=window,
        next=_cursor(OLDER, window[-1], order) if has_older else "",
        previous=_cursor(NEWER, window[0], order) if has_newer else "",
    )


def _beyond(rows: QuerySet[Any], order: Sequence[str], values: Sequence[Any]) -> QuerySet[Any]:
    """Rows after `values` in `order`.

    The first key is compared on its own as well: an index then starts there at once, which it
    does not for the disjunction alone.
    """
    after, equal = Q(), Q()
    for key, value in zip(order, values, strict=True):
        name, comparison = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        after |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    first = order[0]
    bound = f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}"
    try:
        return rows.filter(after, **{bound: values[0]})
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise _wrong_cursor() from error


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _cursor(direction: str, row: Any, order: Sequence[str]) -> str:
    values = [_value(row, key.lstrip("-")) for key in order]
    text = json.dumps([direction, *values], cls=_Exact, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = row[name] if isinstance(row, dict) else getattr(row, name)
    return row.pk if isinstance(row, Model) else row


class _Exact(DjangoJSONEncoder):
    """Moments with all their microseconds: Django's own encoder cuts them and would skip rows."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _read_cursor(cursor: str, order: Sequence[str]) -> tuple[str, list[Any]]:
    if not cursor:
        return OLDER, []
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        direction, *values = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _wrong_cursor() from error
    plain = all(_is_plain(value) for value in values)
    if direction not in (OLDER, NEWER) or len(values) != len(order) or not plain:
        raise _wrong_cursor()
    return direction, values


def _is_plain(value: Any) -> bool:
    """A number, or a text that the database can be asked for: no NUL, no half of a character."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, int | float)


def _wrong_cursor() -> Invalid:
    return Invalid({"cursor": [_("页码无效，请从第一页重新打开。")]})
