"""设置 → 单位, 人员, 角色: who may change what, what is refused and why, what passes on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.accounts import services
from huiyin.accounts.models import Person, Post, Unit
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.people import appoint

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def kinds(person: Any) -> list[str]:
    return list(Fact.objects.filter(target=person.pk).order_by("pk").values_list("kind", flat=True))


def test_a_unit_is_added_renamed_and_moved_with_all_below_it(
    place: on.Scene, manager: Client
) -> None:
    one, two = place.firm.zone_one, place.firm.zone_two
    manager.post("/settings/units/", {"name": "3栋", "parent": one.pk})
    block = Unit.objects.get(name="3栋")
    manager.post(f"/settings/units/{block.pk}/", {"name": "三栋", "parent": one.pk})
    manager.post(f"/settings/units/{one.pk}/", {"name": "一区", "parent": two.pk})

    block.refresh_from_db()
    assert (block.name, block.target.label) == ("三栋", "三栋")
    assert block.path == f"/{place.firm.company.pk}/{two.pk}/{one.pk}/{block.pk}/"
    assert kinds(block) == ["unit.created", "unit.renamed"]
    assert kinds(one)[-1] == "unit.moved"
    assert place.firm.viewer(place.firm.repair_lead).unit_ids == (one.pk, block.pk)


@pytest.mark.parametrize(
    ("name", "parent", "status"),
    [
        ("一区", "company", 409),
        ("", "company", 422),
        ("字" * 41, "company", 422),
        ("新", "", 422),
        ("<script>", "company", 422),
        ("三\u202e区", "company", 422),
        ("……", "company", 422),
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    place: on.Scene, manager: Client, name: str, parent: str, status: int
) -> None:
    sent = {"name": name, "parent": place.firm.company.pk if parent else ""}

    answer = manager.post("/settings/units/", sent)

    assert answer.status_code == status
    assert Unit.objects.count() == 3


def test_a_unit_does_not_move_below_itself(place: on.Scene, manager: Client, now: Any) -> None:
    one = place.firm.zone_one
    block = services.create_unit("3栋", parent=one, by=None, now=now)

    answer = manager.post(f"/settings/units/{one.pk}/", {"name": "一区", "parent": block.pk})

    assert answer.status_code == 422
    assert "自己的下级" in answer.content.decode()


def test_somebody_new_gets_his_first_post_at_once(place: on.Scene, manager: Client) -> None:
    sent = {
        "name": "新来人", "number": "N1", "position": "officer", "unit": place.firm.zone_two.pk,
        "from_on": "2026-03-05",
    }  # fmt: skip

    manager.post("/settings/people/", sent)

    person = Person.objects.get(number="N1")
    assert person.posts.get().from_on == date(2026, 3, 5)
    assert kinds(person) == ["person.created", "post.started"]
    assert manager.post("/settings/people/", sent).status_code == 409


def test_another_name_leaves_no_name_in_the_ledger(place: on.Scene, manager: Client) -> None:
    officer = place.firm.officer

    manager.post(f"/settings/people/{officer.pk}/", {"name": "改名人", "number": "Z1"})

    officer.refresh_from_db()
    assert (officer.name, officer.target.label) == ("改名人", "Z1")
    assert Fact.objects.filter(target=officer.pk).latest("pk").values == {}
    wrong = manager.post(f"/settings/people/{officer.pk}/", {"name": "改", "number": "P1"})
    assert wrong.status_code == 409


def test_a_post_has_its_days_and_ends_earlier_but_never_later(
    place: on.Scene, manager: Client
) -> None:
    stranger = place.firm.stranger
    sent = {
        "position": "clerk", "unit": place.firm.company.pk, "from_on": "2026-03-02",
        "to_on": "2026-04-30",
    }  # fmt: skip
    services.create_positions([("clerk", "客服", "tree")])
    manager.post(f"/settings/people/{stranger.pk}/posts/", sent)
    post = stranger.posts.get()

    first = manager.post(f"/settings/posts/{post.pk}/end/", {"last_on": "2026-03-31"})
    later = manager.post(f"/settings/posts/{post.pk}/end/", {"last_on": "2026-05-31"})

    post.refresh_from_db()
    assert (first.status_code, later.status_code) == (302, 409)
    assert (post.from_on, post.to_on) == (TODAY, date(2026, 3, 31))


def test_a_role_that_nobody_would_hold_is_warned_of_first(place: on.Scene, manager: Client) -> None:
    post = place.firm.supervisor.posts.get()
    address, sent = f"/settings/posts/{post.pk}/end/", {"last_on": "2026-03-31"}

    warned = manager.post(address, sent)
    post.refresh_from_db()

    assert warned.status_code == 409
    assert "主管（条款" in warned.content.decode()
    assert post.to_on is None
    assert manager.post(address, sent | {"accepted": "true"}).status_code == 302


def test_a_zone_that_would_have_no_officer_is_warned_of(place: on.Scene, manager: Client) -> None:
    """The other zone's officer is none of this one's (A.2.2.a)."""
    post = place.firm.officer.posts.get()

    warned = manager.post(f"/settings/posts/{post.pk}/end/", {"last_on": "2026-03-31"})

    assert warned.status_code == 409
    assert f"{post.unit.name} 物管员（条款" in warned.content.decode()


def test_a_successor_in_the_role_is_warning_enough(
    place: on.Scene, manager: Client, now: Any
) -> None:
    appoint(place.firm.stranger, "supervisor", place.firm.company, now=now)
    post = place.firm.supervisor.posts.get()

    answer = manager.post(f"/settings/posts/{post.pk}/end/", {"last_on": "2026-03-31"})

    assert answer.status_code == 302


def test_nobody_leaves_while_something_waits_for_him(
    place: on.Scene, manager: Client, now: Any
) -> None:
    on.completed(place)
    lead = place.firm.repair_lead
    address = f"/settings/people/{lead.pk}/departure/"

    answer = manager.post(address, {"last_on": "2026-03-02", "accepted": "true"})

    lead.refresh_from_db()
    assert answer.status_code == 409
    assert "请先指定接手的人" in answer.content.decode()
    assert lead.left_on is None


def test_what_waits_passes_to_the_successor_in_the_same_moment(
    place: on.Scene, manager: Client, now: Any
) -> None:
    lead, successor = place.firm.repair_lead, place.firm.stranger
    done = on.completed(place)
    case = on.case_of(place, on.completed(place, "WX-2"), now)
    plan = Appointment(done.pk, "phone", now + timedelta(days=1))
    followups.plan(plan, by=lead.pk, now=now)
    appoint(successor, "repair_lead", place.firm.zone_one, now=now)
    held = set(Obligation.objects.open().filter(holder=lead.pk).values_list("pk", flat=True))

    answer = manager.post(
        f"/settings/people/{lead.pk}/departure/",
        {"last_on": "2026-03-02", "successor": successor.pk},
    )

    assert answer.status_code == 302
    assert held and case.pk
    passed = Obligation.objects.filter(pk__in=held)
    assert set(passed.values_list("holder", flat=True)) == {successor.pk}
    assert Followup.objects.planned().get().planned_by_id == successor.pk
    assert Fact.objects.filter(kind="followup.handed_over").count() == 1
    assert Fact.objects.filter(kind="obligation.assigned").count() == len(held)


def test_neither_a_post_nor_somebodys_time_ends_before_what_he_did(
    place: on.Scene, manager: Client, now: Any
) -> None:
    lead, successor = place.firm.repair_lead, place.firm.stranger
    done = now + timedelta(days=1)
    on.visit(on.completed(place).pk, lead, done)
    appoint(successor, "repair_lead", place.firm.zone_one, now=now)
    post, went = lead.posts.get(), {"successor": successor.pk, "accepted": "true"}
    ending, leaving = f"/settings/posts/{post.pk}/end/", f"/settings/people/{lead.pk}/departure/"

    with time_machine.travel(now + timedelta(days=3), tick=False):
        refused = [
            manager.post(ending, {"last_on": TODAY}),
            manager.post(leaving, {"last_on": TODAY} | went),
        ]
        ended = manager.post(ending, {"last_on": TODAY + timedelta(days=1)})
        # What he did lies in the days of another post: this one says nothing about it.
        other = appoint(lead, "repair_lead", place.firm.company, from_on=date(2026, 3, 3), now=now)
        first = manager.post(ending, {"last_on": TODAY})
        left = manager.post(leaving, {"last_on": TODAY + timedelta(days=1)} | went)

    assert [answer.status_code for answer in refused] == [422, 422]
    assert all("此人在 2026-03-03 还办过事" in answer.content.decode() for answer in refused)
    assert (ended.status_code, first.status_code, left.status_code) == (302, 302, 302)
    other.refresh_from_db()
    assert other.to_on == date(2026, 3, 3)


def test_what_the_successor_may_not_do_goes_to_the_next_holder_of_the_role(
    place: on.Scene, manager: Client, now: Any
) -> None:
    on.completed(place)
    lead, other = place.firm.repair_lead, place.firm.stranger
    appoint(other, "repair_lead", place.firm.company, now=now)
    Obligation.objects.filter(owed_roles=["repair_lead"]).update(holder=lead.pk)

    manager.post(
        f"/settings/people/{lead.pk}/departure/",
        {"last_on": "2026-03-02", "successor": place.firm.officer.pk},
    )
    obligations.tick(now=now + timedelta(days=1))

    holders = Obligation.objects.filter(owed_roles=["repair_lead"])
    assert set(holders.values_list("holder", flat=True)) == {other.pk}


@pytest.mark.parametrize(
    ("name", "status"), [("A", 302), ("李", 302), ("O'Brien-李", 302), ("<b>", 422), ("-", 422)]
)
def test_an_ordinary_name_is_taken_however_short(
    place: on.Scene, manager: Client, name: str, status: int
) -> None:
    sent = {"name": name, "number": "E99", "unit": place.firm.zone_one.pk, "from_on": "2026-03-02"}

    answer = manager.post("/settings/people/", sent)

    assert answer.status_code == status
    assert Person.objects.filter(number="E99").exists() == (status == 302)


def test_roles_say_who_holds_them_and_which_nobody_holds(place: on.Scene, manager: Client) -> None:
    Post.objects.filter(position="deputy").update(to_on=date(2026, 3, 1))

    page = manager.get("/settings/roles/")
    rows = {row.key: row for row in page.context["rows"]}

    assert [post.person for post in rows["supervisor"].posts] == [place.firm.supervisor]
    assert rows["deputy"].posts == ()
    assert "没有人担任" in page.content.decode()


def test_somebody_is_put_into_a_role(place: on.Scene, manager: Client) -> None:
    sent = {
        "person": place.firm.stranger.pk, "position": "supervisor",
        "unit": place.firm.company.pk, "from_on": "2026-03-02",
    }  # fmt: skip

    assert manager.post("/settings/roles/", sent).status_code == 302
    assert place.firm.stranger.posts.get().position_id == "supervisor"


def test_heads_of_a_unit_read_and_change_nothing_of_the_firm(place: on.Scene) -> None:
    firm = place.firm
    lead = on.signed_in(firm.repair_lead)

    assert "新建单位" not in lead.get("/settings/units/").content.decode()
    for address, sent in (
        ("/settings/units/", {"name": "甲", "parent": firm.company.pk}),
        (f"/settings/people/{firm.repairer.pk}/", {"name": "甲", "number": "Z"}),
        (f"/settings/people/{firm.repairer.pk}/departure/", {"last_on": "2026-03-02"}),
    ):
        assert lead.post(address, sent).status_code == 403
    assert Target.objects.filter(kind="unit").count() == 3


@pytest.mark.parametrize("path", ["units/", "people/", "roles/", "people/{}/"])
def test_the_pages_cost_the_same_for_a_large_firm(
    place: on.Scene, manager: Client, now: Any, path: str
) -> None:
    firm = place.firm
    address = f"/settings/{path.format(firm.repair_lead.pk)}"

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert manager.get(address).status_code == 200
        return len(caught)

    statements()  # the policy is read at its first use
    few = statements()
    for number in range(4, 9):
        unit = services.create_unit(f"{number}组", parent=firm.zone_one, by=None, now=now)
        person = services.create_person(f"新人{number}", number=f"N{number}", by=None, now=now)
        appoint(person, "officer", unit, now=now)
        appoint(firm.repair_lead, "officer", unit, now=now)

    assert statements() == few <= 40
