"""A filed record to read and print, and its pictures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huiyin.records import access, queries
from huiyin.records.links import target_url

YEAR = 31_536_000


@require_GET
def page(request: HttpRequest, record_id: int) -> HttpResponse:
    """The whole record: answers, signatures or refusals, photos, who and when, its versions."""
    record = access.for_reading(request.viewer, record_id)
    context = {
        "sheet": queries.sheet(record),
        "about_url": target_url(record.about),
        "newer": getattr(record, "amended_by", None),
        "ways": queries.ways_on(record),
    }
    return render(request, "records/page.html", context)


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
