"""Records and their pictures that a viewer may see, or 404."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Forbidden, NotFound
from huiyin.ledger.models import Target
from huiyin.records.models import Blob, Record

PARTIES = ("adoption", "about__unit", "customer", "amends", "amended_by")


def for_reading(viewer: Viewer, record_id: int) -> Record:
    """The record, or NotFound: whoever may not see it does not learn that it exists."""
    seen = Record.objects.visible_to(viewer).select_related(*PARTIES).filter(pk=record_id)
    if record := seen.first():
        return record
    raise NotFound


def for_amending(viewer: Viewer, record_id: int) -> Record:
    """A record that the viewer may mend; raises NotFound, or Forbidden if he only sees it."""
    record = for_reading(viewer, record_id)
    if not may_amend(viewer, record.about, Record.objects.versions_of(record)):
        raise Forbidden
    return record


def may_amend(viewer: Viewer, about: Target, versions: Iterable[Record]) -> bool:
    """Whoever made or entered one of its versions, and who heads the unit."""
    made = {person for each in versions for person in (each.by_id, each.recorded_by_id)}
    return viewer.person_id in made or may_lead(viewer, about)


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
