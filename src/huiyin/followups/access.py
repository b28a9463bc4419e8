"""What a viewer may hold a follow-up about, and follow-ups by id: the object or 404/403."""

from __future__ import annotations

from django.db.models import Exists

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.visibility import Viewer
from huiyin.cases.models import Case
from huiyin.core.errors import Forbidden, NotFound
from huiyin.followups.models import Followup
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation


def target_for_holding(viewer: Viewer, target_id: int) -> Target:
    """A repair or a case that the viewer sees, or about which he owes something.

    Whether the policies let him make the visit is asked when he files it. Raises NotFound.
    """
    seen = Target.objects.visible_to(viewer).filter(pk=target_id)
    owed = Obligation.objects.visible_to(viewer).about(target_id)
    cases = Case.objects.visible_to(viewer).filter(pk=target_id)
    rows = Target.objects.select_related("unit").filter(pk=target_id)
    if target := rows.filter(Exists(seen) | Exists(owed) | Exists(cases)).first():
        return target
    raise NotFound


def for_reading(viewer: Viewer, followup_id: int) -> Followup:
    """The follow-up, or NotFound: whoever may not see it does not learn that it exists."""
    rows = Followup.objects.visible_to(viewer).select_related(
        "about", "record__adoption", "case", "customer"
    )
    if followup := rows.filter(pk=followup_id).first():
        return followup
    raise NotFound


def for_changing(viewer: Viewer, followup_id: int) -> Followup:
    """A plan that the viewer made or whose unit he oversees; raises NotFound, Forbidden."""
    followup = for_reading(viewer, followup_id)
    if may_lead(viewer, followup.about) or followup.planned_by_id in viewer.persons:
        return followup
    raise Forbidden
