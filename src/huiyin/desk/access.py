"""Saved views, exports, and what somebody may do something about, by id: the object, 404 or 403."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.models import Person
from huiyin.core.errors import Forbidden, NotFound
from huiyin.desk.abilities import may_export
from huiyin.desk.models import Export, SavedView
from huiyin.ledger.models import Target
from huiyin.ledger.visibility import Viewer
from huiyin.obligations import access as obligations
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.obligations.queries import mine
from huiyin.records.models import Record


def view_for_changing(viewer: Viewer, view_id: int) -> SavedView:
    """His own. NotFound, or Forbidden for one that a colleague shares with him."""
    found = SavedView.objects.offered_to(viewer).filter(pk=view_id).first()
    if found is None:
        raise NotFound
    if found.owner_id != viewer.person_id:
        raise Forbidden
    return found


def export_for_reading(viewer: Viewer, export_id: int, now: datetime) -> Export:
    """Only who asked for it, as long as it is kept, and as long as he may export at all.

    Comes without its content. Raises NotFound, Forbidden.
    """
    mine = Export.objects.of(viewer.person_id or 0).kept(now).defer("content")
    found = mine.filter(pk=export_id).first()
    if found is None:
        raise NotFound
    if not may_export(viewer):
        raise Forbidden
    return found


def obligation_for_doing(viewer: Viewer, obligation_id: int, now: datetime) -> Obligation:
    """What he sees or owes, also where it waits for anyone of a role of his. Raises NotFound."""
    try:
        return obligations.for_reading(viewer, obligation_id)
    except NotFound:
        waiting = mine(viewer.person_id or 0, now=now).select_related(*obligations.PARTIES)
        if row := waiting.filter(pk=obligation_id).first():
            return row
        raise


def target_for_filing(viewer: Viewer, target_id: int, now: datetime) -> Target:
    """What he sees, or about which he owes something. Raises NotFound.

    Whether the policies let him file a form about it is asked when he does.
    """
    rows = Target.objects.select_related("unit").filter(pk=target_id)
    owed = Obligation.objects.filter(_his(viewer, now)).about(target_id)
    target = rows.visible_to(viewer).first() or (rows.first() if owed.exists() else None)
    if target is None:
        raise NotFound
    return target


def record_for_handing_over(viewer: Viewer, record_id: int, now: datetime) -> Record:
    """A record that he sees, or about whose target he owes something. Raises NotFound.

    One that was taken back reaches nobody.
    """
    rows = Record.objects.standing().select_related("about", "adoption")
    record = rows.filter(pk=record_id).first()
    if record is None:
        raise NotFound
    if not Record.objects.visible_to(viewer).filter(pk=record_id).exists():
        target_for_filing(viewer, record.about_id, now)
    return record


def _his(viewer: Viewer, now: datetime) -> Q:
    """Obligations that he sees by their targets, or that are his to do."""
    seen = Obligation.objects.visible_to(viewer).values("pk")
    if viewer.person_id is None:
        return Q(pk__in=seen)
    return Q(pk__in=seen) | Q(pk__in=mine(viewer.person_id, now=now).values("pk"))


def person_for_points(viewer: Viewer, person_id: int) -> Person:
    """Himself, or somebody of the units that he oversees. Raises NotFound."""
    person = Person.objects.visible_to(viewer).select_related("target").filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def heads_person(viewer: Viewer, person: Person) -> bool:
    """Whether he oversees the unit of somebody else."""
    return person.pk != viewer.person_id and may_lead(viewer, person.target)


def person_for_finding(viewer: Viewer, person_id: int) -> Person:
    """Somebody whose unit he oversees. Raises NotFound, or Forbidden for himself."""
    person = person_for_points(viewer, person_id)
    if not heads_person(viewer, person):
        raise Forbidden
    return person


def points_for_reading(viewer: Viewer, entry_id: int) -> ScoreEntry:
    """An entry of his own, or of somebody whom he oversees. Raises NotFound."""
    rows = ScoreEntry.objects.select_related(
        "adoption", "fact__note", "reverses", "person__as_person__target"
    )
    entry = rows.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    person_for_points(viewer, entry.person_id)
    return entry


def points_for_deciding(viewer: Viewer, entry_id: int) -> ScoreEntry:
    """An entry of somebody whom he oversees. Raises NotFound, or Forbidden for one of his own."""
    entry = points_for_reading(viewer, entry_id)
    person_for_finding(viewer, entry.person_id)
    return entry
