"""Search over everything, saved views, and sheets to take along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.cases.answers import keep_refusal
from huiyin.core import clock
from huiyin.core.errors import Invalid, NotFound, Refused
from huiyin.core.lists import Shape
from huiyin.core.punctuation import listed
from huiyin.desk import access, lists, searching, services
from huiyin.desk.list_forms import SavedViewForm
from huiyin.desk.models import Export, SavedView
from huiyin.desk.services import Sheet
from huiyin.ui.flash import saved

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The first ten of each kind that fit, as far as one may see them."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    found = searching.groups(
        words, request.viewer, now=clock.now(), language=get_language() or "zh"
    )
    return render(request, "desk/search.html", {"q": words, "groups": found})


@require_http_methods(["GET", "POST"])
def saved_views(request: HttpRequest) -> HttpResponse:
    """One's own views and those that colleagues share; POST keeps what was asked of a list."""
    if request.method == "GET":
        return render(request, "desk/saved_views.html", {"views": _views(request)})
    form = SavedViewForm(request.POST)
    view, dropped = services.save_view(
        request.POST.get("room", ""),
        request.POST.get("query", ""),
        form.checked(),
        viewer=request.viewer,
        now=clock.now(),
    )
    saved(request, _("已存为常用视图“%(name)s”。") % {"name": view.name})
    if dropped:
        told = _("这个列表没有这些条件，已略去：%(names)s") % {"names": listed(dropped)}
        saved(request, told)
    shape = _shapes(request, [view.room])[view.room]
    return redirect(f"{shape.url}?{view.query}")


@require_http_methods(["GET", "POST"])
def saved_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename a view, pin it, open the room with it, share it with a position."""
    view = access.view_for_changing(request.viewer, view_id)
    if request.method == "GET":
        return render(
            request, "desk/saved_view.html", _editing(request, view, SavedViewForm.of(view))
        )
    form = SavedViewForm(request.POST)
    try:
        services.change_view(view, form.checked())
    except Invalid as error:
        context = _editing(request, view, form) | {"errors": error.errors}
        return render(request, "desk/saved_view.html", context, status=error.status)
    saved(request, _("已保存。"))
    return redirect("desk:saved_views")


@require_POST
def saved_view_deletion(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one's own view; nothing that it showed is touched."""
    services.delete_view(access.view_for_changing(request.viewer, view_id))
    saved(request, _("常用视图已删除。"))
    return redirect("desk:saved_views")


@never_cache
@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """Sheets of the last week; POST makes one, at once or in the background."""
    now, me = clock.now(), request.viewer.person_id or 0
    if request.method == "GET":
        rows = list(Export.objects.of(me).kept(now).defer("content").order_by("-id")[:50])
        shapes = _shapes(request, [row.room for row in rows])
        told = [_told(row, shapes) for row in rows]
        return render(request, "desk/exports.html", {"exports": told})
    room, query = request.POST.get("room", ""), request.POST.get("query", "")
    try:
        made = services.export(room, query, viewer=request.viewer, now=now)
    except Refused as refused:
        keep_refusal(refused, act=services.EXPORT, target=me, by=me, at=now)
        raise
    if isinstance(made, Sheet):
        return _file(made)
    return redirect("desk:export", export_id=made.pk)


@never_cache
@require_GET
def export(request: HttpRequest, export_id: int) -> HttpResponse:
    """How far a sheet is; the page asks again until it is ready."""
    row = access.export_for_reading(request.viewer, export_id, clock.now())
    return render(request, "desk/export.html", {"export": _told(row, _shapes(request, [row.room]))})


@never_cache
@require_GET
def export_file(request: HttpRequest, export_id: int) -> HttpResponse:
    """The sheet itself, to the one who asked for it."""
    row = access.export_for_reading(request.viewer, export_id, clock.now())
    if row.state != Export.State.READY or row.content is None:
        raise NotFound(_("这张表还没有生成，请稍后再来。"))
    return _file(Sheet(row.file_name, bytes(row.content)))


def _file(sheet: Sheet) -> HttpResponse:
    attached = content_disposition_header(True, sheet.name)
    return HttpResponse(sheet.content, XLSX, headers={"Content-Disposition": attached})


def _shapes(request: HttpRequest, rooms: Iterable[str]) -> dict[str, Shape]:
    """Each room's list once, however many views and sheets are of it; gone ones are left out."""
    found = {}
    for room in set(rooms):
        try:
            found[room] = lists.listing(room, request.viewer, clock.now()).shape
        except NotFound:  # a kind that no policy in force tracks any more
            continue
    return found


def _told(row: Export, shapes: Mapping[str, Shape]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": shapes[row.room].title if row.room in shapes else row.room,
        "requested_at": row.requested_at,
        "state": row.state,
        "state_words": row.get_state_display(),
        "rows": row.rows,
        "done": row.done,
        "percent": min(100, 100 * row.done // max(row.rows, 1)),
    }


def _views(request: HttpRequest) -> list[dict[str, Any]]:
    """Views that one may open, with their lists and filters in words."""
    rows = list(SavedView.objects.offered_to(request.viewer).select_related("owner", "shared_with"))
    shapes = _shapes(request, [view.room for view in rows])
    return [_described(view, shapes.get(view.room)) for view in rows]


def _described(view: SavedView, shape: Shape | None) -> dict[str, Any]:
    told: dict[str, Any] = {"view": view, "title": view.room, "words": "", "dropped": "", "url": ""}
    if shape is None:
        return told
    asked = shape.read(QueryDict(view.query))
    words = [*([asked.q] if asked.q else []), *(choice for _title, choice in shape.said(asked))]
    return told | {
        "title": shape.title,
        "words": listed(words),
        "dropped": listed(asked.dropped),
        "url": f"{shape.url}?{view.query}",
    }


def _editing(request: HttpRequest, view: SavedView, form: SavedViewForm) -> dict[str, Any]:
    shape = _shapes(request, [view.room]).get(view.room)
    return {"told": _described(view, shape), "form": form}
