"""Records and their pictures that a viewer may see, or 404."""

from __future__ import annotations

from django.db.models import Q

from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import NotFound
from huiyin.records.models import Blob, Record

PARTIES = ("adoption", "about", "customer", "amends", "amended_by")


def for_reading(viewer: Viewer, record_id: int) -> Record:
    """The record, or NotFound: whoever may not see it does not learn that it exists."""
    seen = Record.objects.visible_to(viewer).select_related(*PARTIES).filter(pk=record_id)
    if record := seen.first():
        return record
    raise NotFound


def picture_for_reading(viewer: Viewer, record_id: int, sha256: str) -> Blob:
    """A picture that the record shows; the digest alone opens nothing."""
    record = for_reading(viewer, record_id)
    shown = (
        Q(pk__in=record.signatures.values("blob"))
        | Q(pk__in=record.photos.values("blob"))
        | Q(pk__in=record.handovers.values("blob"))
    )
    if picture := Blob.objects.filter(shown, pk=sha256).first():
        return picture
    raise NotFound
