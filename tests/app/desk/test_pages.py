"""今日, 制度 and 设置: true counts, everybody his own work, the same statements at any length."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from huiyin.adoption import services as adoption
from huiyin.desk.settings_pages import PAGES
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.ui.moments import due_words
from tests.adopted import adopt, sources
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm, login_for, small_firm

pytestmark = pytest.mark.django_db

DUE_LEAK = datetime(2026, 3, 5, 16, tzinfo=UTC)


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    adopt(firm, now=now)
    return firm


def signed_in(firm: SmallFirm, who: str) -> Client:
    client = Client()
    client.force_login(login_for(getattr(firm, who), who))
    return client


def page(firm: SmallFirm, who: str, path: str, *, at: datetime) -> str:
    """The page as that person sees it at that moment; it must be there."""
    client = signed_in(firm, who)
    with time_machine.travel(at, tick=False):
        answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_today_shows_each_his_own_work(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)

    assert "去回访" in page(firm, "supervisor", "/", at=now)
    assert "去回访" not in page(firm, "repairer", "/", at=now)


@pytest.mark.parametrize(
    ("after", "heading"),
    [
        (-timedelta(seconds=1), "今天到期"),
        (timedelta(0), "今天到期"),
        (timedelta(seconds=1), "已逾期"),
    ],
)
def test_work_moves_to_late_only_after_its_due_moment(
    firm: SmallFirm, now: datetime, after: timedelta, heading: str
) -> None:
    completed(firm, "WX-1", now=now)

    html = page(firm, "supervisor", "/", at=DUE_LEAK + after)

    titles = [part.partition("<")[0].strip() for part in html.split('class="group__title">')[1:]]
    assert heading in titles
    assert ("今天到期" in titles) != ("已逾期" in titles)


def test_today_takes_the_same_statements_for_one_item_and_for_many(
    firm: SmallFirm, now: datetime, django_assert_max_num_queries
) -> None:
    completed(firm, *(f"WX-{n}" for n in range(40)), now=now)
    client = signed_in(firm, "repair_lead")

    with time_machine.travel(now, tick=False):
        client.get("/")
        with django_assert_max_num_queries(41):
            client.get("/")


def test_an_obligation_tells_every_step_of_its_derivation(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.supervisor.pk)

    html = page(firm, "supervisor", f"/obligations/{row.id}/", at=now)

    for words in ("完工", "漏水：3 天", "2026-03-05 24:00", "维修回访记录", "B.1.c", "B.2.c"):
        assert words in html, words


def test_an_obligation_of_another_unit_is_not_there(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.supervisor.pk)
    client = signed_in(firm, "far_officer")

    with time_machine.travel(now, tick=False):
        assert client.get(f"/obligations/{row.id}/").status_code == 404


def test_the_policy_shows_every_clause_and_what_is_not_executed_yet(
    firm: SmallFirm, now: datetime
) -> None:
    texts = sources()
    bound = "    clauses: {C.1.4.e: [per, whole, part, less_than]}\n"
    assert bound in texts["policy.yaml"]
    texts["policy.yaml"] = (
        texts["policy.yaml"].replace(bound, "").replace("version: 1}", "version: 2}")
    )
    proposed = adoption.propose(
        texts, starts_on=date(2026, 3, 2), mode="force", by=firm.supervisor.pk, now=now
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    html = page(firm, "manager", "/policy/property-management/", at=now)

    assert html.count('class="clause"') == 40
    assert html.count("尚未由系统执行") == 1
    assert "无事" in html


def test_the_day_that_ends_at_midnight_is_the_day_itself(now: datetime) -> None:
    zone = ZoneInfo("Asia/Shanghai")

    assert due_words(DUE_LEAK, now=DUE_LEAK - timedelta(hours=5), zone=zone) == "今天"
    assert due_words(DUE_LEAK, now=DUE_LEAK - timedelta(hours=25), zone=zone) == "明天"


@pytest.mark.parametrize(("noun", "kind"), [("copies", "copied"), ("deliveries", "delivered")])
def test_a_message_is_logged_by_who_owes_the_work_though_he_sees_only_his_own(
    firm: SmallFirm, now: datetime, noun: str, kind: str
) -> None:
    [repair] = completed(firm, "WX-1", now=now)
    owed = Obligation.objects.filter(target=repair).earliest("id")
    Obligation.objects.filter(pk=owed.pk).update(holder=firm.far_repairer.pk)
    path = f"/obligations/{owed.pk}/{noun}/"

    for who, known in (("far_repairer", True), ("supervisor", True), ("far_officer", False)):
        facts = Fact.objects.filter(kind=f"message.{kind}", target=repair)
        before = facts.count()
        assert (signed_in(firm, who).post(path).status_code < 300) is known
        assert facts.count() == before + known


def test_a_row_copies_the_moment_until_which_it_is_owed(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)

    shown = page(firm, "supervisor", "/", at=now)

    assert "期限：2026-03-05 24:00" in shown


def test_a_waiver_says_who_and_why_and_counts_as_no_visit(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    for row in Obligation.objects.exclude(holder=firm.manager.pk):
        obligations.waive(row, by=firm.manager.pk, reason="住户外出", now=now)

    reason = page(firm, "manager", f"/obligations/{row.pk}/", at=now)
    policy = page(firm, "supervisor", "/policy/property-management/", at=now)

    assert "住户外出 · " in reason
    assert "按时 0/" in policy
    assert "免除 " in policy


def test_a_waiver_that_is_refused_keeps_its_words_on_the_form(
    firm: SmallFirm, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.exclude(holder=firm.manager.pk).earliest("pk")
    client, address = signed_in(firm, "manager"), f"/obligations/{row.pk}/waiver/"

    with time_machine.travel(now, tick=False):
        empty = client.post(address, {"reason": " "})
        long = client.post(address, {"reason": "住户外出" * 501})
        client.post(address, {"reason": "住户外出"})
        again = client.post(address, {"reason": "住户外出"})

    assert [answer.status_code for answer in (empty, long, again)] == [422, 422, 409]
    for answer, said in ((empty, "请写明免除的原因。"), (long, "最多 2000 个字")):
        shown = answer.content.decode()
        assert said in shown
        assert re.search(r'<textarea[^>]*aria-invalid[^>]*name="reason"', shown)
    assert "住户外出" * 501 in long.content.decode()
    assert "已经有了结果" in again.content.decode() and "办理情况" in again.content.decode()


def test_a_setting_is_shown_in_words(firm: SmallFirm, now: datetime) -> None:
    html = page(firm, "manager", "/settings/", at=now)

    assert "7 天" in html
    assert ">7d<" not in html


@pytest.mark.parametrize("who", ["supervisor", "manager", "officer", "repairer"])
def test_settings_list_what_one_may_open_and_nothing_else(
    firm: SmallFirm, who: str, now: datetime
) -> None:
    client = signed_in(firm, who)

    with time_machine.travel(now, tick=False):
        listed = {each.url for each in client.get("/settings/").context["pages"]}
        opened = {each.url: client.get(each.url, follow=True) for each in PAGES}

    assert listed == {url for url, answer in opened.items() if answer.status_code == 200}
    assert ("/start/" in listed) is (who != "officer" and who != "repairer")
