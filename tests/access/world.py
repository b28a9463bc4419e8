"""Everything that an address can name, in 一区 of a firm whose people must sign in.

supervisor      sees all                      outsider   物管员 of 二区
head            维修负责人 of 一区, with what   far_head   维修负责人 of 二区
                lies below it                 left       was 主管 until yesterday
unit_head       客服主管 of 一区 itself         dismissed  主管, let go while his page is open
owner           物管员, entrusted with it      off        主管 whose login was switched off
repairer        who did the repair            postless   in the firm, without any post
colleague       another 维修人员 of 一区       nobody     not signed in
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from huiyin.accounts import calendar_services as calendar
from huiyin.accounts.models import Person, User
from huiyin.accounts.services import create_person, create_positions, create_unit, take_leave
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Party
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.customers import changing, consenting
from huiyin.customers.consenting import Statement
from huiyin.customers.models import Contact, Customer
from huiyin.desk import services as lists
from huiyin.desk.models import Export
from huiyin.desk.services import ViewForm
from huiyin.followups import services as followups
from huiyin.followups.services import Appointment
from huiyin.ledger.models import Fact
from huiyin.notices import services as notices
from huiyin.notices.models import Notice
from huiyin.obligations import scores
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.policy.loading import load_pack
from huiyin.records import services as records
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject
from tests.app import scene as on
from tests.app.imports import batches
from tests.people import PASSWORD, appoint
from tests.second_policy import second
from tests.tables import counted

ROLES = (
    "nobody", "supervisor", "head", "owner", "repairer", "colleague",
    "outsider", "far_head", "left", "off",
)  # fmt: skip
LIKE = {"unit_head": "head", "postless": "outsider", "dismissed": "left"}
"""Further roles, each beside the one whose answers it nearly always gets."""

EVERYBODY = (*ROLES, *LIKE)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PHONE = "13812342046"


class Again(SimpleUploadedFile):
    """A file that can be sent any number of times."""

    def read(self, *size: int) -> bytes:
        self.seek(0)
        return super().read(*size)


NOTICE = Again("2027.csv", "2027-01-01,休,元旦\n2027-01-02,休,元旦\n".encode(), "text/csv")


@dataclass(frozen=True)
class World:
    """The scene, the people by role, and one thing for each name that a route may ask for."""

    place: on.Scene
    later: datetime
    people: dict[str, Person | None]
    ids: dict[str, Any]

    def browser(self, role: str, *, csrf: bool = False) -> Client:
        """Signed in as the role while it still could; then the person leaves, or is switched off."""
        client, person = Client(enforce_csrf_checks=csrf), self.people[role]
        if person is None:
            return client
        client.force_login(User.objects.get(person=person))
        if role == "dismissed":
            assert client.get("/settings/signin/").status_code == 200
        if role in ("left", "dismissed"):
            Person.objects.filter(pk=person.pk).update(left_on=self.later.date() - DAY)
        if role == "off":
            User.objects.filter(person=person).update(is_active=False)
        return client


class Ids(dict[str, Any]):
    """Things by their names. Of two with one name the second would be looked for as the first."""

    def __ior__(self, more: Any) -> Ids:
        assert not self.keys() & more.keys(), f"named twice: {self.keys() & more.keys()}"
        self.update(more)
        return self


def world(now: datetime) -> World:
    """The world two days after `now`."""
    place, later = on.scene(now), now + 2 * DAY
    ids = Ids()
    ids |= _repairs(place)
    ids |= _cases(place)
    ids |= _elsewhere(place)
    ids["customer_id"] = place.customer
    ids["contact_id"] = Contact.objects.get(customer=place.customer).pk
    ids["adoption"] = _proposed(place, later)
    ids["head_office"] = place.firm.head_office.pk
    ids["who_repaired"] = place.firm.repairer.pk
    ids |= _lists(place, later)
    ids["notice"] = _notice(place, ids["done"], later)
    ids["own_day"] = _own_day(place)
    ids |= {"no_batch": 0} | batches.at_every_step(by=place.firm.manager.pk, now=later)
    ids["statement"] = _statement(place)
    ids["customer_seen"] = changing.version(place.customer)
    ids |= _second(place, later)
    ids |= _staff(place)
    people = _people(place, now)
    ids |= _logins(people, later)
    return World(place, later, people, ids)


def _people(place: on.Scene, now: datetime) -> dict[str, Person | None]:
    firm = place.firm
    far_head, left, off, dismissed, unit_head = (
        create_person(name, number=number, by=None, now=now)
        for name, number in (
            ("癸负责", "P10"), ("子主管", "P11"), ("丑主管", "P12"), ("寅主管", "P13"),
            ("卯客服", "P14"),
        )
    )  # fmt: skip
    create_positions([("front_desk", "客服主管", "unit")])
    appoint(unit_head, "front_desk", firm.zone_one, now=now)
    appoint(far_head, "repair_lead", firm.zone_two, now=now)
    for person in (left, off, dismissed):
        appoint(person, "supervisor", firm.company, now=now)
    people = {
        "supervisor": firm.supervisor,
        "head": firm.repair_lead,
        "owner": firm.officer,
        "repairer": firm.repairer,
        "colleague": firm.second_repairer,
        "outsider": firm.far_officer,
        "far_head": far_head,
        "left": left,
        "off": off,
        "dismissed": dismissed,
        "unit_head": unit_head,
        "postless": firm.stranger,
    }
    for role, person in people.items():
        Person.objects.filter(pk=person.pk).update(user=User.objects.create_user(role, PASSWORD))
    return {"nobody": None, **people}


def _logins(people: dict[str, Person | None], later: datetime) -> dict[str, Any]:
    """A device of the supervisor's, a passkey of the far head's, somebody whose login it is about."""
    users = {role: User.objects.get(person=person) for role, person in people.items() if person}
    Session.objects.create(session_key="k" * 32, expire_date=later + DAY)
    device = UserSession.objects.create(
        user=users["supervisor"], session_key="k" * 32, ip="192.0.2.7", user_agent="Chrome/1"
    )
    passkey = Authenticator.objects.create(
        user=users["far_head"],
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "a", "credential": {}},
    )
    colleague = people["colleague"]
    assert colleague
    return {"session": device.pk, "passkey": passkey.pk, "colleague": colleague.pk}


def repair(
    place: on.Scene, number: str, *, owner: Person | None = None, category: str = "leak"
) -> Subject:
    """A repair of the household, entrusted to the officer of 一区."""
    row = NewSubject(
        number,
        {"category": category, "repairer": place.firm.repairer.pk},
        customer_id=place.customer,
        unit_id=place.firm.zone_one.pk,
        owner_id=(owner or place.firm.officer).pk,
        created_at=place.now - DAY,
    )
    [pk] = subjects.register("repair", [row], by=place.firm.manager.pk, now=place.now)
    return Subject.objects.get(pk=pk)


def completed(place: on.Scene, number: str) -> Subject:
    subject = repair(place, number)
    subjects.record_event(
        subject,
        "completed",
        happened_at=place.now,
        by=place.firm.repairer.pk,
        recorded_by=place.firm.repair_lead.pk,
        now=place.now,
    )
    return subject


def _repairs(place: on.Scene) -> dict[str, Any]:
    lead = place.firm.repair_lead
    done, visited, planned = (completed(place, f"WX-{n}") for n in (1, 2, 3))
    photos = {"photo": [on.photograph()]}
    held = on.visit(visited.pk, lead, place.now + HOUR, answers=on.filled(photos=photos))
    plan = Appointment(planned.pk, "phone", place.now + 3 * DAY)
    return {
        "open": repair(place, "WX-0").pk,
        "done": done.pk,
        "completion": Fact.objects.get(target=done.pk, kind="repair.completed").pk,
        "obligation": Obligation.objects.open().filter(holder=lead.pk).order_by("id")[0].pk,
        "held": held.pk,
        "record": held.record_id,
        "signature": held.record.signatures.get().blob_id,
        "photo": held.record.photos.get().blob_id,
        "planned": followups.plan(plan, by=lead.pk, now=place.now).pk,
    }


def _cases(place: on.Scene) -> dict[str, Any]:
    """One case at each step; the last one's notice was signed for."""
    lead, raised = place.firm.repair_lead, {}
    for number, stage in enumerate(("raised", "written", "notified")):
        subject = completed(place, f"WX-1{number}")
        answers = on.filled(on.UNSOLVED)
        held = on.visit(subject.pk, lead, place.now + HOUR, answers=answers, problem=on.LEAKS)
        raised[stage] = on.fresh(held.raised.get())
        if stage != "raised":
            raised[stage] = on.notice(raised[stage], lead, place.now + 2 * HOUR)
        if stage == "notified":
            raised[stage] = on.handed_over(raised[stage], lead, place.now + 3 * HOUR)
    notice = raised["notified"].notice
    raised |= _items(place, lead)
    return {
        **{stage: case.pk for stage, case in raised.items()},
        "notice_record": notice.pk,
        "receipt": notice.handovers.get().blob_id,
    }


def _items(place: on.Scene, lead: Person) -> dict[str, Any]:
    """What the household brought up by a call: one for each way, and one that waits for a ruling."""
    at, words = place.now + HOUR, "楼道灯太暗"
    items = {
        "asked": Item("question", words, answer="周五"),
        "suggested": Item("suggestion", words),
        "complained": Item("complaint", words),
        "referred": Item("question", words, answer="在查"),
    }
    found = {name: on.taken_down(place, item, lead, at) for name, item in items.items()}
    by = on.doing(lead, at)
    cases.refer(found["referred"], to=place.firm.head_office.pk, text="请示", doing=by)
    return found


def _elsewhere(place: on.Scene) -> dict[str, Any]:
    """Entrusted to nobody: what belongs to no unit, and what belongs to one below 一区."""
    row = NewSubject("WX-99", {"category": "leak", "repairer": place.firm.far_repairer.pk})
    group = create_unit("一组", parent=place.firm.zone_one, by=None, now=place.now)
    # Who is named sees it: of those who may be, the head sees it anyway.
    named = {"category": "leak", "repairer": place.firm.repair_lead.pk}
    lower = replace(row, number="WX-98", unit_id=group.pk, fields=named)
    [pk, below] = subjects.register("repair", [row, lower], by=place.firm.manager.pk, now=place.now)
    return {"nowhere": pk, "below": below}


def _proposed(place: on.Scene, later: datetime) -> int:
    """The next version of the policy, proposed by the manager."""
    sources = dict(load_pack(on.PACK).sources)
    sources["policy.yaml"] = sources["policy.yaml"].replace("version: 1}", "version: 2}")
    by = place.firm.manager.pk
    return adoption.propose(sources, starts_on=date(2026, 4, 1), mode="force", by=by, now=later).pk


def _lists(place: on.Scene, later: datetime) -> dict[str, Any]:
    """A view of the supervisor that heads of repairs may use, and a sheet that lies ready for him."""
    person = place.firm.supervisor
    form = ViewForm("一区", shared_with="repair_lead")
    view, _dropped = lists.save_view(
        "customers", "q=1202", form, viewer=place.firm.viewer(person), now=later
    )
    sheet = Export.objects.create(
        requested_by=person, requested_at=later, room="customers", language="zh-hans", rows=1,
        state="ready", content=b"PK\x05\x06" + bytes(18), file_name="客户.xlsx", ready_at=later,
    )  # fmt: skip
    return {"view": view.pk, "export": sheet.pk}


def _staff(place: on.Scene) -> dict[str, Any]:
    """Units and people, a post of one of 一区, and his leave."""
    firm = place.firm
    colleague, days = firm.second_repairer, (date(2026, 3, 18), date(2026, 3, 20))
    leave = take_leave(colleague, *days, by=firm.manager.pk, now=place.now)
    return {
        "company": firm.company.pk,
        "zone": firm.zone_one.pk,
        "lead": firm.repair_lead.pk,
        "post": colleague.posts.get().pk,
        "leave": leave.pk,
    }


def _own_day(place: on.Scene) -> int:
    """A Saturday on which the firm works; of 2027 a holiday is known, which nobody confirmed."""
    by, day = place.firm.manager.pk, date(2026, 3, 7)
    calendar.import_notice("2027-01-01,休,元旦", by=by, now=place.now)
    return calendar.add_day(day, worked=True, reason="盘点", by=by, now=place.now).pk


def _statement(place: on.Scene) -> int:
    """The household wants no advertising; its officer took that down."""
    said = Statement("withdrawn", "all", "marketing", "phone", "录音 0302", place.now)
    customer = Customer.objects.get(pk=place.customer)
    consenting.state(customer, said, by=place.firm.officer.pk, now=place.now)
    return Fact.objects.get(kind="consent.withdrawn").pk


def _second(place: on.Scene, later: datetime) -> dict[str, Any]:
    """A second policy: a question, a report, a limit to extend, points of the repairer."""
    firm, by = place.firm, place.firm.manager.pk
    second(firm, now=later)
    broken = repair(place, "WX-50", category="other")
    for event in ("broken", "completed"):
        subjects.record_event(broken, event, happened_at=later, by=by, recorded_by=by, now=later)
    report = records.file_record(
        "bureau_report", about=broken.pk, by=by, recorded_by=by, present=[], signatures={},
        photos={}, given={"text": "管道爆裂"}, happened_at=later, now=later,
    )  # fmt: skip
    for matter in ("a", "b"):
        scores.confirm_breach(
            "second", person=firm.repairer.pk, clause="1.c", occurrence=matter, reason="没有巡查",
            by=by, now=later,
        )  # fmt: skip
    booked, contested = ScoreEntry.objects.order_by("id")
    scores.contest(contested, reason="当天停电", by=firm.repairer.pk, now=later)
    return {
        "broken": broken.pk,
        "report": report.pk,
        "bureau": Party.objects.get(policy="second").target_id,
        "question": Obligation.objects.get(duty="route").pk,
        "inspect": Obligation.objects.get(duty="inspect", target=broken.pk).pk,
        "booked": booked.pk,
        "contested": contested.pk,
        "scored": firm.repairer.pk,
    }


def _notice(place: on.Scene, about: int, later: datetime) -> int:
    message = notices.Message(
        place.firm.repair_lead.pk, about, "obligation_late", "late:1", {"place": "3栋1202"}
    )
    notices.tell([message], now=later)
    return Notice.objects.get(key="late:1").pk


def rows() -> dict[str, int]:
    """How many rows there are of everything that a form may write."""
    kept = ("ledger", "obligations", "records", "cases", "followups", "adoption", "notices")
    return counted(
        model._meta.db_table
        for model in apps.get_models()
        # That a policy refused is kept as proof; it is no half of anything.
        if model._meta.app_label in kept and model.__name__ != "Refusal"
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is taken back, so that each try finds the same world."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
