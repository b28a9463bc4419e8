"""What was done counts, though it was there before what asks for it, or second to what fell."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from django.db import connections, transaction

from huiyin.config.scratch import Scratch
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations import services
from huiyin.obligations.models import Obligation
from huiyin.records import services as records
from huiyin.records.models import Record
from tests.adopted import adopt
from tests.app.insights.test_verdicts import REFUSED, visit
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm, small_firm
from tests.second_policy import second

DAY = timedelta(days=1)
APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)
"""Nine in the morning of the first of April in Shanghai."""


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    return begun(now)


def begun(now: datetime) -> SmallFirm:
    """The firm with the second policy; what March asked for is over and takes no record."""
    firm = small_firm(now)
    second(firm, now=now)
    Obligation.objects.filter(duty="monthly").update(state="waived", next_look_at=None)
    return firm


def summary(firm: SmallFirm, *, at: datetime, by: int | None = None) -> Record:
    """The sheet that proves the monthly summary."""
    return records.file_record(
        "monthly_sheet",
        about=firm.company.pk,
        by=by or firm.supervisor.pk,
        recorded_by=by or firm.supervisor.pk,
        present=[],
        given={"total": 1},
        signatures={"signed": REFUSED},
        photos={},
        stated={},
        happened_at=at,
        now=at,
    )


def held(persons: Sequence[int], targets: Sequence[int], *, at: datetime) -> list[Fact]:
    """Follow-ups that count into the quota of who held them."""
    return ledger.record(
        [
            ledger.NewFact(
                "followup.held", target, persons[0], persons[0], happened_at=at, known_at=at,
                values={"record.present": list(persons), "followup.channel": "phone"},
            )
            for target in targets
        ],
        now=at,
    )  # fmt: skip


def monthly(month: int) -> Obligation:
    return Obligation.objects.get(duty="monthly", period__startswith=date(2026, month, 1))


@pytest.mark.django_db
def test_a_record_before_a_late_planner_counts_for_its_period(firm: SmallFirm) -> None:
    record = summary(firm, at=APRIL)

    services.plan(now=APRIL + 2 * DAY)

    row = monthly(4)
    assert (row.state, row.done_at) == ("done", APRIL)
    assert row.settled_by == Fact.objects.get(kind="record.filed")
    assert row.settled_by.values["record.id"] == record.pk
    assert Fact.objects.filter(kind="monthly.met").count() == 1
    services.tick(now=APRIL + 60 * DAY)
    row.refresh_from_db()
    assert not row.missed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("early", "state"),
    [(timedelta(hours=9), "done"), (timedelta(hours=9, microseconds=1), "open")],
)
def test_only_what_happened_in_the_period_counts_for_it(
    firm: SmallFirm, early: timedelta, state: str
) -> None:
    summary(firm, at=APRIL - early)

    services.plan(now=APRIL + 2 * DAY)

    assert monthly(4).state == state


@pytest.mark.django_db
def test_only_who_owes_it_may_have_done_it(firm: SmallFirm) -> None:
    summary(firm, at=APRIL, by=firm.officer.pk)

    services.plan(now=APRIL + 2 * DAY)

    assert monthly(4).state == "open"


@pytest.mark.django_db
def test_one_record_counts_for_one_of_the_periods_made_up_for(firm: SmallFirm) -> None:
    summary(firm, at=APRIL)
    summary(firm, at=APRIL + 31 * DAY)

    services.plan(now=APRIL + 70 * DAY)

    assert [monthly(month).state for month in (4, 5, 6)] == ["done", "done", "open"]


@pytest.mark.django_db
def test_what_a_late_planner_lets_count_is_not_counted_again_by_the_next(firm: SmallFirm) -> None:
    summary(firm, at=APRIL)
    services.plan(now=APRIL + 2 * DAY)
    facts = Fact.objects.count()

    services.plan(now=APRIL + 2 * DAY)

    assert Fact.objects.count() == facts
    assert monthly(4).state == "done"


@pytest.mark.django_db
def test_visits_before_a_late_planner_count_into_the_quota(firm: SmallFirm) -> None:
    targets = completed(firm, *(f"WX-{n}" for n in range(4)), now=APRIL)
    held([firm.repair_lead.pk], targets[:1], at=APRIL - timedelta(hours=10))
    held([firm.officer.pk, firm.repair_lead.pk], targets[:2], at=APRIL)
    held([firm.officer.pk], targets[2:3], at=APRIL)

    services.plan(now=APRIL + 2 * DAY)

    row = Obligation.objects.get(duty="calls", period__startswith=date(2026, 4, 1))
    assert (row.state, row.counted, row.needed) == ("open", 2, 3)
    held([firm.repair_lead.pk], targets[3:], at=APRIL + 3 * DAY)
    row.refresh_from_db()
    assert (row.state, row.counted) == ("done", 3)


@pytest.mark.django_db
def test_a_quota_that_was_full_before_a_late_planner_is_done_by_the_fact_that_filled_it(
    firm: SmallFirm,
) -> None:
    targets = completed(firm, *(f"WX-{n}" for n in range(4)), now=APRIL)
    facts = held([firm.repair_lead.pk], targets, at=APRIL)

    services.plan(now=APRIL + 2 * DAY)

    row = Obligation.objects.get(duty="calls", period__startswith=date(2026, 4, 1))
    assert (row.state, row.counted, row.settled_by_id) == ("done", 4, facts[2].pk)


@pytest.mark.django_db
def test_what_met_second_meets_it_when_the_first_is_taken_back(now: datetime) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    [repair] = completed(firm, "WX-1", now=now)
    for hours in (1, 2, 3):
        visit(firm, repair, at=now + timedelta(hours=hours))
    first, next_one, last = Fact.objects.filter(kind="record.filed").order_by("id")

    ledger.void(last.pk, by=firm.supervisor.pk, reason="误记", now=now + DAY)
    assert set(Obligation.objects.values_list("settled_by", flat=True)) == {first.pk}
    ledger.void(first.pk, by=firm.supervisor.pk, reason="误记", now=now + DAY)

    rows = Obligation.objects.filter(target=repair)
    assert set(rows.values_list("state", "settled_by")) == {("done", next_one.pk)}
    assert set(rows.values_list("done_at", flat=True)) == {now + timedelta(hours=2)}
    standing = Fact.objects.standing().filter(kind="repair_visit.met")
    assert standing.count() == rows.count()
    ledger.void(next_one.pk, by=firm.supervisor.pk, reason="误记", now=now + DAY)
    assert set(rows.values_list("state", flat=True)) == {"open"}


@pytest.mark.django_db
def test_a_record_of_another_month_is_not_taken_away_from_it(firm: SmallFirm) -> None:
    services.plan(now=APRIL)
    summary(firm, at=APRIL)
    services.plan(now=APRIL + 31 * DAY)
    summary(firm, at=APRIL + 31 * DAY)
    first, _second = Fact.objects.filter(kind="record.filed").order_by("id")

    ledger.void(first.pk, by=firm.supervisor.pk, reason="误记", now=APRIL + 32 * DAY)

    assert [monthly(month).state for month in (4, 5)] == ["open", "done"]


def test_a_record_that_is_being_filed_while_the_planner_runs_counts(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = begun(now)
    filed, go = Event(), Event()

    def file() -> None:
        try:
            with transaction.atomic():
                summary(firm, at=APRIL)
                filed.set()
                go.wait(1.5)  # long enough for the planner to come to its end, if nothing held it
        finally:
            connections.close_all()

    def plan() -> None:
        try:
            filed.wait()
            services.plan(now=APRIL + timedelta(hours=1))
            go.set()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(file), pool.submit(plan)]:
            done.result()

    assert monthly(4).state == "done"


def test_a_record_that_comes_while_the_planner_has_not_ended_counts(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = begun(now)

    def file() -> None:
        try:
            summary(firm, at=APRIL)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.plan(now=APRIL)
            filing = pool.submit(file)
            with pytest.raises(TimeoutError):
                filing.result(1)
        filing.result()

    assert monthly(4).state == "done"
