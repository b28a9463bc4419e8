"""What can be taken back, done once; and everything that is read of what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from huiyin.adoption.queries import current
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.customers import consenting
from huiyin.customers.consenting import Statement
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.insights.verdicts import verdicts
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RUDE = Item("complaint", "物管员不接电话", "moderate")
GRAVE = Item("complaint", "电梯停了没人管", "major")
PARCELS = Item("suggestion", "快递柜挪到门口")
LAMP = Item("question", "地下车库何时换灯", answer="周五换")


def state(now: datetime) -> dict[str, Any]:
    """All that is read of what happened, without the facts; what is voided is not there."""
    owed = Obligation.objects.exclude(state="voided").order_by("pk")
    return {
        "obligations": list(
            owed.values_list(
                "pk", "state", "due_at", "first_due_at", "done_at", "done_recorded_at",
                "settled_by", "met_fact", "missed", "holder", "counted", "level",
            )
        ),
        "shares": list(ShareCount.objects.order_by("pk").values_list("pk", "counts")),
        "cases": list(Case.objects.order_by("pk").values()),
        "followups": list(Followup.objects.order_by("pk").values()),
        "subjects": list(Subject.objects.order_by("pk").values()),
        "records": list(Record.objects.standing().values_list("pk", flat=True)),
        "verdicts": [
            (clause, month, verdict.conclusion)
            for adoption, pack in current()
            for (clause, month), verdict in verdicts(
                adoption, pack, months=[now.date().replace(day=1)], now=now
            ).items()
        ],
    }  # fmt: skip


def undo(person: Any, *, reason: str = "登记错了", act: int | None = None) -> Any:
    """As the page sends it: with the act that it shows."""
    client = on.signed_in(person)
    if act is None:
        last = client.get("/undo/").context["last"]
        act = last.fact.pk if last else 0
    return client.post("/undo/", {"reason": reason, "act": act})


def subject() -> Subject:
    return Subject.objects.get(number="WX-1")


def owed(place: on.Scene) -> Obligation:
    return Obligation.objects.get(holder=place.firm.repair_lead.pk, duty="repair_visit")


def said(place: on.Scene, at: datetime) -> Any:
    said = Statement("withdrawn", "phone", "followup", "phone", "录音 12", at)
    household = subject().customer
    assert household is not None
    consenting.state(household, said, by=place.firm.officer.pk, now=at)
    return place.firm.officer


def waived(place: on.Scene, at: datetime) -> Any:
    obligations.waive(owed(place), by=place.firm.manager.pk, reason="住户外出", now=at)
    return place.firm.manager


def case_of_desk(place: on.Scene, item: Item) -> Case:
    return on.taken_down(place, item, place.firm.officer, place.now + HOUR)


def closed(place: on.Scene, at: datetime) -> Any:
    case = on.fresh(Case.objects.get())
    by = on.doing(place.firm.manager, at)
    cases.close(case, outcome="explained", doing=by)
    return place.firm.manager


def replied(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.reply(case, text="已经安排", channel="phone", doing=by)
    return place.firm.manager


def decided(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.decide(case, decision="adopted", reason="方便", doing=by)
    return place.firm.manager


def handled(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.handle(case, text="属实，已道歉", doing=by)
    return place.firm.manager


def reclassified(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.reclassify(case, kind="opinion", severity="minor", reason="不是投诉", doing=by)
    return place.firm.manager


def supplemented(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.supplement(case, text="是东门的", doing=by)
    return place.firm.manager


def withdrawn(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.withdraw(case, reason="不用了", doing=by)
    return place.firm.manager


def raised(item: Item) -> Callable[[on.Scene, datetime], Any]:
    def act(place: on.Scene, at: datetime) -> Any:
        on.taken_down(place, item, place.firm.officer, at)
        return place.firm.officer

    return act


def visited(**more: Any) -> Callable[[on.Scene, datetime], Any]:
    def act(place: on.Scene, at: datetime) -> Any:
        on.visit(subject().pk, place.firm.repair_lead, at, **more)
        return place.firm.repair_lead

    return act


def registered(place: on.Scene, at: datetime) -> Any:
    on.repair(on.Scene(place.firm, place.customer, at), "WX-2")
    return place.firm.manager


def planned(place: on.Scene, at: datetime) -> Any:
    when = Appointment(subject().pk, "phone", at + DAY, owed(place).pk)
    followups.plan(when, by=place.firm.repair_lead.pk, now=at)
    return place.firm.repair_lead


KINDS: dict[str, tuple[Item | None, Callable[[on.Scene, datetime], Any]]] = {
    "a statement about consent": (None, said),
    "a release from an obligation": (None, waived),
    "a decision on a suggestion": (PARCELS, decided),
    "what was done about a complaint": (RUDE, handled),
    "a reply": (PARCELS, replied),
    "a reply after an answer": (LAMP, replied),
    "another kind": (RUDE, reclassified),
    "another kind with what it released": (GRAVE, reclassified),
    "a supplement": (PARCELS, supplemented),
    "a withdrawal with what it released": (PARCELS, withdrawn),
    "a closing": (LAMP, closed),
    "a suggestion at the front desk": (None, raised(PARCELS)),
    "a complaint at the front desk": (None, raised(RUDE)),
    "a question that was answered at once": (None, raised(LAMP)),
    "a follow-up": (None, visited()),
    "a follow-up with a problem": (
        None, visited(answers=on.filled(on.UNSOLVED), problem=on.LEAKS),
    ),
    "a follow-up with several items": (None, visited(items=[PARCELS, LAMP])),
    "a registration": (None, registered),
}  # fmt: skip
