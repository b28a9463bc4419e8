"""分派, 代理, 阅知 and 撤销 through the pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.accounts import services
from huiyin.accounts.abilities import may_adopt, may_settle
from huiyin.accounts.visibility import viewer_for
from huiyin.adoption.models import Acknowledgement
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.notices import messages
from huiyin.notices import services as notices
from huiyin.notices.models import Notice
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import mine
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.people import appoint

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def place(founded: on.Scene, now: Any) -> Any:
    made = founded
    on.completed(made)
    with time_machine.travel(now + HOUR, tick=False):
        yield made


def of_lead(place: on.Scene) -> Obligation:
    return Obligation.objects.get(
        holder=place.firm.repair_lead.pk, line="repair_visit.share.repair_lead"
    )


def away(place: on.Scene, person: Any, deputy: Any, first: date = TODAY, days: int = 2) -> Any:
    return services.take_leave(
        person, first, first + days * DAY, deputy=deputy, by=None, now=place.now
    )


def given(client: Client, person: Any, *rows: Obligation) -> Any:
    return client.post(
        "/obligations/assignments/", {"obligation": [row.pk for row in rows], "to": person.pk}
    )


def test_a_head_gives_several_to_somebody_of_the_role(place: on.Scene, now: Any) -> None:
    on.completed(place, "WX-2")
    rows = list(Obligation.objects.filter(holder=place.firm.repair_lead.pk))
    other = place.firm.stranger
    appoint(other, "repair_lead", place.firm.zone_one, now=now)

    answer = given(on.signed_in(place.firm.manager), other, *rows)

    assert answer.status_code == 302 and len(rows) > 1
    assert {row.holder_id for row in Obligation.objects.filter(pk__in=[r.pk for r in rows])} == {
        other.pk
    }
    assert Fact.objects.filter(kind="obligation.assigned").count() == len(rows)
    assert Notice.objects.filter(recipient=other.pk, template="handed_over").count() == len(rows)


def test_one_that_the_rule_does_not_allow_stops_all(place: on.Scene) -> None:
    row = of_lead(place)

    wrong_role = given(on.signed_in(place.firm.manager), place.firm.officer, row)
    excluded = given(on.signed_in(place.firm.manager), place.firm.repairer, row)

    row.refresh_from_db()
    assert (wrong_role.status_code, excluded.status_code) == (409, 409)
    assert "B.1.d" in wrong_role.content.decode()
    assert row.holder_id == place.firm.repair_lead.pk
    assert not Fact.objects.filter(kind="obligation.assigned").exists()


@pytest.mark.parametrize(
    ("gone", "code"), [(False, 409), (True, 404)], ids=["rule", "settled meanwhile"]
)
def test_a_refused_assignment_keeps_ticks_person_and_filter(
    place: on.Scene, gone: bool, code: int
) -> None:
    firm = place.firm
    on.completed(place, "WX-2")
    row, other = Obligation.objects.filter(
        holder=firm.repair_lead.pk, line="repair_visit.share.repair_lead"
    )
    client = on.signed_in(firm.manager)
    address = f"/obligations/assignments/?holder={firm.repair_lead.pk}"
    sent = {"obligation": [row.pk, other.pk], "to": firm.officer.pk}
    shown = client.get(address).content.decode()
    assert f'action="{address}"' in shown and "checked" not in shown
    if gone:
        Obligation.objects.filter(pk=other.pk).update(state="waived")

    answer = client.post(address, sent)

    page = answer.content.decode()
    assert answer.status_code == code
    assert f'name="obligation" value="{row.pk}" form="bulk" checked' in page
    assert page.count("checked") == (1 if gone else 2)
    assert f'<option value="{firm.officer.pk}" selected>{firm.officer.name}' in page
    assert {each.obligation.holder_id for each, _whose, _ticked in answer.context["rows"]} == {
        firm.repair_lead.pk
    }


def test_only_heads_give_and_only_what_they_see(place: on.Scene, now: Any) -> None:
    row = of_lead(place)
    far = services.create_person("远负责", number="F1", by=None, now=now)
    appoint(far, "repair_lead", place.firm.zone_two, now=now)

    assert given(on.signed_in(place.firm.officer), place.firm.manager, row).status_code == 403
    assert given(on.signed_in(far), far, row).status_code == 404
    assert on.signed_in(place.firm.officer).get("/obligations/assignments/").status_code == 403


@pytest.mark.parametrize("sent", [{}, {"obligation": ["x", "²", "9" * 30]}, {"to": "0"}])
def test_nothing_ticked_or_nobody_named_is_said(place: on.Scene, sent: dict[str, Any]) -> None:
    whole = {"to": place.firm.manager.pk} | sent

    answer = on.signed_in(place.firm.manager).post("/obligations/assignments/", whole)

    assert answer.status_code == 422


def test_giving_many_costs_what_giving_one_does(place: on.Scene, now: Any) -> None:
    for number in range(2, 9):
        on.completed(place, f"WX-{number}")
    other = place.firm.stranger
    appoint(other, "repair_lead", place.firm.zone_one, now=now)
    client = on.signed_in(place.firm.manager)
    one, *many = Obligation.objects.filter(
        holder=place.firm.repair_lead.pk, owed_roles=["repair_lead"]
    )

    def statements(*rows: Obligation) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert given(client, other, *rows).status_code == 302
        return len(caught)

    assert len(many) > 2
    assert statements(one) == statements(*many)


def test_the_list_of_a_unit_costs_the_same_for_many(place: on.Scene) -> None:
    client = on.signed_in(place.firm.repair_lead)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/obligations/assignments/").status_code == 200
        return len(caught)

    few = statements()
    for number in range(2, 9):
        on.completed(place, f"WX-{number}")

    assert statements() == few <= 40


@pytest.mark.parametrize(("day", "sees"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_deputy_sees_and_owes_on_the_days_of_the_leave_and_no_other(
    place: on.Scene, now: Any, day: int, sees: bool
) -> None:
    firm = place.firm
    away(place, firm.repair_lead, firm.far_officer)
    row = of_lead(place)
    at = now + day * DAY

    assert mine(firm.far_officer.pk, now=at).filter(pk=row.pk).exists() == sees
    viewer = viewer_for(firm.far_officer, TODAY + day * DAY)
    assert Obligation.objects.visible_to(viewer).filter(pk=row.pk).exists() == sees
    assert Subject.objects.visible_to(viewer).filter(number="WX-1").exists() == sees
    with time_machine.travel(at, tick=False):
        page = on.signed_in(firm.far_officer).get("/").content.decode()
    assert ("代 丙负责" in page) == sees


def test_a_deputy_acts_and_everything_says_for_whom(place: on.Scene, now: Any) -> None:
    firm = place.firm
    away(place, firm.repair_lead, firm.far_officer)
    row = of_lead(place)
    client = on.signed_in(firm.far_officer)
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}

    answer = client.post(f"/followups/new/{row.target_id}/", visit)

    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.holder_id) == ("done", firm.far_officer.pk)
    record = Followup.objects.held().get().record
    assert record is not None
    said = "辛物管 代 丙负责"
    for address in (
        f"/records/{record.pk}/", f"/subjects/repair/{row.target_id}/", f"/obligations/{row.pk}/",
    ):  # fmt: skip
        assert said in client.get(address).content.decode(), address


def test_without_the_leave_the_policy_lets_him_file_nothing(place: on.Scene, now: Any) -> None:
    firm = place.firm
    row = of_lead(place)
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}

    answer = on.signed_in(firm.far_officer).post(f"/followups/new/{row.target_id}/", visit)

    assert answer.status_code == 404
    assert not Followup.objects.held().exists()


def test_a_deputy_of_the_manager_sees_all_and_changes_no_rules(place: on.Scene, now: Any) -> None:
    firm = place.firm
    away(place, firm.manager, firm.far_officer)

    viewer = viewer_for(firm.far_officer, TODAY)

    assert viewer.all and not viewer.governs
    assert not may_settle(viewer) and not may_adopt(viewer)
    client = on.signed_in(firm.far_officer)
    assert client.post("/settings/units/", {"name": "甲"}).status_code == 403


def test_a_deputy_of_somebody_who_left_stands_for_nobody(place: on.Scene, now: Any) -> None:
    firm = place.firm
    away(place, firm.officer, firm.far_officer)
    type(firm.officer).objects.filter(pk=firm.officer.pk).update(left_on=TODAY - DAY)

    assert viewer_for(firm.far_officer, TODAY).stands_for == ()


def test_who_is_excluded_does_not_act_as_a_deputy_either(place: on.Scene, now: Any) -> None:
    """The repairer may not visit his own repair, for whomever."""
    firm = place.firm
    away(place, firm.repair_lead, firm.repairer)
    row = of_lead(place)
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}

    answer = on.signed_in(firm.repairer).post(f"/followups/new/{row.target_id}/", visit)

    row.refresh_from_db()
    assert answer.status_code == 409
    assert (row.state, row.holder_id) == ("open", firm.repair_lead.pk)


@pytest.mark.parametrize(("day", "copies"), [(-1, 1), (0, 2), (2, 2), (3, 1)])
def test_what_is_told_to_the_absent_is_told_to_his_deputy_with_his_number(
    place: on.Scene, now: Any, day: int, copies: int
) -> None:
    firm, subject = place.firm, Subject.objects.get(number="WX-1")
    away(place, firm.repair_lead, firm.far_officer)
    told = notices.Message(firm.repair_lead.pk, subject.pk, "obligation_late", "k", {"place": "甲"})

    notices.tell([told], now=now + day * DAY)

    assert Notice.objects.filter(template="obligation_late").count() == copies
    for notice in Notice.objects.filter(recipient=firm.far_officer.pk):
        assert notice.in_sight
        assert messages.render(notice).startswith(f"（代 {firm.repair_lead.number}）甲的")
        assert firm.repair_lead.name not in str(notice.params)


def test_a_policy_is_acknowledged_once_and_heads_see_by_whom(place: on.Scene) -> None:
    address = "/acknowledgements/property-management/"
    officer, manager = on.signed_in(place.firm.officer), on.signed_in(place.firm.manager)
    assert "请阅知" in officer.get("/").content.decode()

    for _again in range(2):
        assert officer.post(address).status_code == 302

    said = Acknowledgement.objects.get()
    assert said.person_id == place.firm.officer.pk
    assert Fact.objects.filter(kind="policy.acknowledged").count() == 1
    assert "请阅知" not in officer.get("/").content.decode()
    assert manager.get(address).context["counts"] == {"all": 11, "said": 1}
    assert officer.get(address).context["counts"] == {"all": 1, "said": 1}
    assert "您已于" in officer.get(address).content.decode()


def test_who_holds_no_post_is_asked_nothing(place: on.Scene) -> None:
    assert "请阅知" not in on.signed_in(place.firm.stranger).get("/").content.decode()


def test_the_last_act_is_taken_back_with_what_it_opened(place: on.Scene) -> None:
    client = on.signed_in(place.firm.manager)
    row = of_lead(place)

    answer = client.post("/undo/", {"reason": "登记错了"})

    row.refresh_from_db()
    assert answer.status_code == 302
    assert row.state == "voided"
    assert Fact.objects.get(kind="repair.completed").voided_by.by_id == place.firm.manager.pk


def test_what_something_was_built_on_stays_and_says_so(place: on.Scene, now: Any) -> None:
    lead, subject = place.firm.repair_lead, Subject.objects.get(number="WX-1")
    on.visit(subject.pk, lead, now + timedelta(minutes=5))
    client = on.signed_in(place.firm.manager)

    answer = client.post("/undo/", {"reason": "登记错了"})

    assert answer.status_code == 409
    assert "已办结的义务" in answer.content.decode()
    assert "不能撤销" in client.get("/undo/").content.decode()
    assert not Fact.objects.filter(kind="fact.voided").exists()


def test_an_appointment_is_undone_by_calling_it_off(place: on.Scene) -> None:
    client = on.signed_in(place.firm.repair_lead)
    row = of_lead(place)
    client.post(
        f"/appointments/new/{row.target_id}/",
        {"channel": "phone", "planned_for": "2026-03-04T10:00"},
    )
    assert Followup.objects.planned().exists()

    assert client.post("/undo/", {"reason": ""}).status_code == 422
    assert client.post("/undo/", {"reason": "约错了"}).status_code == 302
    assert not Followup.objects.planned().exists()


def test_nobody_undoes_what_somebody_else_did(place: on.Scene) -> None:
    assert on.signed_in(place.firm.officer).post("/undo/", {"reason": "x"}).status_code == 409
    assert not Fact.objects.filter(kind="fact.voided").exists()
