"""Two things at the same moment: nothing is counted twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event
from time import sleep

from django.db import connections, transaction

from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption
from huiyin.config.scratch import Scratch
from huiyin.ledger.models import Fact
from huiyin.obligations import services
from huiyin.obligations.models import Obligation, ShareCount, ShareItem
from huiyin.subjects import services as subjects
from huiyin.subjects.services import NewEvent, NewSubject
from tests.adopted import adopt, sources
from tests.app import scene as on
from tests.app.insights.test_verdicts import visit
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm, small_firm
from tests.second_policy import CLAUSES, POLICY

AFTER = datetime(2026, 3, 5, 16, 0, 1, tzinfo=UTC)


def at_once(*acts: Callable[[], object]) -> None:
    """Every act in a connection of its own, all let go at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


def repairs(firm: SmallFirm, count: int, *, now: datetime) -> list[int]:
    rows = [
        NewSubject(
            f"WX-{n}",
            {"category": "leak", "repairer": firm.repairer.pk},
            unit_id=firm.zone_one.pk,
        )
        for n in range(count)
    ]
    return subjects.register("repair", rows, by=firm.officer.pk, now=now)


def complete(firm: SmallFirm, target: int, *, now: datetime) -> None:
    event = NewEvent(target, "completed", now, firm.repairer.pk, firm.officer.pk)
    subjects.record_events([event], now=now)


def test_completions_at_once_are_all_counted_and_the_floors_hold(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    ids = repairs(firm, 12, now=now)

    for first in range(0, 12, 4):
        at_once(*(lambda id=id: complete(firm, id, now=now) for id in ids[first : first + 4]))

    [count] = ShareCount.objects.all()
    assert count.counts == {"manager": [12, 2], "supervisor": [12, 4], "repair_lead": [12, 8]} or (
        all(items == 12 for items, _allotted in count.counts.values())
        and all(
            count.counts[role][1] * 10 >= tenths * 12
            for role, tenths in (("manager", 1), ("supervisor", 3), ("repair_lead", 6))
        )
    )
    assert ShareItem.objects.count() == 12
    allotted = sum(allotted for _items, allotted in count.counts.values())
    assert Obligation.objects.count() == allotted


def test_two_records_at_once_discharge_an_obligation_once(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    [repair] = completed(firm, "WX-1", now=now)

    at_once(*[lambda: visit(firm, repair, at=now)] * 2)

    assert set(Obligation.objects.values_list("state", flat=True)) == {"done"}
    assert Fact.objects.filter(kind="repair_visit.met").count() == 3


def test_a_record_beside_the_sweep_ends_done_and_told_once(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    ids = completed(firm, *(f"WX-{n}" for n in range(6)), now=now)
    owed = Obligation.objects.count()

    at_once(
        lambda: [visit(firm, id, at=AFTER) for id in ids],
        lambda: services.tick(now=AFTER),
        lambda: services.tick(now=AFTER),
    )

    assert set(Obligation.objects.values_list("state", flat=True)) == {"done"}
    assert not Obligation.objects.exclude(next_look_at=None).exists()
    assert Fact.objects.filter(kind="repair_visit.met").count() == owed
    missed = Fact.objects.filter(kind="repair_visit.missed").count()
    assert missed == Obligation.objects.filter(missed=True).count() <= owed


def test_two_sweeps_at_once_miss_each_obligation_once(scratch_db: Scratch, now: datetime) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    completed(firm, *(f"WX-{n}" for n in range(30)), now=now)

    at_once(*[lambda: services.tick(now=AFTER, batch=7)] * 2)
    services.tick(now=AFTER + timedelta(hours=2))

    owed = Obligation.objects.count()
    assert Fact.objects.filter(kind="repair_visit.missed").count() == owed


def test_a_version_that_comes_into_force_beside_the_planner_opens_nothing_twice(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = on.scene(now).firm
    july = datetime(2026, 7, 2, tzinfo=UTC)
    text = sources()["policy.yaml"].replace("share: {per: month", "share: {per: quarter")
    changed = adoption.propose(
        sources() | {"policy.yaml": text},
        starts_on=date(2026, 1, 2), mode="force", by=firm.supervisor.pk, now=july,
    )  # fmt: skip

    def approve() -> None:
        try:
            adoption.approve(changed, by=firm.manager.pk, now=july)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            opened = services.plan(now=july)
            approving = pool.submit(approve)
            sleep(0.5)  # long enough for the approval to come to its own planning
        approving.result()

    assert Adoption.objects.get(pk=changed.pk).state == "in_force"
    assert Obligation.objects.filter(opener=None, opened_at=july).count() == opened > 0


def test_a_void_beside_the_closing_of_a_period_takes_out_what_was_just_allotted(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    first, second = completed(firm, "WX-1", "WX-2", now=now)
    april = datetime(2026, 4, 2, tzinfo=UTC)

    def void(target: int) -> None:
        try:
            fact = Fact.objects.get(target=target, kind="repair.completed")
            subjects.void_event(fact, by=firm.supervisor.pk, reason="登记错了", now=april)
        finally:
            connections.close_all()

    void(first)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert services.close_periods(now=april) == 1  # two roles are in arrears on WX-2
            voiding = pool.submit(void, second)
            sleep(0.5)  # long enough for the void to wait at the counter
        voiding.result()

    assert set(map(tuple, ShareCount.objects.get().counts.values())) == {(0, 0)}
    assert set(Obligation.objects.values_list("state", flat=True)) == {"voided"}


def test_a_policy_that_comes_into_force_waits_for_facts_that_are_being_recorded(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    [repair] = repairs(firm, 1, now=now)
    proposed = adoption.propose(
        {"policy.yaml": POLICY, "clauses.yaml": CLAUSES},
        starts_on=date(2026, 1, 2), mode="force", start="live", by=firm.supervisor.pk, now=now,
    )  # fmt: skip
    recorded = Event()

    def record() -> None:
        with transaction.atomic():
            complete(firm, repair, now=now)
            recorded.set()
            # Long enough for the approval to come to its end, if nothing held it.
            sleep(1.5)

    def approve() -> None:
        recorded.wait()
        adoption.approve(proposed, by=firm.manager.pk, now=now)

    at_once(record, approve)

    owed = Obligation.objects.filter(policy="second", duty="inspect", target=repair)
    assert owed.count() == 1
