"""Filed records to find, read and print; empty forms; pictures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huiyin.core import clock
from huiyin.core.errors import NotFound
from huiyin.notices.queries import site_address
from huiyin.records import access, forms, queries, services
from huiyin.records.links import amendment_url, intake_url, target_url
from huiyin.records.printing.papers import Imprint

YEAR = 31_536_000


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Records newest first, to open or to print several at once; and the empty forms."""
    titles = queries.form_titles()
    form = request.GET.get("form", "")
    form = form if form in titles else ""
    found = queries.page_of(request.viewer, form=form, cursor=request.GET.get("page", ""))
    printed, voided = queries.printings(found.items), queries.taken_back(found.items)
    context = {
        "rows": [
            (record, title, len(printed[record.pk]), record.pk in voided)
            for record, title in queries.titles(found.items)
        ],
        "forms": list(titles.items()),
        "form": form,
        "newer": _link(form, found.previous),
        "older": _link(form, found.next),
    }
    return render(request, "records/list.html", context)


def _link(form: str, cursor: str) -> str:
    kept = {"form": form} if form else {}
    return f"?{urlencode(kept | {'page': cursor})}" if cursor else ""


@require_GET
def page(request: HttpRequest, record_id: int) -> HttpResponse:
    """The whole record: answers, signatures or refusals, photos, who and when, its versions."""
    record = access.for_reading(request.viewer, record_id)
    sheet = queries.sheet(record)
    newer = getattr(record, "amended_by", None)
    customer = record.customer_id
    context = {
        "sheet": sheet,
        "about_url": target_url(record.about),
        "newer": newer,
        "ways": _ways(request, sheet),
        "raising": [] if newer else queries.newly_raising(record),
        "intake_url": intake_url(customer) if customer else "",
        "printings": queries.printings([record])[record.pk],
    }
    return render(request, "records/page.html", context)


def _ways(request: HttpRequest, sheet: queries.Sheet) -> list[tuple[str, str]]:
    """What the record may still go through; one that was taken back goes through nothing."""
    record = sheet.record
    if sheet.taken_back is not None:
        return []
    mending = access.may_amend(request.viewer, record.about, sheet.versions)
    amend = [(_("更改"), amendment_url(record.pk))] if mending else []
    return [*queries.ways_on(record), *((title, url) for title, url in amend if url)]


@never_cache
@require_POST
def printing(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record on paper."""
    [record] = access.for_printing(request.viewer, [record_id])
    made = services.print_records([record], _imprint(request))
    return _pdf(made, f"{record.number}.pdf")


@never_cache
@require_POST
def printings(request: HttpRequest) -> HttpResponse:
    """The chosen records as one PDF."""
    chosen = forms.read_ids(request.POST.getlist("record"))
    records = access.for_printing(request.viewer, chosen)
    made = services.print_records(records, _imprint(request))
    return _pdf(made, f"{records[0].number}+{len(records) - 1}.pdf")


@never_cache
@require_POST
def empty_form(request: HttpRequest, form: str, target_id: int | None = None) -> HttpResponse:
    """A form to carry along and fill in by hand, about a target or about none."""
    about = None
    if target_id is not None:
        about = access.target_for_printing(request.viewer, target_id)
    made = services.print_empty(form, _imprint(request), about=about)
    return _pdf(made, f"{form}.pdf")


def _imprint(request: HttpRequest) -> Imprint:
    if request.person is None:
        raise NotFound
    address = site_address() or request.build_absolute_uri("/")
    return Imprint(request.person, request.viewer, clock.now(), address)


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(False, name) or "inline"},
    )


@require_GET
def picture(request: HttpRequest, record_id: int, sha256: str) -> HttpResponse:
    """The bytes of a signature or photo of a record that the viewer may see."""
    blob = access.picture_for_reading(request.viewer, record_id, sha256)
    return HttpResponse(
        bytes(blob.content),
        content_type=blob.media_type,
        headers={
            "Content-Disposition": "inline",
            # The address names the content, so the browser need not ask again; no proxy keeps it.
            "Cache-Control": f"private, max-age={YEAR}, immutable",
        },
    )
