"""What a visit brings back, item by item: several cases, all or nothing, each on its own way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid, Refused
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Refusal
from huiyin.records.models import Record
from tests.app import scene as on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR = timedelta(hours=1)
LAMP = Item("question", "地下车库何时换灯", answer="周五")
PARCELS = Item("suggestion", "快递柜挪到门口")


def bench(target: int) -> str:
    return reverse("followups:workbench", args=[target])


def at_home(**more: Any) -> dict[str, Any]:
    """What the browser sends for a household that was visited at home."""
    return {"met": "owner", "satisfaction": "4", "key": "k-1", "channel": "visit"} | more


def item(place: int, kind: str, /, **more: str) -> dict[str, str]:
    fields = {"kind": kind, "description": f"第 {place} 件"} | more
    return {f"item-{place}": "1"} | {f"item-{place}-{name}": said for name, said in fields.items()}


def test_each_item_becomes_a_case_that_the_visit_found(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    held = on.visit(repair.pk, place.firm.repair_lead, now + HOUR, items=[LAMP, PARCELS])

    raised = list(held.raised.order_by("pk"))
    assert [case.kind for case in raised] == ["question", "suggestion"]
    assert all(case.at_visit and case.origin == "repair_visit" for case in raised)
    assert raised[0].found_by.get() == held
    stated = Fact.objects.get(kind="followup.held").values
    assert stated == {
        "followup.channel": "visit", "followup.items": 2, "followup.result": "reached",
    }  # fmt: skip


def test_a_content_household_brings_nothing_and_that_is_counted(
    place: on.Scene, now: datetime
) -> None:
    on.visit(on.completed(place).pk, place.firm.repair_lead, now + HOUR)

    assert Fact.objects.get(kind="followup.held").values["followup.items"] == 0


def test_one_item_that_the_policy_refuses_keeps_the_whole_visit_out(
    place: on.Scene, now: datetime
) -> None:
    repair = on.completed(place)

    with pytest.raises(Refused) as refused:
        on.visit(
            repair.pk, place.firm.repair_lead, now + HOUR,
            items=[PARCELS, replace(LAMP, answer="")],
        )  # fmt: skip

    assert "A.1.3" in refused.value.clauses
    assert not Record.objects.exists()
    assert not Case.objects.exists()


def test_an_answer_that_states_a_problem_raises_it_beside_a_question(
    place: on.Scene, now: datetime
) -> None:
    repair = on.completed(place)

    held = on.visit(
        repair.pk, place.firm.repair_lead, now + HOUR, answers=on.filled(on.UNSOLVED), items=[LAMP]
    )

    kinds = [case.kind for case in held.raised.order_by("pk")]
    assert kinds == ["question", "problem"]


def test_a_re_visit_may_bring_something_else_back_about_the_same_repair(
    place: on.Scene, now: datetime
) -> None:
    firm, repair = place.firm, on.completed(place)
    case = on.case_of(place, repair, now + HOUR)
    case = on.handed_over(
        on.notice(case, firm.repair_lead, now + HOUR), firm.repair_lead, now + HOUR
    )
    on.rectified(case, now + HOUR)

    held = on.visit(case.pk, firm.manager, now + 2 * HOUR, items=[PARCELS])

    assert held.case == case
    assert on.fresh(case).stage == Case.Stage.REVISITED
    assert held.raised.get().subject_id == repair.pk


def test_an_incomplete_item_is_named_by_its_place(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    with pytest.raises(Invalid) as invalid:
        on.visit(
            repair.pk, place.firm.repair_lead, now + HOUR,
            items=[LAMP, Item("", " "), replace(LAMP, answer="", promised_reply_at=now)],
        )  # fmt: skip

    assert invalid.value.errors.keys() == {
        "item-2-kind", "item-2-description", "item-3-promised_at",
    }  # fmt: skip


def test_a_household_is_visited_at_home_and_two_items_come_of_it(
    place: on.Scene, now: datetime
) -> None:
    client = on.signed_in(place.firm.officer)
    form = at_home() | item(1, "question", answering="promised", promised_at="2026-03-05T17:00")
    form |= item(2, "suggestion")

    opened = client.get(bench(place.customer)).content.decode()
    answer = client.post(bench(place.customer), form)

    held = Followup.objects.get()
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "3栋1202 · 住户回访记录" in opened and " checked" not in opened
    assert answer.headers["Location"] == reverse("followups:page", args=[held.pk])
    assert (held.customer_id, held.about_id) == (place.customer, place.customer)
    assert list(held.raised.order_by("pk").values_list("kind", "customer", "subject")) == [
        ("question", place.customer, None),
        ("suggestion", place.customer, None),
    ]
    for case, kind in zip(held.raised.order_by("pk"), ("询问", "建议"), strict=True):
        assert f'href="/cases/{case.pk}/">打开{kind} {case.number}</a>' in shown
    assert "A.1.3" in shown and "C.1.4.a" in shown


def test_a_question_without_answer_or_time_is_refused_and_everything_comes_back(
    place: on.Scene,
) -> None:
    client = on.signed_in(place.firm.officer)

    answer = client.post(bench(place.customer), at_home() | item(1, "question"))

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "A.1.3" in shown and "第 1 件" in shown
    assert 'name="item-1" value="1" checked' in shown
    assert Refusal.objects.get().act == "followup.hold"
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"answering": "answered"}, "事项 1 答复了什么"),
        ({"answering": "promised", "promised_at": "x"}, "事项 1 约定的答复时间"),
        ({"kind": "finding"}, "事项 1 类别"),
        ({"kind": "complaint", "severity": ""}, "事项 1 轻重"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(
    place: on.Scene, more: dict[str, str], field: str
) -> None:
    client = on.signed_in(place.firm.officer)

    answer = client.post(bench(place.customer), at_home() | item(1, "question", **more))

    assert answer.status_code == 422
    assert field in answer.content.decode()


def test_what_stands_behind_a_place_that_was_closed_is_not_sent(place: on.Scene) -> None:
    client = on.signed_in(place.firm.officer)
    closed = item(1, "suggestion") | item(3, "suggestion")

    client.post(bench(place.customer), at_home() | closed)

    assert [case.description for case in Case.objects.all()] == ["第 1 件"]


def test_a_visit_with_items_sent_twice_has_one_effect(place: on.Scene) -> None:
    client = on.signed_in(place.firm.officer)
    form = at_home() | item(1, "suggestion") | item(2, "suggestion")

    first = client.post(bench(place.customer), form)
    second = client.post(bench(place.customer), form)

    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 2
    changed = client.post(bench(place.customer), form | {"item-1-description": "别的"})
    assert changed.status_code == 409


def test_a_far_promise_is_warned_of_when_the_visit_was_filed(place: on.Scene) -> None:
    client = on.signed_in(place.firm.officer)
    form = at_home() | item(1, "question", answering="promised", promised_at="2026-04-05T17:00")

    answer = client.post(bench(place.customer), form)

    assert "客户要等很久" in client.get(answer.headers["Location"]).content.decode()


def test_the_list_names_a_household_that_was_visited_once(place: on.Scene) -> None:
    client = on.signed_in(place.firm.officer)
    client.post(bench(place.customer), at_home())

    [row] = client.get(reverse("followups:list")).context["rows"]

    assert (row["first"].text, row["first"].note) == ("3栋1202", "")
