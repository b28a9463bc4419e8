"""A room's list as a page: `list_page(request, listing)` is the whole view of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huiyin.core.lists import COUNTED, Asked, Column, Filter, Listing, Row, Shape
from huiyin.core.pages import Page
from huiyin.ui.fields import Control


def list_page(request: HttpRequest, listing: Listing) -> HttpResponse:
    """The page of the list that the address asks for. Raises Invalid for a cursor of another."""
    asked = listing.shape.read(request.GET)
    return render(request, "ui/list.html", context(listing, asked))


def context(listing: Listing, asked: Asked) -> dict[str, Any]:
    """What `ui/list.html` shows."""
    shape, (page, count) = listing.shape, _counted(listing, asked)
    shown = shape.shown(asked)
    return {
        "list": shape,
        "asked": asked,
        "query": shape.query(asked, after=""),
        "heads": [_head(shape, asked, column) for column in shown],
        "rows": [_line(row, shown) for row in listing.rows(page.items)],
        "count": count_words(count),
        "tabs": [tab for each in shape.filters for tab in _tabs(shape, asked, each)],
        "controls": _controls(shape, asked),
        "offered": [
            {"key": each.key, "title": each.title, "chosen": each in shown, "first": not at}
            for at, each in enumerate(shape.offered)
        ],
        "dropped": [name for name in asked.dropped if name.isprintable()],
        "nothing": shape.not_found if asked.narrows else shape.nothing,
    } | _neighbours(shape, asked, page)


def _counted(listing: Listing, asked: Asked) -> tuple[Page, int]:
    """The page and how long the list is; what is all on one page is not counted once more."""
    if asked.q and not asked.after:
        return listing.first_page(asked)
    page = listing.page(asked)
    is_all = not (asked.after or page.next or page.previous)
    return page, len(page.items) if is_all else listing.count(asked)


def count_words(count: int) -> str:
    """How long a list is; beyond ten thousand nobody wants it exactly."""
    if count > COUNTED:
        return _("10 000+ 项")
    return ngettext("共 %(n)s 项", "共 %(n)s 项", count) % {"n": count}


def _neighbours(shape: Shape, asked: Asked, page: Page) -> dict[str, str]:
    return {
        "newer": shape.address(asked, after=page.previous) if page.previous else "",
        "older": shape.address(asked, after=page.next) if page.next else "",
    }


def _head(shape: Shape, asked: Asked, column: Column) -> dict[str, Any]:
    """A column's head, and where it leads: its order, or the other way round if it is that one."""
    offered = {order.key for order in shape.orders}
    turned = f"-{column.sort}" if asked.order == column.sort else column.sort
    towards = turned if turned in offered else column.sort
    sorted_now = bool(column.sort) and asked.order.removeprefix("-") == column.sort
    return {
        "title": column.title,
        "url": shape.address(asked, order=towards) if column.sort and towards in offered else "",
        "sorted": ("descending" if asked.order.startswith("-") else "ascending")
        if sorted_now
        else "",
    }


def _line(row: Row, shown: list[Column]) -> dict[str, Any]:
    first, *others = [(column.title, row.cells[column.key]) for column in shown]
    return {"url": row.url, "first": first[1], "others": others}


def _tabs(shape: Shape, asked: Asked, each: Filter) -> list[dict[str, Any]]:
    if each.counts is None:
        return []
    rest = {key: value for key, value in asked.chosen.items() if key != each.key}
    current = asked.chosen.get(each.key, "")
    return [
        {
            "title": title,
            "url": shape.address(asked, chosen=rest | ({each.key: key} if key else {})),
            "count": each.counts.get(key),
            "current": key == current,
        }
        for key, title in [("", each.every), *each.choices]
    ]


def _controls(shape: Shape, asked: Asked) -> dict[str, Any]:
    """The filters to choose from, and what either form of the page carries along unseen."""
    drawn = [each for each in shape.filters if each.is_day or _is_a_choice(each)]
    unseen = {k: v for k, v in asked.chosen.items() if k not in {each.key for each in drawn}}
    beside_filters = shape.query(asked, after="", q="", order=shape.orders[0].key, chosen=unseen)
    beside_columns = shape.query(asked, after="", columns=shape.usual_columns)
    return {
        "filters": [_control(each, asked) for each in drawn],
        "orders": [(order.key, order.title) for order in shape.orders],
        "beside_filters": parse_qsl(beside_filters),
        "beside_columns": parse_qsl(beside_columns),
    }


def _is_a_choice(each: Filter) -> bool:
    return each.counts is None and len(each.choices) > 1


def _control(each: Filter, asked: Asked) -> Control:
    given = {"value": asked.chosen.get(each.key, "")}
    if each.is_day:
        return Control.of("date", each.key, str(each.title), given)
    return Control.of(
        "select", each.key, str(each.title),
        given | {"choices": each.choices, "placeholder": str(each.every), "hide_label": True},
    )  # fmt: skip
