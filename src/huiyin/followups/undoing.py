"""Taking back what was just entered of a follow-up: an appointment, or one that was held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.cases import undoing as cases
from huiyin.core.errors import Conflict
from huiyin.followups.models import Followup
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact

HELD, PLANNED, FILED = "followup.held", "followup.planned", "record.filed"


def facts_of(fact: Fact) -> list[Fact]:
    """All facts of the act that ``fact`` belongs to, newest first.

    Empty for what cannot be taken back whole: a re-visit moved its case on, and a case that came
    of the follow-up may be in work already.
    """
    if fact.kind == PLANNED:
        return [fact] if _planned(fact) else []
    followup = _held(fact) if fact.kind == HELD else None
    if followup is None or followup.case_id is not None:
        return []
    filed = Fact.objects.standing().filter(
        **{"target": fact.target_id, "kind": FILED, "values__record.id": followup.record_id}
    )
    found = [fact, *filed.select_related("target")]
    if len(found) != 2:  # the follow-up and its record
        return []
    for case in followup.raised.all():
        raising = cases.raising_facts(case)
        if not raising:
            return []
        found += raising
    return sorted(found, key=lambda each: -each.pk)


@transaction.atomic
def take_back(facts: Sequence[Fact], *, by: int, reason: str, now: datetime) -> None:
    """Void an act as ``facts_of`` gave it: what was planned waits again, what was not is gone.

    The record stays and counts no more; the cases leave every list. Raises Invalid without a
    reason, Conflict for what changed since.
    """
    [leading] = [each for each in facts if each.kind in (HELD, PLANNED)]
    held = leading.kind == HELD
    followup = _held(leading, lock=True) if held else _planned(leading, lock=True)
    if followup is None:
        raise Conflict(_("这次回访已经有了别的结果，请刷新页面。"), code="followup.moved")
    # Who goes on with one of them locks the case before what is owed about it; so do we.
    cases_of_it = followup.raised.order_by("pk").select_for_update(of=("self",))
    raised = list(cases_of_it) if held else []
    ledger.void_together([(f.pk, f.target_id) for f in facts], by=by, reason=reason, now=now)
    for case in raised:
        cases.retract(case, by=by, reason=reason, now=now)
    if not held:
        Followup.objects.filter(pk=followup.pk).update(state=Followup.State.CANCELLED)
    elif followup.planned_for is None:
        followup.delete()
    else:
        _wait_again(followup)


def _wait_again(followup: Followup) -> None:
    followup.raised.clear()
    made = Fact.objects.standing().filter(target=followup.about_id, kind=PLANNED)
    values = made.order_by("id").values_list("values", flat=True).last() or {}
    Followup.objects.filter(pk=followup.pk).update(
        state=Followup.State.PLANNED,
        channel=values.get("followup.channel", followup.channel),
        held_at=None,
        record=None,
        case=None,
    )


def _held(fact: Fact, *, lock: bool = False) -> Followup | None:
    """The follow-up that the fact is of: two people may have held one at the same moment."""
    rows = Followup.objects.held().filter(
        about=fact.target_id,
        held_at=fact.happened_at,
        record__recorded_at=fact.recorded_at,
        record__recorded_by=fact.recorded_by_id,
    )
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found: Followup | None = rows.order_by("-pk").first()
    return found


def _planned(fact: Fact, *, lock: bool = False) -> Followup | None:
    rows = Followup.objects.planned().filter(about=fact.target_id)
    found: Followup | None = (rows.select_for_update() if lock else rows).first()
    at = datetime.fromisoformat(fact.values["followup.planned_for"])
    return found if found and found.planned_for == at else None
