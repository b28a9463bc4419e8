"""What opens a duty: one fact, any or all or the first of several, once for ever, one for each."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.decide import decide
from huiyin.policy.effects import Ask, Cancel, Discharge, Open, Tell
from huiyin.policy.state import State
from tests.policy.books import Books
from tests.policy.workshop import (
    BUREAU,
    CENTRE,
    CHIEF,
    CLERK,
    HEAD,
    HEADS,
    HOLDERS,
    NOW,
    OTHER_REEL,
    REEL,
    SECOND_CLERK,
    WORKER,
    at_work,
    fact,
    filed,
    mill,
    one,
    run,
    voiding,
)
from tests.policy.worlds import UNIT, of, shanghai

CUT, SOLD, PAID = fact(1, "reel.cut"), fact(2, "reel.sold"), fact(3, "reel.paid")


def books(**duty: Any) -> Books:
    return Books(at_work(one(**duty)), dict(HOLDERS), HEADS)


def openers(effects: list[Any]) -> list[int | None]:
    return [opened.opener for opened in of(Open, effects)]


def test_any_of_several_facts_opens_each_time() -> None:
    effects = run(one(on={"any": ["reel.cut", "reel.sold"]}), CUT, SOLD, PAID, fact(4, "reel.cut"))

    assert openers(effects) == [1, 2, 4]


def test_all_of_several_facts_open_when_the_last_of_them_happened() -> None:
    late = fact(3, "reel.paid", "2026-03-05 10:00")

    [opened] = of(
        Open, run(one(on={"all": ["reel.cut", "reel.sold", "reel.paid"]}), SOLD, CUT, late)
    )

    assert (opened.opener, opened.due) == (3, shanghai("2026-03-08 00:00"))


def test_all_of_several_facts_are_about_one_target() -> None:
    elsewhere = fact(2, "reel.sold", target=OTHER_REEL)

    assert openers(run(one(on={"all": ["reel.cut", "reel.sold"]}), CUT, elsewhere)) == []


def test_a_fact_of_earlier_days_counts_among_all() -> None:
    before = State(holders=HOLDERS, seen=frozenset({("reel.sold", REEL)}))

    assert openers(run(one(on={"all": ["reel.cut", "reel.sold"]}), CUT, state=before)) == [1]


def test_what_waits_for_all_opens_once() -> None:
    again = fact(4, "reel.cut")

    assert openers(run(one(on={"all": ["reel.cut", "reel.sold"]}), CUT, SOLD, again)) == [2]


def test_the_first_of_several_facts_opens_and_no_other() -> None:
    policy = one(on={"first": ["reel.sold", "reel.paid"]})

    assert openers(run(policy, PAID, SOLD, fact(4, "reel.paid"))) == [3]


@pytest.mark.parametrize("on", [{"first": ["reel.cut", "reel.sold"]}, "reel.cut"])
def test_once_means_once_for_each_target(on: Any) -> None:
    once = {} if isinstance(on, dict) else {"once": "target"}

    effects = run(
        one(on=on, **once), CUT, fact(2, "reel.cut", target=OTHER_REEL), fact(3, "reel.cut")
    )

    assert openers(effects) == [1, 2]
    assert all(opened.once for opened in of(Open, effects))


def test_what_was_done_once_is_not_owed_again() -> None:
    here = books(on="reel.cut", once="target")
    here.record(fact(0, "reel.cut", "2026-03-02 10:00"))
    here.record(filed(0, "2026-03-02 11:00"))

    here.record(fact(0, "reel.cut", "2026-03-03 10:00"))

    assert (here.duties(), here.duties(done=True)) == ([], ["duty"])


def test_what_was_released_or_opened_by_an_earlier_version_is_not_owed_again() -> None:
    known = State(holders=HOLDERS, existing=frozenset({("duty", REEL)}))

    assert run(one(on="reel.cut", once="target"), CUT, state=known) == []


def test_what_is_owed_once_is_owed_anew_when_its_fact_was_taken_back() -> None:
    here = books(on="reel.cut", once="target")
    here.record(fact(0, "reel.cut", "2026-03-02 10:00"))
    here.void("reel.cut", shanghai("2026-03-03 09:00"))

    here.record(fact(0, "reel.cut", "2026-03-03 10:00"))

    assert here.duties() == ["duty"]


def test_what_is_owed_once_is_owed_anew_behind_a_void_of_the_same_decision() -> None:
    here = books(on="reel.cut", once="target")
    here.record(fact(0, "reel.cut", "2026-03-02 10:00"))

    void = voiding(0, here.newest("reel.cut").id)
    effects = here.record(void, fact(0, "reel.cut", "2026-03-03 10:00"))

    assert [type(e) for e in effects] == [Cancel, Open]
    [old] = of(Cancel, effects)
    state = State(holders=HOLDERS, open=(here.obligations[old.obligation],))
    both = [voiding(8, here.facts[1001].id), fact(9, "reel.cut", "2026-03-03 10:00")]
    assert [type(e) for e in decide([here.in_force], state, both, NOW)] == [Cancel, Open]


def test_each_recipient_gets_an_obligation_of_his_own() -> None:
    policy = one(on="reel.cut", each="recipient",
                 proof={"record": "sheet", "sent_to": ["bureau", "centre", "chief"]})  # fmt: skip

    effects = run(policy, CUT)

    assert [(o.line, o.recipient) for o in of(Open, effects)] == [
        ("duty.to.bureau", BUREAU), ("duty.to.centre", CENTRE), ("duty.to.chief", None)
    ]  # fmt: skip


def test_each_person_who_holds_the_role_owes_it_himself() -> None:
    two = State(holders={**HOLDERS, ("clerk", UNIT): (SECOND_CLERK, CLERK)})

    effects = run(one(on="reel.cut", each="person"), CUT, filed(2, present=(CLERK,)), state=two)

    assert [(o.holder, o.roles, o.recipient) for o in of(Open, effects)] == [
        (CLERK, (), CLERK), (SECOND_CLERK, (), SECOND_CLERK)
    ]  # fmt: skip
    first = of(Open, effects)[0]
    assert [d.obligation for d in of(Discharge, effects)] == [first.ref]


def test_a_role_that_nobody_holds_owes_it_until_somebody_is_appointed() -> None:
    [opened] = of(Open, run(one(on="reel.cut", each="person"), CUT, state=State()))

    assert (opened.roles, opened.holder, opened.blocked) == (("clerk",), None, "")


def test_a_role_that_only_the_excluded_person_holds_is_blocked_not_forgotten() -> None:
    policy = one(on="reel.cut", each="person", owed_by={"any_of": ["clerk"], "not": "fact.by"})

    [opened] = of(Open, run(policy, CUT))

    assert (opened.roles, opened.blocked) == (("clerk",), "no_eligible_holder")


def test_each_member_of_a_list_is_a_target_of_its_own_and_counts_once() -> None:
    named = fact(1, "reel.cut", values={"reel.buyers": [201, 200, 201]})

    effects = run(one(on="reel.cut", each={"member": "reel.buyers"}), named)

    assert [opened.target for opened in of(Open, effects)] == [201, 200]


@pytest.mark.parametrize("nobody", [None, []])
def test_an_empty_list_of_members_is_asked_for(nobody: Any) -> None:
    empty = fact(1, "reel.cut", values={"reel.buyers": nobody})

    [ask] = run(one(on="reel.cut", each={"member": "reel.buyers"}), empty)

    assert isinstance(ask, Ask)
    assert ask.missing == "reel.buyers"


def test_whoever_is_told_at_the_opening_is_told_of_that_obligation() -> None:
    effects = run(one(on="reel.cut", tell=["head", "chief"]), CUT)

    [opened] = of(Open, effects)
    assert [(t.person, t.obligation, t.template) for t in of(Tell, effects)] == [
        (HEAD, opened.ref, "opened"), (CHIEF, opened.ref, "opened")
    ]  # fmt: skip


def test_tells_of_two_openings_are_two() -> None:
    chained = mill(
        duties={
            "first": {"on": "reel.cut", "within": "2d", "owed_by": "clerk", "proof": {"record": "sheet"}},
            "second": {"on": "first.met", "within": "2d", "owed_by": "clerk", "tell": "head",
                       "proof": {"fact": "reel.sold"}},
        }
    )  # fmt: skip

    effects = run(chained, CUT, filed(2), fact(3, "reel.cut", target=OTHER_REEL),
                  filed(4, target=OTHER_REEL))  # fmt: skip

    told = of(Tell, effects)
    assert len({(tell.obligation, tell.key) for tell in told}) == len(told) == 2


def test_history_opens_nothing_but_is_remembered() -> None:
    past = fact(1, "reel.cut", live=False)

    assert openers(run(one(on={"all": ["reel.cut", "reel.sold"]}), past, SOLD)) == [2]


def test_a_worker_may_owe_what_a_fact_names_him_for() -> None:
    [opened] = of(Open, run(one(on="reel.cut", owed_by="reel.worker"), CUT))

    assert (opened.holder, opened.roles) == (WORKER, ())
