"""What the simulator found, each once more as a rule of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huiyin.accounts import calendar_services as calendar
from huiyin.adoption import services as adoption
from huiyin.core import health
from huiyin.ledger.models import Fact
from huiyin.obligations import extending
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.records import services as records
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.simulate import paper
from tests.simulate.governing import NEXT_YEAR
from tests.simulate.life import BEGINNING, Life

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def life() -> Life:
    """A firm in which the first version has just come into force: Wednesday, 1 April 2026."""
    return Life()


def ordered(life: Life, kind: str = "big") -> Subject:
    worker = life.firm.head.pk
    fields: dict[str, Any] = {
        "kind": kind, "worker": worker, "watchers": [worker], "pay_on": "2026-06-30"
    }  # fmt: skip
    new = subjects.NewSubject("D-1", fields, unit_id=life.firm.ground.firm, created_at=BEGINNING)
    [target] = subjects.register("order", [new], by=None, now=BEGINNING)
    return Subject.objects.get(pk=target)


def happened(life: Life, order: Subject, event: str, at: datetime, now: datetime) -> Fact:
    by = life.firm.chief.pk
    return subjects.record_event(
        order, event, happened_at=at, known_at=at, by=by, recorded_by=by, now=now
    )


def periods_of(duty: str, target: int) -> list[tuple[date, date]]:
    rows = Obligation.objects.filter(duty=duty, target=target).order_by("period")
    return [(row.period.lower, row.period.upper) for row in rows]


def test_a_deadline_stands_on_what_was_known_when_it_was_opened(life: Life) -> None:
    order = ordered(life)
    first = happened(life, order, "done", BEGINNING, BEGINNING)
    happened(life, order, "sent", BEGINNING + DAY, BEGINNING + DAY)

    subjects.void_event(first, by=life.firm.head.pk, reason="误记", now=BEGINNING + 2 * DAY)
    happened(life, order, "done", BEGINNING + 2 * DAY, BEGINNING + 3 * DAY)

    assert health.broken(health.Look(BEGINNING + 3 * DAY, full=True)) == []


def test_a_last_day_that_was_moved_is_no_wrong_deadline_once_it_is_worked(life: Life) -> None:
    friday = datetime(2026, 4, 10, 2, tzinfo=UTC)
    happened(life, ordered(life, "small"), "done", friday, friday)

    calendar.add_day(
        date(2026, 4, 12), worked=True, reason="赶工", by=life.firm.chief.pk, now=friday + DAY
    )

    assert health.broken(health.Look(friday + DAY, full=True)) == []


def test_a_longer_limit_outlives_a_change_of_the_calendar(life: Life) -> None:
    december = datetime(2026, 12, 21, 2, tzinfo=UTC)
    happened(life, ordered(life), "done", december, december)
    check = Obligation.objects.get(duty="check")
    head = life.firm.head.pk
    extending.extend(check, reason="等料", consented_by=head, by=head, now=december + DAY)

    calendar.import_notice(NEXT_YEAR, by=life.firm.chief.pk, now=december + 2 * DAY)

    check.refresh_from_db()
    assert check.due_at == datetime(2027, 1, 6, 16, tzinfo=UTC)
    assert check.first_due_at == datetime(2026, 12, 24, 16, tzinfo=UTC)


def test_a_change_of_the_calendar_brings_no_later_setting(life: Life) -> None:
    december = datetime(2026, 12, 30, 2, tzinfo=UTC)
    happened(life, ordered(life, "small"), "done", december, december)
    adoption.change_setting(
        paper.POLICY, key="soon", value="1w", reason="试", by=life.firm.head.pk, now=december + DAY
    )

    calendar.import_notice(NEXT_YEAR, by=life.firm.chief.pk, now=december + DAY)

    assert Obligation.objects.get(duty="tidy").due_at == datetime(2027, 1, 4, 16, tzinfo=UTC)


def test_what_was_planned_from_a_fact_falls_with_it(life: Life) -> None:
    order, later = ordered(life), BEGINNING + 10 * DAY
    sent = happened(life, order, "sent", BEGINNING, BEGINNING)
    obligations.plan(now=later)
    obligations.tick(now=later)
    [chase] = Obligation.objects.filter(duty="chase")
    assert chase.missed

    subjects.void_event(sent, by=life.firm.head.pk, reason="误记", now=later)

    chase.refresh_from_db()
    assert chase.state == "voided"
    assert health.broken(health.Look(later, full=True)) == []


def test_what_was_planned_stands_while_an_earlier_fact_does(life: Life) -> None:
    order, later = ordered(life), BEGINNING + 10 * DAY
    happened(life, order, "sent", BEGINNING, BEGINNING)
    again = happened(life, order, "sent", BEGINNING + DAY, BEGINNING + DAY)
    obligations.plan(now=later)

    subjects.void_event(again, by=life.firm.head.pk, reason="误记", now=later)

    assert Obligation.objects.get(duty="chase").state == "open"


def test_a_cadence_that_is_cut_otherwise_goes_on_from_the_end_of_the_running_period(
    life: Life,
) -> None:
    shop = next(iter(life.firm.customers))
    adoption.change_setting(
        paper.POLICY, key="round", value="1w", reason="试", by=life.firm.head.pk, now=BEGINNING
    )

    obligations.plan(now=BEGINNING + 12 * DAY)

    begun = (date(2026, 4, 1), date(2026, 4, 11))
    assert periods_of("rounds", shop) == [begun, (date(2026, 4, 11), date(2026, 4, 18))]


def test_what_a_version_had_not_planned_before_the_next_one_is_owed_still(life: Life) -> None:
    clerk = next(post.person for post in life.firm.ground.posts if post.role == "clerk")

    life.firm.adopt(2, date(2026, 4, 27), start="live", now=datetime(2026, 4, 28, 2, tzinfo=UTC))

    firsts = [first for first, _after in periods_of("week", clerk)]
    assert firsts == [date(2026, 4, day) for day in (5, 12, 19, 26, 27)]


def test_a_new_version_makes_up_for_no_silence_before_it(life: Life) -> None:
    order = ordered(life)
    happened(life, order, "sent", BEGINNING, BEGINNING)
    obligations.plan(now=BEGINNING + DAY)

    life.firm.adopt(2, date(2026, 4, 20), start="live", now=datetime(2026, 4, 22, 2, tzinfo=UTC))

    rows = Obligation.objects.filter(duty="chase", target=order.pk).order_by("period")
    assert [(life.firm.adoptions[row.adoption_id], row.period.lower.day) for row in rows] == [
        (1, 8), (1, 15), (2, 21)
    ]  # fmt: skip


def test_one_sheet_meets_one_of_the_periods_that_are_planned_late_though_it_counts_elsewhere_too(
    life: Life,
) -> None:
    order = ordered(life, "small")
    clerk = next(post.person for post in life.firm.ground.posts if post.role == "clerk")
    happened(life, order, "sent", BEGINNING, BEGINNING)
    now = BEGINNING + 25 * DAY
    records.file_record(
        "sheet", now=now, about=order.pk, by=clerk, recorded_by=clerk, present=[clerk], given={},
        signatures={}, photos={}, happened_at=now,
    )  # fmt: skip

    obligations.plan(now=now)

    chases = Obligation.objects.filter(duty="chase", target=order.pk).order_by("period")
    assert [each.state for each in chases] == ["done", "open", "open"]
