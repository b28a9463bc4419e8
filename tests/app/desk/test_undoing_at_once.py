"""Taking back at the same moment as somebody else does, or goes on: one of them is told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.core import health
from huiyin.core.errors import Conflict
from huiyin.core.health import Look
from huiyin.desk import undoing
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from tests.app import scene as on
from tests.app.desk.undone import HOUR, PARCELS

TIMES = 4


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of each, all let go at the same moment: done, or why not."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            start.wait(10)
            act()
        except Conflict as conflict:
            return conflict.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def undo(person: Any, act: int, now: datetime) -> Callable[[], Any]:
    return lambda: undoing.undo(person.pk, reason="错了", now=now, language="zh", act=act)


def broken(now: datetime) -> list[Any]:
    return [(str(each.invariant.holds), each.rows) for each in health.broken(Look(now, full=True))]


def test_many_clicks_at_once_take_back_one_act(scratch_db: object, now: datetime) -> None:
    place = on.scene(now)
    lead = place.firm.repair_lead
    for number in ("WX-1", "WX-2"):
        on.visit(on.completed(place, number).pk, lead, now + HOUR)
    last = undoing.last_act(lead.pk)
    assert last is not None

    came = at_once(*[undo(lead, last.fact.pk, now + 2 * HOUR)] * TIMES)

    assert came == ["done"] * TIMES
    assert Followup.objects.count() == 1
    assert Fact.objects.filter(kind="fact.voided", recorded_by=lead.pk).count() == 2


def at_the_desk(place: on.Scene, at: datetime) -> tuple[Any, Case]:
    return place.firm.officer, on.taken_down(place, PARCELS, place.firm.officer, at)


def at_a_visit(place: on.Scene, at: datetime) -> tuple[Any, Case]:
    return place.firm.repair_lead, on.case_of(place, on.completed(place), at)


@pytest.mark.parametrize("time", range(TIMES))
@pytest.mark.parametrize("raised", [at_the_desk, at_a_visit])
def test_a_case_is_taken_back_or_gone_on_with_and_never_both(
    scratch_db: object, now: datetime, raised: Callable[..., tuple[Any, Case]], time: int
) -> None:
    place, later = on.scene(now), now + 2 * HOUR
    who, case = raised(place, now + HOUR)
    last = undoing.last_act(who.pk)
    assert last is not None
    by = on.doing(place.firm.manager, later)

    came = at_once(
        undo(who, last.fact.pk, later),
        lambda: cases.supplement(case, text="在厨房", doing=by),
    )

    gone = not Case.objects.filter(pk=case.pk).exists()
    assert came in (["done", "case.moved"], ["built_on", "done"], ["not_undoable", "done"])
    assert gone == (came[0] == "done")
    assert broken(later) == []
