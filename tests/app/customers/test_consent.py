"""Who withdrew his consent is not contacted, and what then cannot be done is nobody's miss."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from huiyin.accounts.queries import zone
from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.core.acts import ActContext
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.customers import consent, consenting
from huiyin.customers.consenting import Statement
from huiyin.customers.models import Customer
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment, Visit
from huiyin.insights.verdicts import verdicts
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations import services as duties
from huiyin.obligations import today as todays
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.records.timeline import events
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = datetime(2026, 3, 5, 16, tzinfo=UTC)
MARCH = date(2026, 3, 1)


@dataclass
class Home:
    """The household with a repair done there, and what it says."""

    place: on.Scene
    repair: int

    def says(self, decision: str, channel: str, *, at: datetime, **more: Any) -> None:
        purpose, late_reason = more.get("purpose", "followup"), more.get("late_reason", "")
        said = Statement(
            decision, channel, purpose, "phone", "录音 0302", at, late_reason=late_reason
        )
        consenting.state(
            Customer.objects.get(pk=self.place.customer),
            said,
            by=self.place.firm.manager.pk,
            now=more.get("now", at),
            key=more.get("key", ""),
        )

    def plan(self, channel: str, *, at: datetime) -> Followup:
        appointment = Appointment(self.repair, channel, at + DAY)
        return followups.plan(appointment, by=self.place.firm.repair_lead.pk, now=at)

    def hold(self, channel: str, *, at: datetime, now: datetime | None = None) -> Followup:
        lead = self.place.firm.repair_lead
        return followups.hold(
            Visit(self.repair, "repair_visit", (lead.pk,), channel),
            answers=on.filled(),
            doing=on.doing(lead, at, now=now),
        )

    @property
    def owed(self) -> Obligation:
        return Obligation.objects.get(target=self.repair, owed_roles=["repair_lead"])


@pytest.fixture
def home(founded: on.Scene) -> Home:
    place = founded
    return Home(place, on.completed(place).pk)


def test_a_withdrawn_channel_refuses_the_plan_and_the_follow_up_and_no_other(
    home: Home, now: datetime
) -> None:
    home.says("withdrawn", "phone", at=now + HOUR)

    for act in (home.plan, home.hold):
        with pytest.raises(Refused, match="电话 · 回访") as refused:
            act("phone", at=now + 2 * HOUR)
        assert refused.value.rule == "consent"
    assert not Followup.objects.exists()
    assert not Record.objects.exists()
    assert home.owed.state == "open"
    assert home.hold("visit", at=now + 2 * HOUR).state == "held"


def test_silence_is_no_refusal_and_another_purpose_is_none_either(
    home: Home, now: datetime
) -> None:
    home.says("withdrawn", "all", purpose="marketing", at=now + HOUR)

    assert home.plan("phone", at=now + 2 * HOUR).state == "planned"


def test_the_newest_word_counts_whatever_it_covers(home: Home, now: datetime) -> None:
    home.says("given", "phone", at=now + HOUR)
    home.says("withdrawn", "all", purpose="all", at=now + 2 * HOUR)

    with pytest.raises(Refused, match="一切方式 · 一切目的"):
        home.plan("phone", at=now + 3 * HOUR)

    home.says("given", "phone", at=now + 4 * HOUR)

    assert home.plan("phone", at=now + 5 * HOUR).state == "planned"


def test_what_was_done_before_the_withdrawal_is_entered_after_it(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=now + 2 * HOUR)

    with pytest.raises(Refused):
        home.hold("visit", at=now + 2 * HOUR, now=now + 3 * HOUR)
    home.hold("visit", at=now + HOUR, now=now + 3 * HOUR)

    assert home.owed.standing(now + 3 * HOUR) == "met"


def test_an_appointment_that_the_customer_refuses_is_called_off_and_its_maker_told(
    home: Home, now: datetime
) -> None:
    planned = home.plan("phone", at=now + HOUR)
    home.says("withdrawn", "visit", at=now + 2 * HOUR)
    planned.refresh_from_db()
    assert planned.state == "planned"

    home.says("withdrawn", "phone", at=now + 3 * HOUR)

    planned.refresh_from_db()
    assert planned.state == "cancelled"
    [cancelled] = Fact.objects.filter(kind="followup.cancelled")
    assert cancelled.target_id == home.repair and not hasattr(cancelled, "note")
    with override("en"):
        [event] = events([cancelled])
        assert "Phone" in event.text and not re.search("[\u4e00-\u9fff]", event.text)
    told = Notice.objects.get(template="followup_called_off")
    assert told.recipient_id == home.place.firm.repair_lead.pk
    assert home.plan("message", at=now + 4 * HOUR).state == "planned"


@pytest.mark.parametrize(("kind", "state"), [("given", "cancelled"), ("withdrawn", "planned")])
def test_an_appointment_is_called_off_when_the_consent_it_rested_on_is_taken_back(
    home: Home, now: datetime, kind: str, state: str
) -> None:
    home.says("withdrawn", "phone", at=now + HOUR)
    home.says("given", "all", at=now + 2 * HOUR)
    planned = home.plan("phone", at=now + 3 * HOUR)
    said = Fact.objects.get(kind=f"consent.{kind}")

    by = home.place.firm.supervisor.pk
    consenting.take_back(said, by=by, reason="听错了", now=now + 4 * HOUR)

    planned.refresh_from_db()
    assert planned.state == state
    cancelled = Fact.objects.filter(kind="followup.cancelled")
    whys = [fact.values["consent.channel"] for fact in cancelled]
    assert whys == ["phone"] * Notice.objects.filter(template="followup_called_off").count()
    assert len(whys) == (state == "cancelled")


def test_without_any_channel_it_is_blocked_and_comes_free_with_another(
    home: Home, now: datetime
) -> None:
    for hours, channel in enumerate(("phone", "message", "visit"), start=1):
        assert home.owed.standing(now) == "due"
        home.says("withdrawn", channel, at=now + hours * HOUR)

    blocked = home.owed
    assert blocked.standing(DUE + DAY) == "blocked"
    assert blocked.obstructed_at == now + 3 * HOUR

    home.says("given", "visit", at=now + 4 * HOUR)

    assert home.owed.standing(now + 4 * HOUR) == "due"
    assert (home.owed.due_at, home.owed.first_due_at) == (DUE, None)
    kinds = Fact.objects.filter(
        target=home.repair,
        kind__startswith="obligation.",
        **{"values__obligation.id": home.owed.pk},
    )
    assert list(kinds.order_by("id").values_list("kind", flat=True)) == [
        "obligation.blocked",
        "obligation.freed",
    ]


def test_the_clock_stands_still_meanwhile(home: Home, now: datetime) -> None:
    """Two days and more were left until the end of a day; they are left again."""
    home.says("withdrawn", "all", at=now + HOUR)

    duties.tick(now=DUE + 5 * DAY)
    assert not home.owed.missed
    home.says("given", "all", at=DUE + 5 * DAY)

    rest = DUE - (now + HOUR)
    local = (DUE + 5 * DAY + rest).astimezone(zone())
    assert home.owed.due_at is not None
    due = home.owed.due_at.astimezone(zone())
    assert (due.hour, due.minute) == (0, 0)
    assert timedelta(0) <= due - local < DAY
    assert home.owed.first_due_at == DUE
    duties.tick(now=home.owed.due_at)
    assert not home.owed.missed
    duties.tick(now=home.owed.due_at + timedelta(seconds=1))
    assert home.owed.missed


def test_a_clock_that_stood_still_is_not_counted_anew_with_the_calendar(
    home: Home, now: datetime
) -> None:
    Obligation.objects.filter(pk=home.owed.pk).update(provisional=True)
    home.says("withdrawn", "all", at=now + HOUR)

    home.says("given", "all", at=DUE + 5 * DAY)

    assert home.owed.due_at is not None
    assert home.owed.due_at > DUE + 5 * DAY
    assert not home.owed.provisional


def test_what_was_overdue_before_stays_so(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=DUE + DAY)

    assert home.owed.standing(DUE + 2 * DAY) == "overdue"


def test_a_withdrawal_that_is_entered_late_counts_from_when_it_was_said(
    home: Home, now: datetime
) -> None:
    with pytest.raises(Invalid) as silent:
        home.says("withdrawn", "all", at=DUE - DAY, now=DUE + DAY)
    home.says("withdrawn", "all", at=DUE - DAY, now=DUE + DAY, late_reason="登记簿今天才交来")

    assert list(silent.value.errors) == ["late_reason"]
    assert home.owed.standing(DUE + 2 * DAY) == "blocked"


def test_what_opens_after_the_withdrawal_is_blocked_at_once(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=now)

    other = on.completed(home.place, "WX-2")

    rows = Obligation.objects.filter(target=other.pk)
    assert {row.standing(DUE + DAY) for row in rows} == {"blocked"}


def test_new_people_do_not_free_it(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=now + HOUR)

    duties.reseat(now=now + 2 * HOUR)
    duties.tick(now=now + 2 * HOUR)

    assert home.owed.state == "blocked"


def test_today_shows_it_apart_and_counts_no_miss(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=now + HOUR)
    at = DUE + DAY

    lead = home.place.firm.repair_lead.pk
    today = todays.today(lead, now=at, zone=zone())

    assert (today.late.count, today.blocked.count) == (0, 1)
    assert todays.count_now(lead, now=at, zone=zone()) == 0


def test_the_verdict_counts_it_beside_the_others(home: Home, now: datetime) -> None:
    on.completed(home.place, "WX-2")
    home.says("withdrawn", "all", at=now + HOUR)
    adoption = Adoption.objects.get()
    pack = pack_of(adoption.policy_version_id)
    at = datetime(2026, 4, 2, tzinfo=UTC)

    duties.tick(now=at)

    verdict = verdicts(adoption, pack, months=[MARCH], now=at)["B.2.c", MARCH]
    [leaf] = verdict.leaves
    assert (verdict.conclusion, leaf.whole, leaf.late, leaf.blocked) == ("nothing", 0, 0, 4)
    share = verdicts(adoption, pack, months=[MARCH], now=at)["B.1.d", MARCH]
    assert share.conclusion == "nothing"


def test_the_answer_to_a_case_goes_by_what_was_not_refused(home: Home, now: datetime) -> None:
    case = on.taken_down(home.place, Item("complaint", "不接电话"), home.place.firm.officer, now)
    home.says("withdrawn", "phone", purpose="notice", at=now + HOUR)
    doing = on.doing(home.place.firm.director, now + 2 * HOUR)

    with pytest.raises(Refused, match="通知与答复"):
        cases.reply(case, text="已道歉", channel="phone", doing=doing)
    cases.reply(case, text="已道歉", channel="letter", doing=doing)

    assert on.fresh(case).reply_channel == "letter"


def test_a_statement_says_everything_or_nothing_is_written(home: Home, now: datetime) -> None:
    customer = Customer.objects.get(pk=home.place.customer)
    said = Statement("", "pigeon", "", "", " ", now + DAY, contact=0)

    with pytest.raises(Invalid) as invalid:
        consenting.state(customer, said, by=home.place.firm.manager.pk, now=now)

    assert set(invalid.value.errors) == {
        "decision", "channel", "purpose", "how", "evidence", "happened_at",
    }  # fmt: skip
    assert not Fact.objects.filter(kind__in=consent.KINDS).exists()


def test_what_was_taken_down_wrongly_no_longer_counts(home: Home, now: datetime) -> None:
    home.says("withdrawn", "all", at=now + HOUR)
    [statement] = consent.statements(home.place.customer)

    consenting.take_back(statement, by=home.place.firm.manager.pk, reason="听错了", now=now + DAY)

    assert home.owed.standing(now + DAY) == "due"
    assert consent.statements(home.place.customer) == []
    assert [fact.pk for fact in consent.history(home.place.customer)] == [statement.pk]
    with pytest.raises(Conflict):
        consenting.take_back(statement, by=home.place.firm.manager.pk, reason="又", now=now + DAY)


def test_a_statement_sent_twice_is_one(home: Home, now: datetime) -> None:
    for _time in range(2):
        home.says("withdrawn", "phone", at=now, key="k")

    assert len(consent.statements(home.place.customer)) == 1
    with pytest.raises(Conflict):
        home.says("given", "phone", at=now, key="k")


def test_many_acts_at_once_are_checked_in_as_many_statements_as_one(
    home: Home, now: datetime, django_assert_num_queries: Any
) -> None:
    home.says("withdrawn", "phone", at=now)
    contexts = [
        ActContext("followup.hold", home.repair, 1, now, values={"followup.channel": channel})
        for channel in ("phone", "visit") * 500
    ]

    with django_assert_num_queries(3):  # and the firm's zone
        refused = consent.check(contexts)

    assert sorted(refused) == list(range(0, 1000, 2))


def test_the_page_tells_and_takes_down(home: Home, now: datetime) -> None:
    browser = on.signed_in(home.place.firm.manager)
    address = f"/customers/{home.place.customer}/consents/"
    form = {
        "decision": "withdrawn", "channel": "all", "purpose": "followup", "how": "phone",
        "evidence": "录音 0302", "happened_at": "2026-03-02T09:30", "key": "k", "late_reason": "登记簿今天才交来",
    }  # fmt: skip

    wrong = browser.post(address, form | {"channel": "", "happened_at": "x"})
    assert wrong.status_code == 422
    for _time in range(2):
        assert browser.post(address, form).status_code == 302

    [statement] = consent.statements(home.place.customer)
    page = browser.get(address).content.decode()
    assert "撤回同意" in page and "录音 0302" in page and "已撤回" in page
    assert "受阻" in browser.get(f"/obligations/{home.owed.pk}/").content.decode()
    assert "请先征得客户同意" in browser.get(f"/followups/new/{home.repair}/").content.decode()
    refused = browser.post(f"/followups/new/{home.repair}/", on.SATISFIED | {"channel": "visit"})
    assert refused.status_code == 409 and "客户已撤回回访的同意" not in refused.content.decode()
    here = browser.get(f"/customers/{home.place.customer}/").content.decode()
    assert "客户撤回同意" in here and "一切方式 · 回访" in here
    void = f"{address}{statement.pk}/void/"
    assert browser.post(void, {"reason": ""}).status_code == 422
    assert browser.post(void, {"reason": "听错了"}).status_code == 302
    assert "听错了" in browser.get(address).content.decode()


def test_the_page_asks_as_much_for_many_statements_as_for_few(home: Home, now: datetime) -> None:
    browser = on.signed_in(home.place.firm.manager)
    counts = []
    for some in (1, 30):
        for n in range(some):
            home.says("given", "phone", at=now + n * timedelta(minutes=1))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"/customers/{home.place.customer}/consents/").status_code == 200
        counts.append(len(asked))

    assert counts[1] == counts[0] < 22
