"""设置 → 导入: a file, what its columns mean, what would come of it, bringing it in, undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core import clock
from huiyin.core.errors import Conflict, HuiyinError, Invalid
from huiyin.core.pages import keyset_page
from huiyin.core.transactions import one_snapshot
from huiyin.imports import mapping, pages, services
from huiyin.imports.access import batch_for, require_importing
from huiyin.imports.errors import ImportStopped
from huiyin.imports.exporting import refused_rows, rows_in_doubt
from huiyin.imports.forms import UploadForm, header_row, read_choices
from huiyin.imports.importer import Importer, importer_of
from huiyin.imports.mapping import Choices
from huiyin.imports.models import ImportBatch
from huiyin.imports.uploads import MOST_BYTES, Head, Upload, received
from huiyin.ui.flash import saved

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = ImportBatch.State


@never_cache
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported so far; POST takes a file in."""
    require_importing(request.viewer)
    form = UploadForm(
        request.POST or None, request.FILES or None, offered=pages.offered(), initial=request.GET
    )
    if request.method == "GET":
        return _list(request, form, {})
    try:
        given = form.checked()
        made = _upload(request, given)
    except (Invalid, ImportStopped) as error:
        errors = getattr(error, "errors", None) or {"file": [error.message]}
        return _list(request, form, errors)
    return redirect("imports:columns", batch_id=made.pk)


def _upload(request: HttpRequest, given: Mapping[str, Any]) -> ImportBatch:
    what, _colon, kind = given["what"].partition(":")
    file = given["file"]
    with received(file) as path:
        upload = Upload(path, (file.name or "")[:200], what, kind)
        return services.upload(
            upload, importer=importer_of(what), by=request.person.pk, now=clock.now()
        )


def _list(request: HttpRequest, form: UploadForm, errors: Mapping[str, Any]) -> HttpResponse:
    rows = ImportBatch.objects.defer("head", "notices", "obstacles")
    page = keyset_page(rows, cursor=request.GET.get("after", ""), size=20)
    titles = dict(pages.offered())
    context = {
        "rows": [pages.row(batch, titles) for batch in page.items],
        "form": form,
        "errors": errors,
        "labels": {name: str(field.label) for name, field in form.fields.items()},
        "most": MOST_BYTES // 1024**2,
        "newer": f"?after={page.previous}" if page.previous else "",
        "older": f"?after={page.next}" if page.next else "",
    }
    return render(request, "imports/list.html", context, status=422 if errors else 200)


@never_cache
@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far an import is, and what may be done about it."""
    # The state, the counts and the rows of one moment, while a job may be changing all three.
    with one_snapshot():
        found = batch_for(request.viewer, batch_id)
        shown = _shown(request, found)
    if getattr(request, "htmx", False) and not shown["running"]:
        # The page that asked how far it is shows everything anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "imports/batch.html", shown)


def _page(request: HttpRequest, batch: ImportBatch, error: HuiyinError) -> HttpResponse:
    shown = _shown(request, batch, error)
    return render(request, "imports/batch.html", shown, status=error.status)


def _shown(
    request: HttpRequest, batch: ImportBatch, error: HuiyinError | None = None
) -> dict[str, Any]:
    return {
        "batch": batch,
        "title": pages.title_of(batch),
        "state": batch.get_state_display(),
        "running": batch.state in pages.RUNNING,
        "progress": pages.progress(batch),
        "result": pages.result(batch),
        "first": pages.first_rows(batch),
        "was_read": batch.state in (State.STAGED, State.APPLIED, State.APPLYING),
        "may_undo": batch.state == State.APPLIED and services.may_be_undone(batch, clock.now()),
        "errors": getattr(error, "errors", {}),
        "refusal": {"message": error.message} if isinstance(error, Conflict) else None,
        "reason": request.POST.get("reason", ""),
    }


@never_cache
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What each column means: guessed, and decided by a person."""
    found = batch_for(request.viewer, batch_id)
    if found.head is None or found.state not in services.OPEN:
        return redirect("imports:page", batch_id=found.pk)
    importer, head = importer_of(found.what), Head.of(found.head)
    if request.method == "GET":
        return _columns(request, found, _proposed(request, found, importer, head))
    chosen = read_choices(request.POST, head)
    left = pages.translations(chosen, head, importer.expected(found.kind), asked=True)
    try:
        if first := next((each["name"] for each in left if each["errors"]), ""):
            unknown = _("有些文字还不知道是什么意思，请在下面逐一说明。")
            raise Invalid({f"value-{first}": [unknown]})
        services.choose(found, pages.without_refused(chosen), importer=importer, now=clock.now())
    except Invalid as error:
        return _columns(request, found, chosen, error.errors)
    return redirect("imports:page", batch_id=found.pk)


@require_POST
def sheet(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Read another sheet of the workbook."""
    found = batch_for(request.viewer, batch_id)
    if found.head is None or found.state not in services.OPEN:
        raise Conflict
    importer = importer_of(found.what)
    try:
        services.choose_sheet(found, request.POST.get("sheet", ""), importer=importer)
    except ImportStopped as error:
        choices = mapping.proposed(found, importer.expected(found.kind))
        return _columns(request, found, choices, {"sheet": [error.message]})
    return redirect("imports:columns", batch_id=found.pk)


def _proposed(request: HttpRequest, batch: ImportBatch, importer: Importer, head: Head) -> Choices:
    expected = importer.expected(batch.kind)
    if "header" in request.GET:
        return mapping.at_header(batch, header_row(request.GET["header"], head), expected)
    return mapping.proposed(batch, expected)


def _columns(
    request: HttpRequest,
    batch: ImportBatch,
    choices: Choices,
    errors: Mapping[str, Any] | None = None,
) -> HttpResponse:
    importer, head = importer_of(batch.what), Head.of(batch.head)
    expected, wrong = importer.expected(batch.kind), errors or {}
    columns = pages.columns(choices, head, expected, wrong)
    context = {
        "batch": batch,
        "title": pages.title_of(batch),
        "head": head,
        "sheets": [(name, name) for name in head.sheets],
        "choices": choices,
        "columns": columns,
        "constants": pages.constants(choices, expected, wrong),
        "beside": pages.beside(choices, expected, wrong),
        "translations": pages.translations(choices, head, expected, asked=errors is not None),
        "headers": pages.headers(choices, head, expected),
        "modes": [each for each in ImportBatch.Mode.choices if each[0] in importer.modes],
        "required": [str(w.title or name) for name, w in expected.items() if w.required],
        "needed": pages.needed(choices, expected),
        "fronts": [(text, text) for text in mapping.fronts(expected)],
        "joined": any(wanted.joins for wanted in expected.values()),
        "errors": wrong,
        "labels": {column["name"]: column["title"] for column in columns},
    }
    return render(request, "imports/columns.html", context, status=422 if wrong else 200)


@require_POST
def application(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Bring in what was tried out."""
    found = batch_for(request.viewer, batch_id)
    services.apply_later(found)
    return redirect("imports:page", batch_id=found.pk)


@require_POST
def undoing(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take back what was brought in."""
    found = batch_for(request.viewer, batch_id)
    reason = request.POST.get("reason", "")
    try:
        services.undo_later(found, reason=reason, by=request.person.pk)
    except (Invalid, Conflict) as error:
        return _page(request, found, error)
    return redirect("imports:page", batch_id=found.pk)


@require_POST
def cancellation(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give up what was not brought in: the file goes at once."""
    services.cancel(batch_for(request.viewer, batch_id))
    saved(request, _("已取消，上传的文件已删除。"))
    return redirect("imports:list")


@never_cache
@require_GET
def refusals(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The refused rows as they stood, with the reasons, to be put right and imported again."""
    found = batch_for(request.viewer, batch_id)
    return _workbook(refused_rows(found), _("拒绝的行-%(batch)s.xlsx") % {"batch": found.pk})


@never_cache
@require_GET
def doubts(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows that were taken and in which something has to be looked into, as they stood."""
    found = batch_for(request.viewer, batch_id)
    return _workbook(rows_in_doubt(found), _("待核对的行-%(batch)s.xlsx") % {"batch": found.pk})


def _workbook(content: bytes, name: str) -> HttpResponse:
    attached = content_disposition_header(True, name)
    return HttpResponse(content, XLSX, headers={"Content-Disposition": attached})
