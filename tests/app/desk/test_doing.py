"""Everything that a policy can oblige somebody to do is done on a page, through the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.records.models import Handover, Record
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.people import SmallFirm, login_for
from tests.second_policy import second

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> on.Scene:
    """Both policies in force, planned, and a repair done at the household."""
    place = founded
    second(place.firm, now=now)
    obligations.plan(now=now)
    on.completed(place)
    return place


@pytest.fixture
def firm(place: on.Scene) -> SmallFirm:
    return place.firm


def browser(firm: SmallFirm, who: str) -> Client:
    person = getattr(firm, who)
    client = Client()
    client.force_login(person.user or login_for(person, who))
    return client


def owed(duty: str, **more: Any) -> Obligation:
    return Obligation.objects.filter(policy="second", duty=duty, **more).get()


def send(
    client: Client, path: str, at: datetime, data: dict[str, Any] | None = None
) -> HttpResponse:
    with time_machine.travel(at, tick=False):
        return client.get(path) if data is None else client.post(path, data)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def action(client: Client, row: Obligation, at: datetime) -> str:
    """Where the one button on the obligation's page leads."""
    page = text(send(client, f"/obligations/{row.pk}/", at))
    head = page.split('class="button button--primary" href="', 1)
    assert len(head) == 2, "no button that does it"
    return head[1].split('"', 1)[0].replace("&amp;", "&")


def test_a_monthly_sheet_is_filled_in_where_its_obligation_leads(
    firm: SmallFirm, now: datetime
) -> None:
    client, row = browser(firm, "supervisor"), owed("monthly")
    path = action(client, row, now)
    page = text(send(client, path, now))
    assert "月度汇总表" in page and "合计" in page and "§ 1.a" in page

    wrong = send(client, path, now, {"total": "-1", "key": "k"})
    assert wrong.status_code == 422
    assert not Record.objects.exists()
    given = {"total": "12", "signed": on.drawing(), "key": "k"}
    done = [send(client, path, now, given) for _time in range(2)]

    assert [each.status_code for each in done] == [302, 302]
    assert done[0]["Location"] == f"/obligations/{row.pk}/"
    assert Record.objects.get().values["monthly_sheet.total"] == 12
    row.refresh_from_db()
    assert row.standing(now) == "met"
    assert "按时" in text(send(client, done[0]["Location"], now))


def test_a_head_enters_what_another_did_earlier(firm: SmallFirm, now: datetime) -> None:
    client, row = browser(firm, "manager"), owed("monthly")
    given = {
        "total": "3", "signed": "", "signed-refused": "true", "signed-reason": "出差",
        "by": str(firm.supervisor.pk), "happened_at": f"{now + HOUR:%Y-%m-%dT%H:%M}",
    }  # fmt: skip

    answer = send(client, f"/forms/monthly_sheet/{row.target_id}/", now + 9 * HOUR, given)

    record = Record.objects.get()
    assert answer["Location"] == f"/records/{record.pk}/"
    assert (record.by_id, record.recorded_by_id) == (firm.supervisor.pk, firm.manager.pk)
    row.refresh_from_db()
    assert row.state == "done"


def inspected(firm: SmallFirm, at: datetime) -> Record:
    client, row = browser(firm, "repair_lead"), owed("inspect")
    path = action(client, row, at)
    assert send(client, path, at, {"result": "good", "key": "k"}).status_code == 302
    return Record.objects.get(form="job_sheet")


def test_a_superior_returns_a_record_with_a_reason(firm: SmallFirm, now: datetime) -> None:
    record = inspected(firm, now)
    client, row = browser(firm, "manager"), owed("review")
    path = action(client, row, now)
    page = text(send(client, path, now))
    assert record.number in page and "好" in page

    assert send(client, path, now, {"verdict": "returned"}).status_code == 422
    answer = send(client, path, now, {"verdict": "returned", "reason": "没有写位置"})

    assert answer.status_code == 302
    assert Record.objects.get(form="sheet_review").reviews_id == record.pk
    row.refresh_from_db()
    assert row.state == "done"
    assert "没有写位置" in text(send(client, f"/records/{Record.objects.latest('id').pk}/", now))


def test_nobody_reviews_his_own_record(firm: SmallFirm, now: datetime) -> None:
    record = inspected(firm, now)
    path = f"/forms/sheet_review/{record.about_id}/?of={record.pk}"

    answer = send(browser(firm, "repair_lead"), path, now, {"verdict": "approved"})

    assert answer.status_code == 409
    assert "自己的记录须由别人审阅" in text(answer)
    assert not Record.objects.filter(form="sheet_review").exists()


def broken(place: on.Scene, at: datetime, category: str = "other") -> Subject:
    subject = on.repair(place, "WX-2", category=category)
    firm = place.firm
    subjects.record_event(
        subject, "broken", happened_at=at, by=firm.repairer.pk,
        recorded_by=firm.manager.pk, now=at,
    )  # fmt: skip
    return subject


def test_who_is_asked_decides_what_the_table_could_not(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    broken(place, now)
    row, client = owed("route"), browser(firm, "supervisor")
    path = action(client, row, now)
    assert path == f"/obligations/{row.pk}/decision/"
    page = text(send(client, path, now))
    assert "急报" in page and "季报" in page and "checked" not in page

    assert send(client, path, now, {"reason": "x"}).status_code == 422
    assert send(client, path, now, {"results": "fast"}).status_code == 422
    assert send(client, path, now, {"results": ["fast", "slow"], "reason": "x"}).status_code == 422
    assert send(client, path, now, {"results": "no", "reason": "x"}).status_code == 422
    other = browser(firm, "manager")
    refused = send(other, path, now, {"results": "fast", "reason": "x"})
    assert refused.status_code == 409 and "§ 2.a" in text(refused)
    answer = send(client, path, now, {"results": "fast", "reason": "伤了人"})

    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == "done"
    assert Obligation.objects.filter(duty="report_fast").count() == 2
    again = send(client, path, now, {"results": "slow", "reason": "x"})
    assert again.status_code == 409


def reported(place: on.Scene, now: datetime) -> tuple[Client, str]:
    """An urgent report is written; where it is handed over."""
    broken(place, now)
    table = owed("route")
    send(
        browser(place.firm, "supervisor"), f"/obligations/{table.pk}/decision/", now,
        {"results": "fast", "reason": "伤了人"},
    )  # fmt: skip
    client = browser(place.firm, "supervisor")
    rows = Obligation.objects.filter(duty="report_fast")
    path = action(client, rows[0], now)
    written = send(client, path, now, {"text": "管道爆裂", "key": "k"})
    assert written.status_code == 302
    return client, written["Location"]


def test_a_report_reaches_a_party_and_a_role(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    client, path = reported(place, now)
    page = text(send(client, path, now))
    assert "主管局" in page and "甲经理" in page
    bureau = dict(Obligation.objects.filter(duty="report_fast").values_list("line", "recipient"))
    to = str(bureau["report_fast.to.bureau"])

    assert send(client, path, now, {"channel": "other"}).status_code == 422
    assert send(client, path, now, {"to": to, "channel": "pigeon"}).status_code == 422
    assert send(client, path, now, {"to": to, "channel": "in_person"}).status_code == 422
    nobody = {"to": str(firm.stranger.pk), "channel": "other"}
    assert send(client, path, now, nobody).status_code == 422
    nowhere = send(client, path, now, {"to": to, "channel": "other"})
    assert nowhere.status_code == 422 and "请写明是怎么送到的" in text(nowhere)
    given = {"to": to, "channel": "other", "way": "挂号信", "key": "k1"}
    for _time in range(2):
        assert send(client, path, now, given).status_code == 302

    assert Handover.objects.count() == 1
    standing = dict(Obligation.objects.filter(duty="report_fast").values_list("line", "state"))
    assert standing == {"report_fast.to.bureau": "done", "report_fast.to.manager": "open"}
    refused = {
        "to": str(firm.manager.pk), "channel": "in_person", "key": "k2",
        "receipt-refused": "true", "receipt-reason": "不在场",
    }  # fmt: skip
    assert send(client, path, now, refused).status_code == 302
    assert Obligation.objects.filter(duty="report_fast", state="done").count() == 2
    assert Handover.objects.filter(refused=True).count() == 1


def test_what_is_written_but_reached_nobody_is_handed_over_not_written_again(
    place: on.Scene, now: datetime
) -> None:
    client, path = reported(place, now)
    row = Obligation.objects.filter(duty="report_fast")[0]

    page = text(send(client, action(client, row, now), now))

    assert "已填写，可以直接送达" in page and path in page


def test_what_reached_one_of_two_is_handed_over_to_the_other(
    place: on.Scene, now: datetime
) -> None:
    client, path = reported(place, now)
    rows = {row.line: row for row in Obligation.objects.filter(duty="report_fast")}
    bureau = rows["report_fast.to.bureau"]
    send(client, path, now, {"to": str(bureau.recipient_id), "channel": "wechat"})

    page = text(send(client, action(client, rows["report_fast.to.manager"], now), now))

    assert "已填写，可以直接送达" in page and path in page


def test_the_two_rows_of_one_report_say_whom_each_is_for(place: on.Scene, now: datetime) -> None:
    client, _path = reported(place, now)

    page = text(send(client, "/", now))

    assert "急报：主管局" in page and "急报：经理" in page


def test_a_longer_limit_is_asked_for_and_consented_to_by_somebody_else(
    firm: SmallFirm, now: datetime
) -> None:
    row = owed("inspect")
    path = f"/obligations/{row.pk}/extension/"
    asking, head = browser(firm, "repair_lead"), browser(firm, "manager")
    assert path in text(send(asking, f"/obligations/{row.pk}/", now))

    assert send(asking, path, now, {"reason": " "}).status_code == 422
    assert send(asking, path, now, {"reason": "住户外出"}).status_code == 302
    assert send(asking, path, now, {"reason": "再催"}).status_code == 409
    row.refresh_from_db()
    assert row.first_due_at is None
    assert Notice.objects.filter(template="extension_asked").get().recipient_id == firm.manager.pk
    assert "住户外出" in text(send(head, path, now))
    before = row.due_at
    for _time in range(2):
        assert send(head, path, now, {"reason": "同意", "key": "k"}).status_code == 302

    assert Fact.objects.filter(kind="obligation.extended").count() == 1
    row.refresh_from_db()
    assert before is not None and row.first_due_at == before
    assert row.due_at is not None and row.due_at > before
    page = text(send(asking, f"/obligations/{row.pk}/", now))
    assert "住户外出" in page and "同意" in page  # its history


def test_a_limit_that_is_over_or_unknown_to_the_policy_is_not_extended(
    firm: SmallFirm, now: datetime
) -> None:
    client = browser(firm, "manager")
    late, other = owed("inspect"), owed("monthly")

    assert late.due_at is not None
    over = late.due_at + timedelta(seconds=1)
    assert send(client, f"/obligations/{late.pk}/extension/", over).status_code == 404
    assert send(client, f"/obligations/{other.pk}/extension/", now).status_code == 404
    assert send(client, f"/obligations/{late.pk}/extension/", late.due_at).status_code == 200


def test_only_who_owes_it_asks_for_longer(firm: SmallFirm, now: datetime) -> None:
    row = owed("inspect")
    path = f"/obligations/{row.pk}/extension/"

    answer = send(browser(firm, "director"), path, now, {"reason": "住户外出"})

    assert answer.status_code == 409
    assert not Fact.objects.filter(kind="obligation.extension_asked").exists()


def test_the_page_of_somebody_elses_duty_is_not_there(firm: SmallFirm, now: datetime) -> None:
    client = browser(firm, "far_officer")
    row = owed("inspect")

    for path in (
        f"/obligations/{row.pk}/", f"/obligations/{row.pk}/extension/",
        f"/forms/job_sheet/{row.target_id}/", f"/forms/monthly_sheet/{owed('monthly').target_id}/",
    ):  # fmt: skip
        assert send(client, path, now).status_code == 404, path


def test_what_waits_for_anyone_of_a_role_is_done_by_each_of_them(
    firm: SmallFirm, now: datetime
) -> None:
    row = owed("inspect")
    assert row.holder_id is None and set(row.owed_roles) == {"supervisor", "repair_lead"}

    for who in ("supervisor", "repair_lead"):
        assert action(browser(firm, who), row, now).startswith("/forms/job_sheet/")


def test_a_form_is_only_about_what_it_says(firm: SmallFirm, now: datetime) -> None:
    client, row = browser(firm, "manager"), owed("inspect")

    for form in ("monthly_sheet", "no_such_form"):
        assert send(client, f"/forms/{form}/{row.target_id}/", now).status_code == 404
    visit = send(client, f"/forms/repair_visit/{row.target_id}/", now)
    assert visit["Location"] == reverse("followups:workbench", args=[row.target_id])


def test_one_visit_that_two_policies_demand_says_the_clause_of_each(
    firm: SmallFirm, now: datetime
) -> None:
    client = browser(firm, "repair_lead")
    urgent = owed("visit_too")
    usual = Obligation.objects.get(duty="repair_visit", holder=firm.repair_lead.pk)

    first = text(send(client, f"/obligations/{urgent.pk}/", now))
    second_ = text(send(client, f"/obligations/{usual.pk}/", now))

    assert "同一件事，另有制度也要求" in first and "物业公司客户回访制度 § B.2.c" in first
    assert "这一项的时限最早，以它为准" in first
    assert "第二制度 § 3.b" in second_ and "以其中最早的时限为准" in second_
    assert action(client, urgent, now) == action(client, usual, now)
    on.visit(usual.target_id, firm.repair_lead, now + HOUR)
    for row in (urgent, usual):
        row.refresh_from_db()
        assert row.standing(now + HOUR) == "met"


def test_an_obligations_page_takes_the_same_statements_however_long_its_history(
    firm: SmallFirm, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client, row = browser(firm, "manager"), owed("inspect")
    path = f"/obligations/{row.pk}/"
    send(client, path, now)

    for number in range(2):
        for _again in range(number * 30):
            ledger.append([_told(row, now)], now=now)
        with time_machine.travel(now, tick=False), django_assert_max_num_queries(STATEMENTS):
            assert client.get(path).status_code == 200


STATEMENTS = 45


def _told(row: Obligation, now: datetime) -> ledger.NewFact:
    return ledger.NewFact(
        kind="obligation.noted", target_id=row.target_id, by_id=None, recorded_by_id=None,
        happened_at=now, known_at=now, values={"obligation.id": row.pk},
    )  # fmt: skip
