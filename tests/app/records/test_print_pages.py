"""The buttons that print, the list to choose from, and what a page says of earlier printings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.cases import services
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.ledger.models import Fact
from huiyin.notices.models import MailChannel
from huiyin.records.answers import Sent
from huiyin.records.models import Record
from huiyin.records.printing.material import Asked, gather
from tests.app import scene as on
from tests.app.records.pdf_reading import Reader

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PRINTINGS = "/records/printings/"


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    with time_machine.travel(now + 6 * HOUR, tick=False):
        yield founded


@pytest.fixture
def case(place: on.Scene) -> Case:
    found = on.case_of(place, on.completed(place), place.now + HOUR)
    return on.notice(found, place.firm.repair_lead, place.now + 2 * HOUR)


def test_the_button_of_a_record_answers_with_its_pdf(place: on.Scene, case: Case) -> None:
    page = reverse("records:page", args=[case.notice_id])
    print_it = reverse("records:printing", args=[case.notice_id])
    client = on.signed_in(place.firm.manager)
    before = client.get(page).content.decode()

    answer = client.post(print_it)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="ZG-2026-0001.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert "ZG-2026-0001" in Reader(answer.content).text
    assert f'action="{print_it}" target="_blank"' in before and "次打印" not in before
    after = client.get(page).content.decode()
    assert "第 1 次打印" in after and "2026-03-02 15:00" in after and "甲经理" in after


def test_looking_does_not_print(place: on.Scene, case: Case) -> None:
    client = on.signed_in(place.firm.manager)
    before = Fact.objects.count()

    statuses = {
        client.get(at).status_code
        for at in (
            PRINTINGS,
            reverse("records:printing", args=[case.notice_id]),
            reverse("records:empty_form", args=["repair_visit"]),
        )
    }
    client.get(reverse("records:list"))

    assert statuses == {405}
    assert Fact.objects.count() == before


def test_the_paper_leads_back_to_the_record_under_the_firms_address(
    place: on.Scene, case: Case
) -> None:
    print_it = reverse("records:printing", args=[case.notice_id])
    client = on.signed_in(place.firm.manager)

    asked = client.post(print_it, headers={"Host": "localhost:8000"}).content
    MailChannel.objects.create(base_url="https://huiyin.example", changed_at=place.now)
    named = client.post(print_it).content

    assert f"http://localhost:8000/records/{case.notice_id}/".encode() in asked
    assert f"https://huiyin.example/records/{case.notice_id}/".encode() in named


def test_the_notice_is_printed_from_its_case_and_before_it_is_handed_over(
    place: on.Scene, case: Case
) -> None:
    client = on.signed_in(place.firm.repair_lead)
    print_it = f'action="{reverse("records:printing", args=[case.notice_id])}"'

    for page in ("cases:page", "cases:handover"):
        assert print_it in client.get(reverse(page, args=[case.pk])).content.decode(), page


def test_a_notice_about_no_order_names_whom_it_was_written_for_before_it_is_handed_over(
    place: on.Scene,
) -> None:
    firm, at = place.firm, place.now + HOUR
    case = on.taken_down(place, Item("problem", "单元门关不上", "minor"), firm.officer, at)
    given = {"problem": "门", "requirement": "调", "rectify_by": "2026-03-09"}
    written = {"answers": Sent(given=given), "repairer": firm.second_repairer.pk}
    services.file_notice(case, doing=on.doing(firm.manager, at + HOUR), **written)

    print_it = reverse("records:printing", args=[on.fresh(case).notice_id])
    made = on.signed_in(firm.manager).post(print_it)

    assert f"责任人{firm.second_repairer.name}签发时间" in Reader(made.content).text


@pytest.mark.parametrize("name", ["record.for", "case.repairer"])
def test_whom_a_notice_was_written_for_is_known_by_either_name(
    place: on.Scene, case: Case, name: str
) -> None:
    [paper] = gather([Asked.filed(case.notice)], place.firm.viewer(place.firm.manager))
    stated = {"record.number": case.notice.number, "case.repairer": 1, name: 2}
    shelf = replace(
        paper.shelf, facts={case.pk: [Fact(values=stated)]}, people={1: "现在的人", 2: "当时的人"}
    )

    assert replace(paper, shelf=shelf).addressee == "当时的人"


def test_an_empty_form_is_taken_along_from_the_workbench(place: on.Scene) -> None:
    done = on.completed(place)
    client = on.signed_in(place.firm.repair_lead)
    print_it = reverse("records:empty_form_about", args=["repair_visit", done.pk])
    bench = client.get(reverse("followups:workbench", args=[done.pk])).content.decode()

    answer = client.post(print_it)

    assert f'action="{print_it}"' in bench
    assert "维修单WX-1" in Reader(answer.content).text
    assert answer.headers["Content-Disposition"] == 'inline; filename="repair_visit.pdf"'


def test_several_are_chosen_in_the_list_and_printed_together(place: on.Scene, case: Case) -> None:
    client = on.signed_in(place.firm.manager)
    ids = list(Record.objects.order_by("id").values_list("pk", flat=True))
    shown = client.get(reverse("records:list")).content.decode()

    answer = client.post(PRINTINGS, {"record": ids})

    assert all(f'type="checkbox" name="record" value="{pk}"' in shown for pk in ids)
    assert len(Reader(answer.content).pages) == 2
    assert answer.headers["Content-Disposition"] == 'inline; filename="WXHF-2026-0001+1.pdf"'
    again = client.get(reverse("records:list")).content.decode()
    assert again.count("1 次") == 2


def test_the_list_shows_a_form_alone_and_only_what_one_may_see(place: on.Scene, case: Case) -> None:
    page = reverse("records:list")

    def seen(person: str, query: str = "") -> set[str]:
        client = on.signed_in(getattr(place.firm, person))
        shown = client.get(page + query).content.decode()
        return {number for number in ("WXHF-2026-0001", "ZG-2026-0001") if number in shown}

    assert seen("manager") == {"WXHF-2026-0001", "ZG-2026-0001"}
    assert seen("manager", "?form=repair_visit") == {"WXHF-2026-0001"}
    assert seen("manager", "?form=no_such_form") == {"WXHF-2026-0001", "ZG-2026-0001"}
    assert seen("repairer") == set()
    on.handed_over(on.fresh(case), place.firm.repair_lead, place.now + 3 * HOUR)
    assert seen("repairer") == {"ZG-2026-0001"}
    assert seen("far_officer") == seen("stranger") == set()


@pytest.mark.parametrize("sent", ["0", "-1", "x", "9" * 19, "1" * 5_000, "", "²"])
def test_a_number_that_is_no_record_prints_nothing(place: on.Scene, case: Case, sent: str) -> None:
    client = on.signed_in(place.firm.manager)

    answer = client.post(PRINTINGS, {"record": [str(case.notice_id), sent]})

    assert answer.status_code == 404
    assert not Fact.objects.filter(kind="record.printed").exists()


def test_one_record_that_is_not_ones_own_to_see_stops_the_pile(place: on.Scene, case: Case) -> None:
    ids = list(Record.objects.values_list("pk", flat=True))

    answer = on.signed_in(place.firm.repairer).post(PRINTINGS, {"record": ids})

    assert answer.status_code == 404
    assert not Fact.objects.filter(kind="record.printed").exists()


def test_too_many_are_refused_in_words(
    place: on.Scene, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huiyin.records.services.MOST_RECORDS", 1)
    ids = list(Record.objects.values_list("pk", flat=True))

    answer = on.signed_in(place.firm.manager).post(PRINTINGS, {"record": ids})

    assert answer.status_code == 422
    assert "选了 2 份记录，一次最多打印 1 份" in answer.content.decode()


def test_the_list_costs_the_same_for_one_record_and_for_many(place: on.Scene, case: Case) -> None:
    client, page = on.signed_in(place.firm.manager), reverse("records:list")
    client.get(page)
    with CaptureQueriesContext(connection) as for_two:
        client.get(page)
    for n in range(5):
        on.visit(on.completed(place, f"WX-4{n}").pk, place.firm.manager, place.now + 2 * HOUR)

    with CaptureQueriesContext(connection) as for_many:
        shown = client.get(page).content.decode()

    assert shown.count('type="checkbox"') == 7
    assert len(for_many) == len(for_two) <= 19


def test_printing_is_part_of_what_happened(place: on.Scene, case: Case) -> None:
    client = on.signed_in(place.firm.manager)
    client.post(reverse("records:printing", args=[case.notice_id]))

    shown = client.get(reverse("cases:page", args=[case.pk])).content.decode()

    assert "打印记录" in shown and "整改通知单 ZG-2026-0001" in shown
