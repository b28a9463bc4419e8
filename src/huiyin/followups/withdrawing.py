"""A customer who withdraws his consent is not visited as was agreed before: the plan is called off.

The obligation stays and is blocked; whoever made the appointment is told, since he may have to
turn round on his way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huiyin.core.acts import ActContext
from huiyin.core.errors import Refused
from huiyin.customers import consent
from huiyin.followups.models import Followup
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.notices import services as notices

CALLED_OFF = "followup_called_off"


def call_off_refused(facts: Sequence[Fact], now: datetime) -> None:
    """Subscriber of the ledger: in the transaction that takes the withdrawal down, or takes back
    the consent that was given since.

    States ``followup.cancelled`` for each appointment that the customer refuses by now.
    """
    said = _refusing(facts)
    if not said:
        return
    planned = Followup.objects.planned().filter(customer__in=said).order_by("pk")
    rows = list(planned.select_related("customer").select_for_update(of=("self",)))
    refused = consent.obstacles([_planning(row, now) for row in rows])
    gone = [(row, refused[place]) for place, row in enumerate(rows) if place in refused]
    if not gone:
        return
    ids = [row.pk for row, _why in gone]
    Followup.objects.filter(pk__in=ids).update(state=Followup.State.CANCELLED)
    cancelled = [_cancelled(row, why, said[row.customer_id], now) for row, why in gone]
    ledger.record(cancelled, now=now)
    notices.tell([_told(row) for row, _why in gone], now=now)


def _refusing(facts: Sequence[Fact]) -> dict[int, Fact]:
    """The fact by which each customer may refuse more than before."""
    said = {fact.target_id: fact for fact in facts if fact.kind == consent.WITHDRAWN}
    voids = {fact.voids_id: fact for fact in facts if fact.voids_id}
    given = Fact.objects.filter(pk__in=voids, kind=consent.GIVEN) if voids else ()
    return {each.target_id: voids[each.pk] for each in given} | said


def _planning(row: Followup, now: datetime) -> ActContext:
    values = {"followup.channel": row.channel}
    return ActContext("followup.plan", target=row.about_id, by=None, at=now, values=values)


def _cancelled(row: Followup, why: Refused, said: Fact, now: datetime) -> ledger.NewFact:
    """Why is what the customer withdrew: told in the language of who reads it, not kept in words."""
    values = {"followup.channel": row.channel, **why.values["withdrawn"]}
    return ledger.NewFact(
        "followup.cancelled", row.about_id, said.by_id, said.recorded_by_id,
        happened_at=now, known_at=now, values=values,
    )  # fmt: skip


def _told(row: Followup) -> notices.Message:
    return notices.Message(
        recipient_id=row.planned_by_id,
        about_id=row.about_id,
        template=CALLED_OFF,
        key=f"followup:{row.pk}:{CALLED_OFF}",
        params={"place": row.customer.number, "due": row.planned_for.isoformat()},
    )
