"""What falls with a fact that is taken back: what it opened, met, counted, decided and booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huiyin.policy.clocks import TICK
from huiyin.policy.decide import decide
from huiyin.policy.effects import Cancel, Count, Discharge, Emit, LookAgain, Reopen, Retract, Tell
from huiyin.policy.look import look
from huiyin.policy.periods import Period
from huiyin.policy.planning import plan_quota
from huiyin.policy.state import State
from tests.policy.books import Books
from tests.policy.workshop import (
    CLERK,
    HEADS,
    HOLDERS,
    NOW,
    OTHER_REEL,
    REEL,
    SHEET,
    at_work,
    fact,
    filed,
    mill,
    one,
    voiding,
)
from tests.policy.worlds import of, shanghai, waiting

LATER = shanghai("2026-03-04 09:00")


def books(**parts: Any) -> Books:
    return Books(at_work(mill(**parts)), dict(HOLDERS), HEADS)


def duty(**rule: Any) -> dict[str, Any]:
    return {"within": "2d", "owed_by": "clerk", "proof": SHEET, **rule}


def test_what_was_opened_becomes_void_done_or_not() -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"), fact(0, "reel.cut"), filed(0))
    assert here.duties(done=True) == ["duty", "duty"]

    effects = here.void("reel.cut", LATER)

    assert [type(e) for e in effects] == [Cancel, Retract]
    assert here.duties(done=True) == ["duty"]


def test_what_was_met_waits_again_and_its_engine_fact_falls() -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"), filed(0))
    due = [o.due for o in here.obligations.values()]

    effects = here.void("record.filed", LATER)

    assert [type(e) for e in effects] == [Reopen, Retract]
    assert [o.due for o in here.open()] == due


CHAIN = {
    "one": duty(on="reel.cut"),
    "two": duty(on="one.met", proof={"fact": "reel.sold"}),
    "three": duty(on="two.met", proof={"fact": "one.met"}),
    "four": duty(on="two.met", share={"per": "month", "clerk": "50%", "head": "50%"}, owed_by=None),
}


def chain() -> Books:
    rules = {key: {k: v for k, v in rule.items() if v is not None} for key, rule in CHAIN.items()}
    here = books(duties=rules)
    here.record(fact(0, "reel.cut"))
    here.record(filed(0))
    here.record(fact(0, "reel.sold", "2026-03-03 11:00"))
    return here


def test_a_chain_of_engine_facts_opens_one_behind_the_other() -> None:
    here = chain()

    assert here.duties() == ["four", "four", "three"]
    assert here.duties(done=True) == ["one", "two"]


def test_a_chain_falls_from_its_first_link_to_its_last() -> None:
    here = chain()

    here.void("reel.cut", LATER)

    assert here.duties() == here.duties(done=True) == []
    assert {f.kind for f in here.standing()} == {"record.filed", "reel.sold"}
    assert all(count.items == 0 for counts in here.counts.values() for count in counts.values())


def test_a_chain_falls_from_its_middle_and_leaves_what_was_before() -> None:
    here = chain()

    here.void("record.filed", LATER)

    assert (here.duties(), here.duties(done=True)) == (["one"], [])


def test_a_chain_that_meets_itself_falls_once() -> None:
    """What one fact opened is met by an engine fact that the same fact brought about."""
    rules = {"one": duty(on="reel.cut"), "both": duty(on="reel.cut", proof={"fact": "one.met"})}
    here = books(duties=rules)
    here.record(fact(0, "reel.cut"))
    here.record(filed(0))
    assert here.duties(done=True) == ["both", "one"]

    effects = here.void("reel.cut", LATER)

    assert len(of(Retract, effects)) == len(of(Cancel, effects)) == 2
    assert here.duties() == here.duties(done=True) == []


def test_two_voids_at_once_settle_it_once_in_either_order() -> None:
    for first, second in (("reel.cut", "record.filed"), ("record.filed", "reel.cut")):
        here = books(duties={"duty": duty(on="reel.cut")})
        here.record(fact(0, "reel.cut"))
        here.record(filed(0))

        effects = here.record(*(voiding(0, here.newest(kind).id) for kind in (first, second)))

        assert len(of(Retract, effects)) == len(of(Cancel, effects)) == 1
        assert here.duties() == here.duties(done=True) == []


def test_a_correction_is_a_void_and_a_new_fact_that_proves_it_again() -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"))
    here.record(filed(0))

    effects = here.record(filed(0, "2026-03-03 11:00"), voiding(0, here.newest("record.filed").id))

    assert [type(e) for e in effects] == [Reopen, Retract, Discharge, Emit]
    assert here.duties(done=True) == ["duty"]


def test_an_item_of_a_share_leaves_it() -> None:
    share = {"per": "month", "clerk": "50%", "head": "50%", "each": 1}
    here = books(
        duties={"duty": {"on": "reel.cut", "within": "2d", "share": share, "proof": SHEET}}
    )
    here.record(fact(0, "reel.cut"), fact(0, "reel.cut", target=OTHER_REEL))

    effects = here.void("reel.cut", LATER)

    assert [c.sign for c in of(Count, effects)] == [-1]
    assert {count.items for counts in here.counts.values() for count in counts.values()} == {1}


def test_the_void_of_a_release_lets_it_wait_again() -> None:
    released = waiting(duty="duty", line="duty", done=True, waived=True, settled_by=77, opener=1)
    firm = at_work(one(on="reel.cut"))

    effects = decide([firm], State(holders=HOLDERS, open=(released,)), [voiding(9, 77)], NOW)

    assert [type(e) for e in effects] == [Reopen]


def test_what_was_overdue_when_it_was_met_is_looked_at_for_its_further_steps() -> None:
    late = [{"after": "0h", "tell": "clerk"}, {"after": "2d", "tell": "head"}]
    firm = at_work(one(on="reel.cut", late=late))
    here = Books(firm, dict(HOLDERS), HEADS)
    here.record(fact(0, "reel.cut"))
    [waits] = here.open()
    assert waits.due is not None
    here.look(waits.due + TICK)
    here.record(filed(0, "2026-03-05 10:00"))

    [again, _retract] = here.void("record.filed", waits.due + timedelta(days=1))

    assert again.next_look == waits.due + timedelta(days=1) - TICK
    [reopened] = here.open()
    assert reopened.missed
    looked = look([firm], reopened, State(holders=HOLDERS), waits.due + timedelta(days=1))
    assert [type(e) for e in looked] == [LookAgain]
    assert looked[0].at == waits.due + timedelta(days=2)
    told = here.look(waits.due + timedelta(days=2) + TICK)
    assert [t.key for t in of(Tell, told)] == ["1:3"]


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_what_is_not_overdue_is_looked_at_at_its_moment(hours: int) -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"), filed(0))
    [done] = here.obligations.values()
    assert done.due is not None
    now = done.due + timedelta(hours=hours)

    [again, _retract] = here.void("record.filed", now)

    assert again.next_look == max(done.due, now - TICK)


def quota(number: int = 2) -> Books:
    """So many calls in the week that begins on Monday 2 March."""
    calls = {
        "quota": {"at_least": number, "per": "week", "of": "followup.held"},
        "owed_by": "clerk",
    }
    here = books(duties={"calls": calls, "praise": duty(on="calls.met")})
    rule = here.in_force.policy.duties["calls"]
    week = Period(NOW.date(), (NOW + timedelta(days=7)).date())
    state = State(holders=HOLDERS)
    here.plan(plan_quota(here.in_force, rule, week, 1, state, pools={}, there={}), NOW)
    return here


def test_what_stands_meets_it_again_the_oldest_first() -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"))
    here.record(filed(0))
    first = here.newest("record.filed").id
    here.record(filed(0))
    second = here.newest("record.filed").id
    here.record(filed(0))

    here.void(first, LATER)

    assert [o.settled_by for o in here.obligations.values()] == [second]
    assert [f.kind for f in here.standing() if f.kind == "duty.met"] == ["duty.met"]


def test_what_opened_it_does_not_meet_it_again() -> None:
    """A record asks for the next one: it is not its own proof."""
    rules = {"duty": duty(on="record.filed")}
    here = books(duties=rules)
    here.record(filed(0))
    here.record(filed(0))
    second = here.newest("record.filed").id

    here.void(second, LATER)

    assert here.duties() == ["duty"]
    assert here.duties(done=True) == []


def calls(here: Books, *days: int) -> list[int]:
    ids = []
    for day in days:
        here.record(fact(0, "followup.held", f"2026-03-0{day} 10:00", target=500 + day))
        ids.append(here.newest("followup.held").id)
    return ids


def test_a_quota_that_falls_below_its_number_waits_again() -> None:
    here = quota()
    first, _second = calls(here, 3, 4)
    assert here.duties(done=True) == ["calls"]
    assert here.duties() == ["praise"]

    here.void(first, LATER)

    assert (here.duties(), here.duties(done=True)) == (["calls"], [])


def test_a_quota_that_a_further_call_fills_stays_done() -> None:
    here = quota()
    first, second, third = calls(here, 3, 4, 5)
    here.void(first, LATER)
    assert here.duties(done=True) == ["calls"]
    [done] = [o for o in here.obligations.values() if o.done]
    assert done.settled_by == second

    effects = here.void(second, LATER)

    assert (here.duties(), here.duties(done=True)) == (["calls"], [])
    assert [type(e).__name__ for e in effects if not isinstance(e, Cancel)] == [
        "Tick", "Reopen", "Retract"
    ]  # fmt: skip
    assert third not in here.voided


def test_a_quota_that_lost_the_call_by_which_it_was_done_is_done_by_the_next() -> None:
    here = quota()
    _first, second, third = calls(here, 3, 4, 5)

    effects = here.void(second, LATER)

    [done] = [o for o in here.obligations.values() if o.done]
    assert done.settled_by == third
    assert [d.happened for d in of(Discharge, effects)] == [shanghai("2026-03-05 10:00")]


def test_two_calls_taken_back_at_once_reopen_a_quota_once() -> None:
    here = quota()
    ids = calls(here, 3, 4)

    effects = here.record(*(voiding(0, id) for id in ids))

    assert len(of(Reopen, effects)) == len(of(Retract, effects)) == 1


def test_points_and_clerks_are_untouched_by_the_void_of_something_else() -> None:
    here = books(duties={"duty": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"), fact(0, "reel.paid"), filed(0, present=(CLERK,)))

    assert here.void("reel.paid", LATER) == []
    assert [o.target for o in here.obligations.values() if o.done] == [REEL]


def test_a_void_of_what_is_not_known_changes_nothing() -> None:
    firm = at_work(one(on="reel.cut"))
    done = replace(waiting(duty="duty", line="duty"), opener=5, settled_by=6, done=True)

    assert decide([firm], State(open=(done,)), [voiding(9, 7)], NOW) == []
