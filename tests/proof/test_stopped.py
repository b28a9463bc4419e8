"""The server stands still for ten days, and two workers start at once: nothing lost or double."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.db.models import Count

from huiyin.cli import main
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations import services
from huiyin.obligations.lateness import became_late
from huiyin.obligations.models import Obligation
from tests.app import scene as on

DAY = timedelta(days=1)


def both(act: Callable[[], object]) -> None:
    start = Barrier(2)

    def run(_n: int) -> None:
        start.wait()
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))


def test_ten_days_of_standing_still_lose_nothing_and_double_nothing(
    scratch_db: object, now: datetime
) -> None:
    place = on.scene(now)
    for n in range(12):
        on.completed(place, f"WX-{n}")
    before = Obligation.objects.filter(target__kind="repair").count()
    later = now + 10 * DAY

    def worker() -> None:
        services.plan(now=later)
        services.tick(now=later)

    both(worker)

    rows = Obligation.objects.filter(target__kind="repair")
    assert rows.count() == before
    assert all(row.missed and row.standing(later) == "overdue" for row in rows)
    missed = Fact.objects.filter(kind="repair_visit.missed")
    assert missed.count() == before
    keys = Obligation.objects.exclude(state="voided").values(
        "policy", "line", "target", "key_opener", "owed_roles", "recipient", "ordinal", "period"
    )
    assert not keys.annotate(n=Count("id")).filter(n__gt=1).exists()
    planned = Fact.objects.filter(kind__endswith=".planned", values__has_key="plan.first")
    periods = planned.values("kind", "values__plan.first", "values__plan.after")
    assert not periods.annotate(n=Count("id")).filter(n__gt=1).exists()
    told = Notice.objects.count()

    both(worker)

    assert missed.count() == before
    assert Notice.objects.count() == told == Notice.objects.values("key").distinct().count()


def test_what_became_late_meanwhile_is_listed_with_its_reason(
    scratch_db: object, now: datetime
) -> None:
    place = on.scene(now)
    on.completed(place, "WX-1")
    later = now + 10 * DAY
    due = datetime(2026, 3, 5, 16, tzinfo=UTC)

    unseen = list(became_late(since=now, now=later))
    services.tick(now=later)
    late = [each for each in became_late(since=now, now=later) if each.label == "WX-1"]

    assert {each.why for each in unseen} == {"过了时限，系统还没有查看"}
    assert late and {each.due for each in late} == {due}
    assert {each.why for each in late} == {"到期时系统没有运行，事后才发现；没有按时办理"}
    assert list(became_late(since=now, now=due)) == []


def test_a_day_that_is_none_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["late", "--since", "gestern"]) == 2
    assert "gestern" in capsys.readouterr().err
