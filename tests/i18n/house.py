"""A firm whose names are in Latin letters, so that every Chinese sign on a page is the product's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from huiyin.accounts import calendar_services
from huiyin.accounts.models import Firm, Person, Position, Unit
from huiyin.accounts.services import take_leave
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Party
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.customers import consenting
from huiyin.customers.consenting import Statement
from huiyin.customers.models import Contact, Customer
from huiyin.desk import services as lists
from huiyin.desk.models import Export, SavedView
from huiyin.desk.services import ViewForm
from huiyin.followups import services as followups
from huiyin.followups.services import Appointment
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import extending, scores
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.policy.loading import load_pack
from huiyin.records import services as records
from huiyin.records.answers import Sent
from huiyin.records.services import amend_record
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.app.imports import batches
from tests.second_policy import second

DAY = timedelta(days=1)
DRIPS = Item("problem", "The joint still drips", "moderate")
STAGES = ("raised", "written", "handed", "rectified", "unsolved", "revisited", "replied", "closed")


@dataclass(frozen=True)
class House:
    """The scene, and the moment at which its pages are looked at: four days later."""

    place: on.Scene
    later: datetime


def house(now: datetime) -> House:
    """Obligations of every standing, cases at every stage, papers, notices, a refusal."""
    place = on.scene(now)
    rename()
    _repairs(place)
    for number, stage in enumerate(STAGES):
        _case(place, f"WX-2{number}", stage)
    _items(place)
    _consent(place)
    later = now + 4 * DAY
    on.completed(replace(place, now=now + DAY), "WX-32")  # due today
    on.completed(replace(place, now=now + 2 * DAY), "WX-33")  # due tomorrow
    soon = replace(place, now=later)
    on.completed(soon, "WX-30")
    on.completed(soon, "WX-31", category="safety")
    _second(place, later)
    _propose(place, later)
    _calendar(place)
    _away(place, later)
    obligations.tick(now=later)
    _lists(place, later)
    batches.at_every_step(by=place.firm.manager.pk, now=later)
    return House(place, later)


def _consent(place: on.Scene) -> None:
    """The household wants no letters; before, it was misheard."""
    customer, by = Customer.objects.get(pk=place.customer), place.firm.manager.pk
    for decision, channel in (("given", "letter"), ("withdrawn", "letter")):
        said = Statement(decision, channel, "marketing", "phone", "Recording 0302", place.now)
        consenting.state(customer, said, by=by, now=place.now)
    first = Fact.objects.get(kind="consent.given")
    consenting.take_back(first, by=by, reason="Misheard", now=place.now)


def _second(place: on.Scene, later: datetime) -> None:
    """Another policy: a question, a report that reached the bureau, points that are contested."""
    firm, by = place.firm, place.firm.manager.pk
    second(firm, now=later)
    obligations.plan(now=later)
    broken = on.repair(place, "WX-50", category="other")
    for event in ("broken", "completed"):
        subjects.record_event(broken, event, happened_at=later, by=by, recorded_by=by, now=later)
    given: dict[str, Any] = {
        "about": broken.pk, "by": by, "recorded_by": by, "present": [], "signatures": {},
        "photos": {}, "happened_at": later,
    }  # fmt: skip
    sheet = given | {"about": Subject.objects.get(number="WX-10").pk, "by": firm.supervisor.pk}
    records.file_record("job_sheet", given={"result": "good"}, now=later, **sheet)
    report = records.file_record("bureau_report", given={"text": "Burst"}, now=later, **given)
    bureau = Party.objects.get(policy="second").target_id
    records.hand_over(
        report, to=bureau, channel="other", way="By courier", happened_at=later, by=by, now=later
    )
    for matter in ("a", "b"):
        scores.confirm_breach(
            "second", person=firm.repairer.pk, clause="1.c", occurrence=matter, reason="Not done",
            by=by, now=later,
        )  # fmt: skip
    contested = ScoreEntry.objects.latest("id")
    scores.contest(contested, reason="No power", by=firm.repairer.pk, now=later)
    inspect = Obligation.objects.get(duty="inspect", target=broken.pk)
    extending.ask_extension(inspect, reason="Away", by=firm.supervisor.pk, now=later)


def _lists(place: on.Scene, later: datetime) -> None:
    """Views of the manager, a stale one among them, and a sheet in every state."""
    manager = place.firm.manager
    viewer = place.firm.viewer(manager)
    views = [("Mine", "customers", "class=household"), ("Late", "cases", "deadline=late")]
    for name, room, query in views:
        form = ViewForm(name, is_default=True, shared_with="supervisor")
        lists.save_view(room, query, form, viewer=viewer, now=later)
    SavedView.objects.filter(name="Late").update(query="deadline=gone")
    for state, room in (
        ("waiting", "customers"), ("running", "cases"), ("failed", "followups"),
        ("ready", "subjects:repair"),
    ):  # fmt: skip
        Export.objects.create(
            requested_by=manager, requested_at=later, room=room, language="en", rows=9_000,
            done=4_000, state=state, content=b"PK", file_name="list.xlsx", ready_at=later,
        )  # fmt: skip


def _away(place: on.Scene, later: datetime) -> None:
    """Somebody is on leave, and the manager stands in for him."""
    lead, manager, today = place.firm.repair_lead, place.firm.manager, later.date()
    take_leave(lead, today, today + DAY, deputy=manager, by=manager.pk, now=place.now)


def _calendar(place: on.Scene) -> None:
    """A day of the firm's own, and a deadline that an unconfirmed year has a say in."""
    by, day = place.firm.manager.pk, date(2026, 3, 7)
    calendar_services.add_day(day, worked=True, reason="Stock-taking", by=by, now=place.now)
    Obligation.objects.filter(target__subject__number="WX-30").update(provisional=True)


def rename() -> None:
    """Latin letters in place of the cast's Chinese names."""
    Firm.objects.update(name="Sample Estates")
    Customer.objects.update(number="3-1202")
    Contact.objects.update(relation="owner")
    Target.objects.filter(kind="customer").update(label="3-1202")
    for position in Position.objects.all():
        Position.objects.filter(pk=position.pk).update(title=position.pk.capitalize())
    for unit in Unit.objects.all():
        Unit.objects.filter(pk=unit.pk).update(name=f"Unit {unit.pk}")
        Target.objects.filter(pk=unit.pk).update(label=f"Unit {unit.pk}")
    for person in Person.objects.all():
        Person.objects.filter(pk=person.pk).update(name=f"Person {person.number}")


def _repairs(place: on.Scene) -> None:
    firm, now = place.firm, place.now
    on.repair(place, "WX-10")
    on.completed(place, "WX-11")
    appointed = on.completed(place, "WX-12")
    followups.plan(
        Appointment(appointed.pk, "phone", now + 3 * DAY), by=firm.repair_lead.pk, now=now
    )
    waived = on.completed(place, "WX-13", category="safety")
    obligations.waive(
        Obligation.objects.filter(target=waived.pk)[0], by=firm.manager.pk, reason="Away", now=now
    )
    voided = on.completed(place, "WX-14")
    fact = Fact.objects.get(target=voided.pk, kind="repair.completed")
    subjects.void_event(fact, by=firm.manager.pk, reason="Wrong order", now=now)
    refused = on.GivenSignature(image="", refused=True, reason="In a hurry")
    on.visit(
        on.completed(place, "WX-15").pk,
        firm.repair_lead,
        now + DAY,
        answers=on.filled(signatures={"visited": refused}, photos={"photo": [on.photograph()]}),
        present=(firm.repair_lead.pk, firm.supervisor.pk),
    )
    entered_late = on.completed(place, "WX-16")
    held = on.visit(
        entered_late.pk, firm.repair_lead, now + DAY, now=now + 4 * DAY, late_reason="Late"
    )
    amend_record(
        held.record, on.filled(), reason="Wrong box", by=firm.repair_lead.pk, now=now + 4 * DAY
    )
    ledger.record([_revealed(place)], now=now)


def _revealed(place: on.Scene) -> ledger.NewFact:
    by = place.firm.manager.pk
    return ledger.NewFact(
        kind="phone.revealed", target_id=place.customer, by_id=by, recorded_by_id=by,
        happened_at=place.now, known_at=place.now, values={}, note="Called back",
    )  # fmt: skip


def _case(place: on.Scene, number: str, stage: str) -> Case:
    """A case that got as far as ``stage``; each step is an hour after the one before."""
    firm, reached = place.firm, STAGES.index(stage)
    at = [place.now + timedelta(hours=n) for n in range(1, 10)]
    held = on.visit(
        on.completed(place, number).pk,
        firm.repair_lead,
        at[0],
        answers=on.filled(on.UNSOLVED),
        problem=DRIPS,
    )
    case = on.fresh(held.raised.get())
    if reached >= 1:
        case = on.notice(case, firm.repair_lead, at[1], problem="Drips", requirement="Renew it")
    if reached >= 2:
        case = on.handed_over(case, firm.repair_lead, at[2])
    if reached >= 3:
        doing = on.doing(case.repairer, at[3])
        measures = Sent(given={"measures": "Renewed", "cause": "Age"})
        cases.record_rectification(case, answers=measures, doing=doing)
    if stage == "unsolved":
        _revisit(case, firm.manager, at[4], answers=on.filled(on.UNSOLVED), problem=DRIPS)
    elif reached >= 5:
        _revisit(case, firm.manager, at[4])
    if reached >= 6:
        doing = on.doing(firm.manager, at[5])
        cases.reply(on.fresh(case), text="It is dry now", channel="phone", doing=doing)
    if reached >= 7:
        doing = on.doing(firm.manager, at[6])
        cases.close(on.fresh(case), outcome="solved", doing=doing)
    return on.fresh(case)


def _items(place: on.Scene) -> None:
    """What the household brought up, at every stage that is no rectification."""
    firm, hour = place.firm, timedelta(hours=1)
    by, company = (
        on.doing(firm.manager, place.now + hour),
        on.doing(firm.head_office, place.now + hour),
    )
    lamp = Item("question", "When is the lamp renewed?", answer="On Friday")
    promised = replace(lamp, answer="", promised_reply_at=place.now + 10 * DAY)
    major = replace(lamp, severity="major", safety=True)
    parcels = Item("suggestion", "Move the parcel lockers")
    rude = Item("complaint", "Nobody answers", complained_about=firm.officer.pk)

    def down(item: Item) -> Case:
        return on.taken_down(place, item, firm.manager, place.now)

    for item in (lamp, promised, parcels, rude):
        down(item)
    cases.supplement(down(replace(promised, kind="request")), text="By the east door", doing=by)
    cases.decide(down(parcels), decision="not_adopted", reason="No room", doing=by)
    cases.handle(down(rude), text="It is so", doing=by)
    cases.refer(down(major), to=firm.head_office.pk, text="Stop the lift?", doing=by)
    ruled = down(major)
    cases.refer(ruled, to=firm.head_office.pk, text="Stop the lift?", doing=by)
    cases.rule_on_referral(ruled, text="Yes", doing=company)
    cases.withdraw(down(parcels), reason="Not needed", doing=by)
    changed = down(rude)
    cases.reclassify(changed, kind="opinion", severity="moderate", reason="No complaint", doing=by)
    on.visit(
        place.customer, firm.manager, place.now + hour, form="visit_record", items=[promised, rude],
        answers=on.filled({"met": "owner", "satisfaction": "4"}, signatures={}),
    )  # fmt: skip


def _revisit(case: Case, person: Any, at: datetime, **more: Any) -> None:
    on.visit(case.pk, person, at, **more)


def _propose(place: on.Scene, later: datetime) -> None:
    """A next version that waits for its approval."""
    sources = dict(load_pack(on.PACK).sources)
    sources["policy.yaml"] = sources["policy.yaml"].replace("version: 1}", "version: 2}")
    adoption.propose(
        sources, starts_on=date(2026, 4, 1), mode="force", by=place.firm.supervisor.pk, now=later
    )
