"""Cases by id for a viewer: the object, 404 (not his to see) or 403 (not his to change)."""

from __future__ import annotations

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.visibility import Viewer
from huiyin.cases.models import Case
from huiyin.core.errors import Forbidden, NotFound


def for_reading(viewer: Viewer, case_id: int) -> Case:
    """Raises NotFound for what the viewer may not see, as for what does not exist."""
    case = Case.objects.visible_to(viewer).for_pages().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def manages(viewer: Viewer, case: Case) -> bool:
    """Leads the case: it lies in the viewer's units, or the viewer raised it himself."""
    return may_lead(viewer, case.target) or case.raised_by_id in viewer.persons


def answers(viewer: Viewer, case: Case) -> bool:
    """May enter the repairer's answer: the repairer himself or who leads the case."""
    return case.repairer_id in viewer.persons or manages(viewer, case)


def rules(viewer: Viewer, case: Case) -> bool:
    """May enter a ruling: who was asked for it, or who leads the case and was told it."""
    asked = case.referrals.filter(ruled_at=None, to__in=viewer.persons)
    return manages(viewer, case) or asked.exists()


def for_managing(viewer: Viewer, case_id: int) -> Case:
    """Raises NotFound, or Forbidden for somebody who may only read it."""
    case = for_reading(viewer, case_id)
    if not manages(viewer, case):
        raise Forbidden
    return case


def for_answering(viewer: Viewer, case_id: int) -> Case:
    """Raises NotFound, or Forbidden for somebody who may only read it."""
    case = for_reading(viewer, case_id)
    if not answers(viewer, case):
        raise Forbidden
    return case


def for_ruling(viewer: Viewer, case_id: int) -> Case:
    """Raises NotFound, or Forbidden for somebody who may only read it."""
    case = for_reading(viewer, case_id)
    if not rules(viewer, case):
        raise Forbidden
    return case
