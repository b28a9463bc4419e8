"""A firm in which the repair policy is in force, with a household and a repair done there."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.test import Client
from PIL import Image, ImageDraw

from huiyin.accounts.models import Person, User
from huiyin.accounts.queries import zone
from huiyin.adoption import services as adoption
from huiyin.cases import services as cases
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Visit
from huiyin.policy.loading import load_pack
from huiyin.records.answers import Sent
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject
from huiyin.ui.fields import GivenSignature
from tests.people import SmallFirm, small_firm

PACK = Path(__file__).resolve().parents[2] / "packs" / "property-management"

SATISFIED = {
    "onsite_check": "fixed",
    "service": "5",
    "fees": "match",
    "suggestions": "none",
    "respondent": "owner",
}
UNSOLVED = SATISFIED | {"onsite_check": "not_fixed"}
WISHES = {
    "address": "li@people.example", "language": "en", "hours": "own",
    "quiet_from": "22:30", "quiet_to": "06:00",
    "way_hours": "now", "way_late": "now", "way_due": "none", "way_case": "digest",
    "way_policy": "digest", "way_other": "digest",
}  # fmt: skip
CHANNEL = {
    "active": "true", "host": "smtp.firm.example", "port": "587", "security": "starttls",
    "username": "notice", "password": "first-secret", "sender_name": "示例物业",
    "sender_address": "notice@firm.example", "base_url": "https://huiyin.firm.example/",
    "quiet_from": "21:00", "quiet_to": "08:00", "digest_at": "08:30",
}  # fmt: skip
LEAKS = Item("problem", "水管接头还在滴水", "moderate")


@dataclass(frozen=True)
class Scene:
    """The firm, a household in 一区 and the people there."""

    firm: SmallFirm
    customer: int
    now: datetime


def scene(now: datetime) -> Scene:
    """The cast with the policy in force since 2026-01-02, and 3栋1202 in 一区."""
    firm = small_firm(now)
    proposed = adoption.propose(
        _sources(),
        starts_on=date(2026, 1, 2),
        mode="trial",
        by=firm.manager.pk,
        now=now,
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    household = NewCustomer(
        "3栋1202",
        "household",
        unit_id=firm.zone_one.pk,
        owner_id=firm.officer.pk,
        contacts=[NewContact("13812342046", "业主")],
    )
    [customer] = register_customers([household], by=firm.manager.pk, now=now).values()
    return Scene(firm, customer, now)


@lru_cache
def _sources() -> dict[str, str]:
    return dict(load_pack(PACK).sources)


def signed_in(person: Person) -> Client:
    """A browser in which the person is signed in; no password is hashed for it."""
    user, _made = User.objects.get_or_create(username=f"u{person.pk}")
    Person.objects.filter(pk=person.pk).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def repair(scene: Scene, number: str = "WX-1", *, category: str = "leak") -> Subject:
    """A repair order of the household, not done yet."""
    row = NewSubject(
        number,
        {"category": category, "repairer": scene.firm.repairer.pk},
        customer_id=scene.customer,
        unit_id=scene.firm.zone_one.pk,
        created_at=scene.now - timedelta(days=1),
    )
    [pk] = subjects.register("repair", [row], by=scene.firm.manager.pk, now=scene.now)
    return Subject.objects.get(pk=pk)


def completed(scene: Scene, number: str = "WX-1", *, category: str = "leak") -> Subject:
    """A repair that is done at the scene's moment, so that its visit is owed."""
    subject = repair(scene, number, category=category)
    subjects.record_event(
        subject,
        "completed",
        happened_at=scene.now,
        by=scene.firm.repairer.pk,
        recorded_by=scene.firm.manager.pk,
        now=scene.now,
    )
    return subject


def doing(
    person: Any,
    at: datetime,
    *,
    recorded_by: Any = None,
    now: datetime | None = None,
    late_reason: str = "",
) -> Doing:
    return Doing(
        by=person.pk,
        recorded_by=(recorded_by or person).pk,
        happened_at=at,
        now=now or at,
        late_reason=late_reason,
    )


def filled(given: dict[str, Any] | None = None, **more: Any) -> Sent:
    """A signed form about a satisfied household, unless ``given`` says otherwise."""
    return Sent(
        given=SATISFIED if given is None else given,
        signatures=more.get("signatures", {"visited": signed()}),
        photos=more.get("photos", {}),
    )


OF_DOING = ("recorded_by", "now", "late_reason")


def visit(
    about: int, person: Any, at: datetime, *, answers: Sent | None = None, **more: Any
) -> Followup:
    """A visit that takes place at ``at`` and is entered then; about a case it is its re-visit.

    ``problem`` is what was found; else ``items`` are what it brought back.
    """
    present = more.pop("present", (person.pk,))
    problem, again = more.pop("problem", None), Case.objects.filter(pk=about).exists()
    return followups.hold(
        Visit(about, more.pop("form", "repair_visit"), present),
        answers=answers or filled(),
        items=more.pop("items", [problem] if problem and not again else ()),
        finding=problem if again else None,
        doing=doing(person, at, **{k: more.pop(k) for k in OF_DOING if k in more}),
        **more,
    )


def case_of(scene: Scene, subject: Subject, at: datetime) -> Case:
    """The case that the head of repairs raises at his visit."""
    held = visit(subject.pk, scene.firm.repair_lead, at, answers=filled(UNSOLVED), problem=LEAKS)
    return fresh(held.raised.get())


def taken_down(scene: Scene, item: Item, person: Any, at: datetime, *, about: int = 0) -> Case:
    """An item of the household that reaches the front desk by a call."""
    by = doing(person, at)
    return fresh(cases.raise_case(item, about=about or scene.customer, origin="phone", doing=by))


def notice(case: Case, person: Any, at: datetime, **fields: str) -> Case:
    """The written notice of the case, to be put right within a week."""
    week = at.astimezone(zone()) + timedelta(days=7)
    given = {
        "problem": "接头滴水",
        "requirement": "更换接头",
        "rectify_by": f"{week:%Y-%m-%d}",
    } | fields
    cases.file_notice(case, answers=Sent(given=given), doing=doing(person, at))
    return fresh(case)


def handed_over(case: Case, person: Any, at: datetime) -> Case:
    cases.hand_over_notice(case, channel="in_person", receipt=signed(), doing=doing(person, at))
    return fresh(case)


def rectified(case: Case, at: datetime, *, recorded_by: Any = None) -> Case:
    answers = Sent(given={"measures": "已更换接头并试水"})
    cases.record_rectification(
        case, answers=answers, doing=doing(case.repairer, at, recorded_by=recorded_by)
    )
    return fresh(case)


def ruled(case: Case, person: Any, company: Any, at: datetime) -> Case:
    """Referred to the company, which agrees at once."""
    cases.refer(case, to=company.pk, text="请示", doing=doing(person, at))
    cases.rule_on_referral(fresh(case), text="同意", doing=doing(company, at))
    return fresh(case)


def fresh(case: Case | None) -> Case:
    assert case is not None
    return Case.objects.for_pages().select_related("notice").get(pk=case.pk)


@lru_cache
def drawing() -> str:
    """A drawn line as the signature pad sends it."""
    paper = Image.new("RGBA", (60, 20), "white")
    ImageDraw.Draw(paper).line([(5, 15), (25, 4), (35, 16), (55, 5)], fill="black", width=2)
    file = io.BytesIO()
    paper.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def signed() -> GivenSignature:
    return GivenSignature(image=drawing(), refused=False, reason="")


@lru_cache
def photograph() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "grey").save(file, "JPEG")
    return file.getvalue()
