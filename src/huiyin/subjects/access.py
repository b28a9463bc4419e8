"""Subjects and their events that a viewer may see, or 404; may change, or 403."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Forbidden, NotFound
from huiyin.core.pages import Page
from huiyin.ledger.models import Fact
from huiyin.ledger.queries import timeline
from huiyin.subjects.declared import REGISTERED
from huiyin.subjects.models import Subject


def for_reading(viewer: Viewer, kind: str, subject_id: int) -> Subject:
    """The subject of that kind, or NotFound."""
    seen = Subject.objects.visible_to(viewer).of_kind(kind).with_last_event()
    rows = seen.select_related("customer__target", "target__unit")
    if subject := rows.filter(pk=subject_id).first():
        return subject
    raise NotFound


def history_of(viewer: Viewer, subject: Subject, cursor: str) -> Page:
    """What happened to a subject that the viewer sees, newest first.

    Whom it names reads its own events; of the rest, what he did himself.
    """
    his = Q(kind__startswith=f"{subject.kind}.")
    his |= Q(by__in=viewer.persons) | Q(recorded_by__in=viewer.persons)
    return timeline([subject.pk], viewer, cursor, besides=his)


def event_for_writing(viewer: Viewer, kind: str, subject_id: int, fact_id: int) -> Fact:
    """A standing event that the viewer may take back; NotFound, or Forbidden if only seen."""
    subject = for_reading(viewer, kind, subject_id)
    events = Fact.objects.standing().filter(target=subject.pk, kind__startswith=f"{kind}.")
    fact = events.filter(pk=fact_id).first()
    if fact is None:
        raise NotFound
    if not _may_void(viewer, subject, fact):
        raise Forbidden
    return fact


def voidable(viewer: Viewer, subject: Subject, facts: Iterable[Fact]) -> list[Fact]:
    """Which of these facts (with ``voided_by`` loaded) the viewer may take back."""
    return [
        fact
        for fact in facts
        if fact.kind.startswith(f"{subject.kind}.")
        and getattr(fact, "voided_by", None) is None
        and _may_void(viewer, subject, fact)
    ]


def _may_void(viewer: Viewer, subject: Subject, fact: Fact) -> bool:
    """Who entered it, or who oversees the unit; a registration stands while the subject does."""
    if fact.kind.endswith(f".{REGISTERED}"):
        return False
    return may_lead(viewer, subject.target) or fact.recorded_by_id == viewer.person_id
