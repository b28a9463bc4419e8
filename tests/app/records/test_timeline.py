"""经过: one line for one thing that a person did, with its parts inside."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huiyin.customers.queries import everything_about
from huiyin.ledger import services as ledger
from huiyin.ledger.queries import timeline
from huiyin.ledger.services import NewFact
from huiyin.records.timeline import Event, events
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def of_customer(place: on.Scene) -> list[Event]:
    from huiyin.customers.models import Customer

    customer = Customer.objects.get(pk=place.customer)
    viewer = place.firm.viewer(place.firm.manager)
    return events(timeline(everything_about(customer), viewer).items, main=customer.pk)


def test_a_visit_is_one_line_with_record_problem_and_duty(place: on.Scene, now: datetime) -> None:
    case = on.case_of(place, on.completed(place), now + HOUR)

    visit, done, registered, known = of_customer(place)

    assert (visit.title, visit.by, visit.at) == ("完成回访", "丙负责", now + HOUR)
    parts = {part.title: part for part in visit.parts}
    assert set(parts) == {"提出事项", "提交记录", "已履行：维修回访"}
    assert parts["提出事项"].text == f"{case.number} · 水管接头还在滴水"
    assert parts["提出事项"].url == f"/cases/{case.pk}/"
    assert parts["提交记录"].text == "维修回访记录 WXHF-2026-0001"
    assert parts["提交记录"].url.startswith("/records/")
    assert parts["已履行：维修回访"].text == ""
    assert (visit.text, visit.tone) == ("WX-1", "met")
    assert [each.parts for each in (done, registered, known)] == [(), (), ()]


def test_the_way_of_a_case_is_a_line_for_each_step(place: on.Scene, now: datetime) -> None:
    lead = place.firm.repair_lead
    case = on.case_of(place, on.completed(place), now + HOUR)
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    case = on.rectified(case, now + 4 * HOUR)
    on.visit(case.pk, place.firm.manager, now + 5 * HOUR)

    shown = events(timeline([case.pk], place.firm.viewer(place.firm.manager)).items, main=case.pk)

    assert [each.title for each in shown] == [
        "完成回访", "整改完成", "送达整改通知", "提交记录", "提出事项",
    ]  # fmt: skip
    assert [part.title for part in shown[0].parts][0] == "复访问题"


def test_two_people_at_the_same_moment_are_two_lines(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    facts = [
        NewFact("phone.revealed", place.customer, person.pk, person.pk, now, now)
        for person in (firm.officer, firm.manager)
    ]
    ledger.record(facts, now=now + HOUR)

    assert [each.title for each in of_customer(place)][:2] == ["查看完整号码", "查看完整号码"]


def test_rows_of_one_file_are_lines_of_their_own(place: on.Scene, now: datetime) -> None:
    subject = on.repair(place)
    by = place.firm.manager.pk
    facts = [
        NewFact("repair.completed", subject.pk, by, by, now, now, live=False, source=f"batch:{row}")
        for row in (1, 2)
    ]
    ledger.record(facts, now=now + HOUR)

    assert [each.title for each in of_customer(place)].count("完工") == 2


def test_a_page_does_not_tear_an_act(place: on.Scene, now: datetime) -> None:
    for n in range(4):
        repair = on.completed(place, f"WX-{n}")
        on.visit(repair.pk, place.firm.repair_lead, now + (n + 1) * HOUR)
    viewer, targets = place.firm.viewer(place.firm.manager), [place.customer]
    from huiyin.subjects.models import Subject

    targets += Subject.objects.values_list("pk", flat=True)
    whole = events(timeline(targets, viewer, size=500).items)

    pages, cursor = [], ""
    while cursor or not pages:
        page = timeline(targets, viewer, cursor, size=5)
        pages.append(events(page.items))
        cursor = page.next
    back = timeline(targets, viewer, page.previous, size=5)

    assert [event for shown in pages for event in shown] == whole
    assert events(back.items) == pages[-2]
