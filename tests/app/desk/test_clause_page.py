"""The page of a clause leads from its verdict down to the single record, for who may see it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.adoption.queries import current, policy_in_force
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.core.errors import Refused
from huiyin.insights.behind import behind
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.obligations.services import record_refusal
from huiyin.subjects import services as subjects
from tests.app import scene as on
from tests.second_policy import second

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAMP = Item("question", "地下车库何时换灯")
RUDE = Item("complaint", "物管员不接电话")
POLICY = "property-management"


def shown(clause: str, who: Person, at: datetime, *, policy: str = POLICY) -> str:
    with time_machine.travel(at, tick=False):
        answer = on.signed_in(who).get(reverse("desk:clause", args=[policy, clause]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def titles(html: str) -> list[str]:
    found = re.findall(r'class="row__open" data-open href="([^"]+)"', html)
    return [each for each in found if each != "#"]


def opens(html: str, who: Person) -> None:
    """Every row leads to a page that is there for the reader."""
    client = on.signed_in(who)
    for url in titles(html):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("clause", ["B.3.5", "B.3.2", "B.1.a"])
def test_a_clause_kept_by_records_lists_them(place: on.Scene, now: datetime, clause: str) -> None:
    held = on.visit(on.completed(place).pk, place.firm.repair_lead, now + HOUR)

    html = shown(clause, place.firm.manager, now + DAY)

    assert reverse("records:page", args=[held.record_id]) in titles(html)
    assert f"{reverse('records:list')}?form=repair_visit" in html
    assert "还没有" not in html
    with time_machine.travel(now + DAY, tick=False):
        opens(html, place.firm.manager)


def test_a_record_that_was_taken_back_or_is_not_ones_to_see_is_not_listed(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    held = on.visit(on.completed(place).pk, firm.repair_lead, now + HOUR)
    row = f"/records/{held.record_id}/"

    seen = row in titles(shown("B.3.5", firm.manager, now + DAY))
    elsewhere = row in shown("B.3.5", firm.far_officer, now + DAY)
    filed = Fact.objects.get(kind="record.filed")
    ledger.void(filed.pk, by=firm.manager.pk, reason="录错", now=now + DAY)

    assert (seen, elsewhere) == (True, False)
    assert row not in shown("B.3.5", firm.manager, now + DAY)


def test_a_clause_kept_by_closing_lists_the_cases_that_it_spoke_of(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    by = on.doing(firm.director, now + HOUR)
    lamp = on.taken_down(place, replace(LAMP, promised_reply_at=now + DAY), firm.officer, now)
    rude = on.taken_down(place, RUDE, firm.officer, now)
    cases.handle(rude, text="已查明", doing=by)
    for case in (lamp, rude):
        cases.reply(on.fresh(case), text="已告知", channel="phone", doing=by)
        cases.close(on.fresh(case), outcome="explained", doing=by)

    every = titles(shown("C.1.4.c", firm.manager, now + DAY))
    complaints = shown("C.1.4.a", firm.manager, now + DAY)

    assert {f"/cases/{lamp.pk}/", f"/cases/{rude.pk}/"} <= set(every)
    assert f"/cases/{rude.pk}/" in titles(complaints)
    assert f"/cases/{lamp.pk}/" not in titles(complaints)
    assert f"{reverse('cases:list')}?stage=closed&amp;kind=complaint" in complaints
    assert f"/cases/{rude.pk}/" not in shown("C.1.4.c", firm.far_officer, now + DAY)


def test_a_rate_lists_first_what_it_misses(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    waits = on.taken_down(place, RUDE, firm.officer, now)
    within = on.taken_down(
        place, replace(LAMP, promised_reply_at=now + 5 * DAY), firm.officer, now + HOUR
    )

    handling = shown("C.1.4.d", firm.manager, now + DAY)
    complaints = titles(shown("C.1.4.e", firm.manager, now + DAY))

    assert titles(handling) == [f"/cases/{waits.pk}/", f"/cases/{within.pk}/"]
    assert handling.count("未计入") == 1
    assert reverse("cases:figures") in handling
    assert complaints == [f"/cases/{waits.pk}/"]


def test_what_was_refused_is_listed_too(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    case = on.taken_down(place, RUDE, firm.officer, now)
    doing = on.doing(firm.director, now + HOUR)
    with pytest.raises(Refused) as refused:
        cases.close(case, outcome="explained", doing=doing)
    record_refusal(refused.value, act="case.close", target=case.pk, by=doing.by, at=doing.now)

    html = shown("C.1.4.c", firm.manager, now + DAY)

    assert "没有让办的" in html
    assert f"/cases/{case.pk}/" in titles(html)


def visited(place: on.Scene, number: str, at: datetime) -> None:
    """A leak that was done at the scene's moment, visited by all who may owe the visit."""
    firm = place.firm
    everyone = [firm.manager.pk, firm.supervisor.pk, firm.repair_lead.pk]
    on.visit(on.completed(place, number).pk, firm.repair_lead, at, present=everyone)


def test_what_is_overdue_stands_first_and_what_was_done_late_next(
    place: on.Scene, now: datetime
) -> None:
    visited(place, "WX-1", now + 9 * DAY)
    on.completed(place, "WX-2", category="leak")
    visited(place, "WX-3", now + HOUR)
    at = now + 10 * DAY

    html = shown("B.2.c", place.firm.manager, at)

    said = re.findall(r'class="row__when"><time[^>]*>([^<]+)<', html)
    told = [{"按时": 2, "逾期完成": 1}.get(each, 0) for each in said]
    assert told == sorted(told)
    assert set(told) == {0, 1, 2}
    assert f"{reverse('desk:obligations')}?clause={POLICY}.B.2.c&amp;standing=any" in html


def test_the_list_of_obligations_is_narrowed_to_a_clause(place: on.Scene, now: datetime) -> None:
    on.completed(place, "WX-1", category="leak")
    on.completed(place, "WX-2", category="safety")
    path, client = reverse("desk:obligations"), on.signed_in(place.firm.manager)

    with time_machine.travel(now, tick=False):
        leaks = client.get(path, {"clause": f"{POLICY}.B.2.c"}).content.decode()
        none = client.get(path, {"clause": f"{POLICY}.A.2.3", "standing": "any"}).content.decode()
        odd = client.get(path, {"clause": "no.such"})

    assert "WX-1" in leaks and "WX-2" not in leaks
    assert "WX-1" not in none
    assert odd.status_code == 200


def test_what_late_means_is_told_apart(place: on.Scene, now: datetime) -> None:
    visited(place, "WX-1", now + 9 * DAY)
    on.completed(place, "WX-2")
    late = Obligation.objects.filter(clauses__contains=["B.2.c"], state="done").count()
    still = Obligation.objects.filter(clauses__contains=["B.2.c"], state="open").count()

    html = shown("B.2.c", place.firm.manager, now + 10 * DAY)

    assert late and still
    assert f"逾期完成 {late} 项，逾期未办 {still} 项" in html


def test_the_bound_elements_are_folded_away(place: on.Scene, now: datetime) -> None:
    html = shown("B.4.a", place.firm.manager, now)

    folded = html.index('<details class="folded">')
    assert folded < html.index("rectification_notice.owed_by") < html.index("</details>", folded)
    assert html.count("rectification_notice.owed_by") == 1


def test_every_clause_has_its_page_and_what_leads_on_from_it(
    place: on.Scene, now: datetime
) -> None:
    _adopted, pack = policy_in_force(POLICY)

    for clause in pack.clauses:
        shown(clause, place.firm.manager, now)

    assert reverse("desk:roles") in shown("A.2.2.a", place.firm.manager, now)
    assert reverse("desk:acknowledgement", args=[POLICY]) in shown("C.0", place.firm.manager, now)


def test_what_a_table_gave_is_listed_and_so_is_every_other_kind_of_rule(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    second(firm, now=now)
    subjects.record_event(
        on.completed(place), "broken",
        happened_at=now + HOUR, by=firm.repairer.pk, recorded_by=firm.manager.pk, now=now + HOUR,
    )  # fmt: skip
    pack = next(pack for _adoption, pack in current() if pack.id == "second")

    pages = {each: shown(each, firm.manager, now + DAY, policy="second") for each in pack.clauses}

    assert "去向" in pages["2.a"]
    assert any("/subjects/repair/" in each for each in titles(pages["2.a"])), titles(pages["2.a"])


def test_a_page_of_many_records_takes_as_many_statements_as_of_one(
    place: on.Scene, now: datetime
) -> None:
    adopted, pack = policy_in_force(POLICY)
    viewer = place.firm.viewer(place.firm.manager)
    counts = []
    for n in range(1, 4):
        on.visit(on.completed(place, f"WX-{n}").pk, place.firm.repair_lead, now + HOUR)
        with CaptureQueriesContext(connection) as queries:
            found = behind(adopted, pack, "B.3.5", viewer=viewer, now=now + DAY)
        assert [len(each.shown) for each in found] == [n]
        counts.append(len(queries))

    assert counts[1] == counts[2]
