"""One search over everything that has a name: the first ten of each kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person, Post
from huiyin.accounts.queries import zone
from huiyin.accounts.titles import title_of
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.cases.listing import CaseList
from huiyin.cases.models import Case
from huiyin.core import search
from huiyin.core.lists import Asked, Listing, Row
from huiyin.core.pinyin import search_columns
from huiyin.core.punctuation import listed
from huiyin.customers.listing import CustomerList
from huiyin.desk.sheets import said
from huiyin.records.links import clause_url
from huiyin.records.models import Record
from huiyin.records.queries import form_of
from huiyin.subjects import declared
from huiyin.subjects.listing import SubjectList

SHOWN = 10
NUMBERED = re.compile("[0-9]{4}")
"""In every number of a record there is a year; fewer digits are a house or an end of a phone."""


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, what tells it apart, where it is."""

    title: str
    note: str
    url: str = ""


@dataclass(frozen=True)
class Group:
    """The first things of a kind, and where all of them are."""

    key: str
    title: str
    hits: Sequence[Hit]
    more_url: str = ""


def groups(words: str, viewer: Viewer, *, now: datetime, language: str) -> list[Group]:
    """What the viewer may see of all that fits; kinds of which there is nothing are left out."""
    asked = search.read(words)
    if asked.blank:
        return []
    found = [
        *_of_lists(words, viewer, now),
        _records(words, viewer, language),
        _people(asked, viewer),
        _clauses(asked, language),
    ]
    return [group for group in found if group.hits]


def _of_lists(words: str, viewer: Viewer, now: datetime) -> Iterator[Group]:
    yield _of_list(CustomerList(viewer, now), words, ("class", "unit", "phone"))
    for kind in declared.kinds():
        yield _of_list(SubjectList(viewer, now, kind), words, ("place", "state"))
    cases = CaseList(viewer, now)
    columns = ("customer", "stage", "due")
    yield _of_list(cases, words, columns)
    closed = _of_list(cases, words, columns, stage=Case.Stage.CLOSED)
    yield Group("closed", _("已关闭的事项"), closed.hits, closed.more_url)


def _of_list(listing: Listing, words: str, columns: Sequence[str], **chosen: str) -> Group:
    shape = listing.shape
    asked = Asked(
        q=words[: search.MOST],
        chosen=chosen,
        order=shape.orders[0].key,
        columns=shape.usual_columns,
    )
    page = listing.page(asked, size=SHOWN)
    return Group(
        key=shape.room,
        title=str(shape.title),
        hits=[_hit(row, shape.columns[0].key, columns) for row in listing.rows(page.items)],
        more_url=shape.address(asked) if page.next else "",
    )


def _hit(row: Row, first: str, columns: Sequence[str]) -> Hit:
    cell = row.cells[first]
    words = [cell.note, *(said(row.cells[key]) for key in columns)]
    return Hit(cell.text, " · ".join(word for word in words if word), row.url)


def _records(words: str, viewer: Viewer, language: str) -> Group:
    """Records by the beginning of their number, as it is printed on them, the newest first."""
    forms = {form for _adoption, pack in adoptions.current() for form in pack.policy.forms}
    typed = unicodedata.normalize("NFKC", words).replace(" ", "").upper()
    found = (
        Record.objects.visible_to(viewer)
        .standing()
        .current()
        .filter(form__in=forms, number__startswith=typed)
        .select_related("about", "adoption")
        .order_by("-happened_at", "-id")
    )
    hits = [
        Hit(
            f"{form_of(record).title.say(language)} {record.number}",
            f"{record.about.label} · {localtime(record.happened_at, zone()):%Y-%m-%d}",
            reverse("records:page", args=[record.pk]),
        )
        for record in (found[:SHOWN] if NUMBERED.search(typed) else ())
    ]
    return Group("records", _("记录"), hits)


def _people(asked: search.Query, viewer: Viewer) -> Group:
    """Names of people are few and in memory; their pinyin is read on the spot."""
    everyone = Person.objects.visible_to(viewer).in_firm(viewer.on) if viewer.on else ()
    found = [person for person in everyone if _is_meant(asked, person)]
    posts = _positions([person.pk for person in found[:SHOWN]], viewer)
    hits = [
        Hit(person.name, " · ".join([person.number, *posts.get(person.pk, [])]))
        for person in found[:SHOWN]
    ]
    return Group("people", _("人员"), hits)


def _is_meant(asked: search.Query, person: Person) -> bool:
    if search.matches(asked, person.name, person.number):
        return True
    typed = asked.letters
    return bool(typed) and any(each.startswith(typed) for each in search_columns(person.name))


def _positions(people: Sequence[int], viewer: Viewer) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    posts = Post.objects.held(viewer.on).filter(person__in=people)  # type: ignore[arg-type]
    told = ("person", "position__title", "position__title_en")
    for person, *titled in posts.order_by("pk").values_list(*told):
        found.setdefault(person, []).append(title_of(*titled))
    return {person: [listed(dict.fromkeys(titles))] for person, titles in found.items()}


def _clauses(asked: search.Query, language: str) -> Group:
    """Clauses of the policies in force, by their id or by any of their words."""
    hits = [
        Hit(f"§ {clause.id}", clause.say(language), clause_url(pack.id, clause.id))
        for _adoption, pack in adoptions.current()
        for clause in pack.clauses.values()
        if search.matches(asked, clause.id, clause.say(language))
    ]
    return Group("clauses", _("条款"), hits[:SHOWN])
