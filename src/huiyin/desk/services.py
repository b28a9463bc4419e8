"""Keeping views of lists, and taking lists out of the house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from huiyin.accounts.models import Person
from huiyin.accounts.queries import firm, zone
from huiyin.accounts.visibility import viewer_for
from huiyin.core import acts, search
from huiyin.core.errors import Forbidden, HuiyinError, Invalid
from huiyin.core.lists import Asked, Listing
from huiyin.desk import lists, sheets
from huiyin.desk.abilities import may_export
from huiyin.desk.models import Export, SavedView
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact
from huiyin.ledger.visibility import Viewer

NAME_LENGTH = 40
QUERY_LENGTH = 2_000
MOST_VIEWS = 50
"""Saved views of one person; more is a list of lists."""

AT_ONCE = 5_000
"""Rows up to which a sheet is made while one waits."""

BATCH = 1_000
EXPORTED = "list.exported"
EXPORT = "export"
JOB = "huiyin.make_export"


@dataclass(frozen=True, slots=True)
class ViewForm:
    """What somebody says of a view; ``shared_with`` is the code of a position."""

    name: str
    pinned: bool = True
    is_default: bool = False
    shared_with: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished file."""

    name: str
    content: bytes


@transaction.atomic
def save_view(
    room: str, query: str, form: ViewForm, *, viewer: Viewer, now: datetime
) -> tuple[SavedView, tuple[str, ...]]:
    """Keep what was asked of a list; with it the parameters that the list does not know.

    Raises NotFound for a room without a list, Invalid by field.
    """
    owner = _person(viewer)
    listing = lists.listing(room, viewer, now)
    asked = _read(listing, query)
    if search.read(asked.q).phone:
        raise Invalid({"query": [_("电话号码不能存进常用视图，请先清空搜索。")]})
    _refuse_wrong_name(form.name)
    _lock(owner)
    if SavedView.objects.of(owner).count() >= MOST_VIEWS:
        raise Invalid(
            {"": [_("最多保存 %(most)s 个常用视图，请先删去不用的。") % {"most": MOST_VIEWS}]}
        )
    view = SavedView(
        owner_id=owner, room=room, query=listing.shape.query(asked, after=""), created_at=now
    )
    _write(view, form)
    return view, asked.dropped


@transaction.atomic
def change_view(view: SavedView, form: ViewForm) -> None:
    """Rename it, pin it, make it the one that opens, share it. Raises Invalid by field."""
    _refuse_wrong_name(form.name)
    _lock(view.owner_id)
    _write(view, form)


@transaction.atomic
def delete_view(view: SavedView) -> None:
    view.delete()


@transaction.atomic
def export(room: str, query: str, *, viewer: Viewer, now: datetime) -> Sheet | Export:
    """A list as a sheet: at once up to five thousand rows, else on its way as an ``Export``.

    States ``list.exported`` about the person, without what was searched for. Raises Forbidden,
    Refused by a policy, NotFound, Invalid for what is longer than a sheet.
    """
    person = _person(viewer)
    if not may_export(viewer):
        raise Forbidden(_("您不能导出列表；负责一个单位的人可以。"))
    listing = lists.listing(room, viewer, now)
    asked = _read(listing, query)
    _lock(person)
    query = listing.shape.query(asked, after="")
    if waiting := _on_its_way(person, room, query):
        return waiting
    rows = listing.count(asked, most=sheets.MOST_ROWS)
    if rows > sheets.MOST_ROWS:
        message = _("超过 %(most)s 行，一张表放不下，请先缩小条件。") % {"most": sheets.MOST_ROWS}
        raise Invalid({"query": [message]})
    _state(listing, asked, rows, person=person, now=now)
    if rows > AT_ONCE:
        return _queue(room, query, rows, person=person, now=now)
    return _made(listing, asked, _about(listing, asked, person, now))


def make_export(export_id: int, *, now: datetime) -> None:
    """Write the sheet of an export as its person sees the list now; again after a crash.

    Not one transaction: whoever waits sees how far it is.
    """
    fresh = Export.objects.filter(pk=export_id, state__in=["waiting", "running"])
    if not fresh.update(state=Export.State.RUNNING, done=0):
        return
    row = Export.objects.defer("content").get(pk=export_id)
    finished = False
    try:
        with timezone.override(zone()), translation.override(row.language):
            sheet = _of_row(row, now=now)
        Export.objects.filter(pk=export_id).update(
            state=Export.State.READY, content=sheet.content, file_name=sheet.name, ready_at=now
        )
        finished = True
    except HuiyinError:
        return  # the right or the list is gone: that it failed says enough
    finally:
        if not finished:
            Export.objects.filter(pk=export_id).update(state=Export.State.FAILED)


@transaction.atomic
def delete_outlived(*, now: datetime) -> int:
    """Remove sheets that lay ready for a week; returns how many."""
    deleted, _per_model = Export.objects.outlived(now).delete()
    return deleted


def _of_row(row: Export, *, now: datetime) -> Sheet:
    viewer = viewer_for(row.requested_by_id, now.astimezone(zone()).date())
    if not may_export(viewer):
        raise Forbidden
    listing = lists.listing(row.room, viewer, row.requested_at)
    asked = listing.shape.read(QueryDict(row.query))

    def progress(done: int) -> None:
        Export.objects.filter(pk=row.pk).update(done=done)

    about = _about(listing, asked, row.requested_by_id, row.requested_at)
    return _made(listing, asked, about, progress=progress)


def _made(
    listing: Listing,
    asked: Asked,
    about: sheets.About,
    *,
    progress: Callable[[int], None] = lambda _done: None,
) -> Sheet:
    content, _rows = sheets.workbook(
        about,
        listing.shape.in_sheet(asked),
        listing.batches(asked, size=BATCH),
        progress=progress,
    )
    return Sheet(sheets.file_name(about), content)


def _about(listing: Listing, asked: Asked, person: int, at: datetime) -> sheets.About:
    """Whole phone numbers that were searched for stay inside."""
    house = firm()
    words = [(str(_("搜索")), _("一个电话号码") if search.read(asked.q).phone else asked.q)]
    return sheets.About(
        firm=house.name if house else "",
        person=Person.objects.get(pk=person).name,
        at=at,
        zone=zone(),
        title=str(listing.shape.title),
        asked=[*(words if asked.q else []), *listing.shape.said(asked)],
    )


def _state(listing: Listing, asked: Asked, rows: int, *, person: int, now: datetime) -> None:
    values = {
        "list.room": listing.shape.room,
        # What was searched for may be a name; that something was is all a fact may say.
        "list.filter": listing.shape.query(asked, after="", q=""),
        "list.searched": bool(asked.q),
        "list.rows": rows,
    }
    acts.check(EXPORT, acts.ActContext(act=EXPORT, target=person, by=person, at=now, values=values))
    fact = NewFact(EXPORTED, person, person, person, happened_at=now, known_at=now, values=values)
    ledger.record([fact], now=now)


def _queue(room: str, query: str, rows: int, *, person: int, now: datetime) -> Export:
    row = Export.objects.create(
        requested_by_id=person, requested_at=now, room=room, query=query, rows=rows,
        language=translation.get_language() or "zh-hans",
    )  # fmt: skip
    # The job is written in this transaction: it cannot run before the row is there, nor be lost.
    app.configure_task(JOB).defer(export=row.pk)
    return row


def _on_its_way(person: int, room: str, query: str) -> Export | None:
    """The same sheet, asked for a moment ago: nobody needs it twice."""
    waiting = Export.objects.of(person).filter(room=room, state__in=["waiting", "running"])
    return next((row for row in waiting.defer("content") if row.query == query), None)


def _read(listing: Listing, query: str) -> Asked:
    if len(query) > QUERY_LENGTH:
        message = _("条件太长（最多 %(most)s 个字符）。") % {"most": QUERY_LENGTH}
        raise Invalid({"query": [message]})
    return listing.shape.read(QueryDict(query))


def _refuse_wrong_name(name: str) -> None:
    if not name.strip():
        raise Invalid({"name": [_("请给视图起一个名称。")]})
    if len(name.strip()) > NAME_LENGTH:
        raise Invalid({"name": [_("名称最多 %(most)s 个字。") % {"most": NAME_LENGTH}]})


def _write(view: SavedView, form: ViewForm) -> None:
    view.name = form.name.strip()
    view.pinned, view.is_default = form.pinned, form.is_default
    view.shared_with_id = form.shared_with
    if view.is_default:
        others = SavedView.objects.of(view.owner_id).filter(room=view.room).exclude(pk=view.pk)
        others.update(is_default=False)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as taken:
        message = _("您在这个房间已有名为“%(name)s”的视图。") % {"name": view.name}
        raise Invalid({"name": [message]}) from taken


def _lock(person: int) -> None:
    """Two of a person's clicks at once wait for one another, and for nobody else's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('desk', %s))", [person])


def _person(viewer: Viewer) -> int:
    if viewer.person_id is None:
        raise Forbidden
    return viewer.person_id
