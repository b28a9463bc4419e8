"""Records and their pictures that a viewer may see, or 404."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import NotFound
from huiyin.ledger.models import Target
from huiyin.records.models import Blob, Record

PARTIES = ("adoption", "about__unit", "customer", "amends", "amended_by")


def for_reading(viewer: Viewer, record_id: int) -> Record:
    """The record, or NotFound: whoever may not see it does not learn that it exists."""
    seen = Record.objects.visible_to(viewer).select_related(*PARTIES).filter(pk=record_id)
    if record := seen.first():
        return record
    raise NotFound


def for_printing(viewer: Viewer, record_ids: Sequence[int]) -> list[Record]:
    """All of the records, in the order of their ids here, or NotFound; one statement."""
    wanted = list(dict.fromkeys(record_ids))
    seen = Record.objects.visible_to(viewer).select_related(*PARTIES)
    found = seen.in_bulk(wanted)
    if len(found) != len(wanted):
        raise NotFound
    return [found[record_id] for record_id in wanted]


def target_for_printing(viewer: Viewer, target_id: int) -> Target:
    """What an empty form is to be about, or NotFound."""
    seen = Target.objects.visible_to(viewer).select_related("unit").filter(pk=target_id)
    if target := seen.first():
        return target
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
