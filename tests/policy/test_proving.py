"""What proves a duty: which facts, by whom, how, and which one of several obligations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from huiyin.policy.decide import decide
from huiyin.policy.effects import Ask, Discharge, Emit, Open, Release
from huiyin.policy.facts import Fact
from huiyin.policy.periods import Period
from huiyin.policy.planning import Member, plan
from huiyin.policy.rhythms import plan_before
from huiyin.policy.state import OpenObligation, State
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
    SHEET,
    STAFFED,
    WORKER,
    at_work,
    fact,
    filed,
    mill,
    one,
    run,
)
from tests.policy.worlds import UNIT, of, shanghai, waiting

CUT = fact(1, "reel.cut")


def proves(proof: Any, proving: Fact, opener: Fact = CUT, **duty: Any) -> bool:
    """Whether a fact behind the opener meets the duty."""
    return bool(of(Discharge, run(one(on="reel.cut", proof=proof, **duty), opener, proving)))


def test_a_record_of_the_form_about_the_target_proves_it() -> None:
    assert proves(SHEET, filed(2))
    assert not proves(SHEET, filed(2, form="review"))
    assert not proves(SHEET, filed(2, target=OTHER_REEL))


def test_what_happened_before_the_opener_proves_nothing() -> None:
    assert not proves(SHEET, filed(2, "2026-03-02 09:59"))
    assert proves(SHEET, filed(2, "2026-03-02 10:00"))


def test_what_happened_before_but_was_entered_later_proves_nothing() -> None:
    entered = filed(2, "2026-03-02 09:00", recorded="2026-03-05 09:00")

    assert not proves(SHEET, entered)


@pytest.mark.parametrize(("channel", "proven"), [("visit", True), ("phone", False), (None, False)])
def test_only_the_channel_that_the_duty_names_proves_it(channel: str | None, proven: bool) -> None:
    held = filed(2, values={"followup.channel": channel})

    assert proves(SHEET, held, channel="visit") is proven
    assert proves(SHEET, held, channel=["visit", "phone"]) is (channel is not None)


def test_without_the_role_nobody_proves_it() -> None:
    assert proves(SHEET, filed(2, present=(WORKER, CLERK)))
    assert not proves(SHEET, filed(2, present=(WORKER, HEAD)))


def test_the_role_that_the_proof_names_has_to_take_part() -> None:
    sold = {"fact": "reel.sold", "by": "head"}

    assert proves(sold, fact(2, "reel.sold", by=HEAD))
    assert not proves(sold, fact(2, "reel.sold", by=CLERK))
    assert not proves(sold, fact(2, "reel.sold", by=None))


def test_another_than_the_person_named_has_to_prove_it() -> None:
    proof = {"fact": "reel.sold", "other_than": "reel.worker"}

    assert proves(proof, fact(2, "reel.sold", by=CLERK))
    assert not proves(proof, fact(2, "reel.sold", by=WORKER))


def test_another_than_whoever_did_it_has_to_prove_it() -> None:
    proof = {"fact": "reel.sold", "other_than": "fact.by"}

    assert not proves(proof, fact(2, "reel.sold", by=CLERK))
    assert proves(proof, fact(2, "reel.sold", by=HEAD))


def test_the_one_excluded_is_the_one_whom_the_opener_names() -> None:
    proof = {"fact": "reel.sold", "other_than": "reel.worker"}
    changed = {"reel.worker": CLERK}

    assert not proves(proof, fact(2, "reel.sold", by=WORKER, values=changed))
    assert proves(proof, fact(2, "reel.sold", by=CLERK, values=changed))


def test_values_that_have_to_be_the_same_are() -> None:
    proof = {"fact": "reel.sold", "same": ["reel.grade", "reel.weight"]}

    assert proves(proof, fact(2, "reel.sold"))
    assert not proves(proof, fact(2, "reel.sold", values={"reel.grade": "b"}))
    assert not proves(proof, fact(2, "reel.sold", values={"reel.weight": None}))


@pytest.mark.parametrize(("grade", "proven"), [("b", True), ("a", False), (None, False)])
def test_a_proof_may_ask_a_condition_of_the_proving_fact(grade: Any, proven: bool) -> None:
    proof = {"fact": "reel.sold", "where": {"reel.grade": "b"}}

    assert proves(proof, fact(2, "reel.sold", values={"reel.grade": grade})) is proven


def test_a_condition_of_a_proof_may_look_at_history() -> None:
    here = Books(
        at_work(one(on="reel.cut", proof={"fact": "reel.sold", "where": {"seen": "reel.paid"}})),
        dict(HOLDERS),
    )
    here.record(CUT)
    here.record(fact(0, "reel.sold", "2026-03-03 09:00"))
    before = here.duties(done=True)

    here.record(fact(0, "reel.paid", "2026-03-03 10:00"))
    here.record(fact(0, "reel.sold", "2026-03-03 11:00"))

    assert (before, here.duties(done=True)) == ([], ["duty"])


@pytest.mark.parametrize(
    ("demand", "signature", "proven"),
    [
        ("required", "signed", True),
        ("required", "refused", False),
        ("or_reason", "refused", True),
        ("or_reason", "signed", True),
    ],
)
def test_a_signature_or_its_reason_is_part_of_the_proof(
    demand: str, signature: str, proven: bool
) -> None:
    proof = {**SHEET, "signed_by": {"signed": demand}}

    assert proves(proof, filed(2, values={"sheet.signed": signature})) is proven


def test_a_signature_of_which_nothing_is_known_is_asked_for() -> None:
    effects = run(one(on="reel.cut", proof={**SHEET, "signed_by": {"signed": "required"}}),
                  CUT, filed(2))  # fmt: skip

    assert [ask.missing for ask in of(Ask, effects)] == ["sheet.signed"]
    assert not of(Discharge, effects)


def test_a_review_proves_only_the_duty_about_the_record_that_it_reviews() -> None:
    policy = one(on="record.filed", where={"record.form": "sheet"}, proof={"record": "review"},
                 owed_by="head")  # fmt: skip
    sheets = [filed(n, values={"record.id": n}) for n in (11, 12)]

    review = filed(20, form="review", present=(HEAD,), values={"record.of": 12})
    effects = run(policy, *sheets, review)

    opened = of(Open, effects)
    assert [d.obligation for d in of(Discharge, effects)] == [opened[1].ref]


def handed(to: int, number: int = 2, **more: Any) -> Fact:
    return filed(number, kind="record.sent", values={"record.to": to}, **more)


@pytest.mark.parametrize(
    ("sent_to", "right", "wrong"),
    [("head", HEAD, CLERK), ("bureau", BUREAU, CENTRE), ("reel.worker", WORKER, HEAD)],
)
def test_a_record_reaches_a_role_a_party_or_the_person_in_a_field(
    sent_to: str, right: int, wrong: int
) -> None:
    proof = {**SHEET, "sent_to": sent_to}

    assert proves(proof, handed(right))
    assert not proves(proof, handed(wrong))
    assert not proves(proof, filed(2))
    assert not proves(proof, filed(2, kind="record.sent"))


def test_each_recipient_is_reached_by_himself() -> None:
    policy = one(on="reel.cut", each="recipient",
                 proof={**SHEET, "sent_to": ["bureau", "centre", "chief"]})  # fmt: skip

    effects = run(policy, CUT, handed(CENTRE), handed(CHIEF, 3))

    lines = {opened.ref: opened.line for opened in of(Open, effects)}
    assert [lines[d.obligation] for d in of(Discharge, effects)] == [
        "duty.to.centre", "duty.to.chief"
    ]  # fmt: skip


def test_a_party_without_an_address_is_reached_by_nobody() -> None:
    proof = {**SHEET, "sent_to": "bureau"}
    nobody = State(holders={("clerk", UNIT): (CLERK,)})

    effects = run(one(on="reel.cut", proof=proof), CUT, handed(BUREAU), state=nobody)

    assert not of(Discharge, effects)


ROUND = {"every": "month", "over": "reel", "owed_by": "clerk", "proof": SHEET, "times": 3}
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def returning(**duty: Any) -> Books:
    """Three times a month about a reel."""
    here = Books(at_work(mill(duties={"duty": {**ROUND, **duty}})), dict(HOLDERS), HEADS)
    rule = here.in_force.policy.duties["duty"]
    here.plan(plan(here.in_force, rule, MARCH, [Member(REEL, UNIT)], STAFFED), NOW)
    return here


def test_one_record_proves_one_of_what_returns_the_oldest_first() -> None:
    here = returning()

    here.record(filed(0, "2026-03-05 10:00"))
    first = [o.ordinal for o in here.obligations.values() if o.done]
    here.record(filed(0, "2026-03-06 10:00"))

    assert (first, [o.ordinal for o in here.obligations.values() if o.done]) == ([0], [0, 1])


def test_of_two_periods_the_one_that_fell_due_first_is_proven() -> None:
    here = returning(times=1)
    rule = here.in_force.policy.duties["duty"]
    april = Period(MARCH.after, date(2026, 5, 1))
    here.plan(plan(here.in_force, rule, april, [Member(REEL, UNIT)], STAFFED), NOW)

    here.record(filed(0, "2026-04-02 10:00"))

    assert [o.period for o in here.obligations.values() if o.done] == [MARCH.first]


def test_a_record_of_before_the_period_proves_nothing_in_it() -> None:
    here = returning(times=1)

    here.record(filed(0, "2026-02-28 23:59:59"))
    before = here.duties(done=True)
    here.record(filed(0, "2026-03-01 00:00"))

    assert (before, here.duties(done=True)) == ([], ["duty"])


def test_one_record_proves_two_duties() -> None:
    policy = mill(duties={"duty": {**ROUND, "times": 1},
                          "other": {**ROUND, "times": 1, "every": "quarter"}})  # fmt: skip
    here = Books(at_work(policy), dict(HOLDERS))
    for rule in policy.duties.values():
        here.plan(plan(here.in_force, rule, MARCH, [Member(REEL, UNIT)], STAFFED), NOW)

    here.record(filed(0, "2026-03-05 10:00"))

    assert here.duties(done=True) == ["duty", "other"]


def test_a_reminder_ahead_of_a_date_is_proven_ahead_of_it() -> None:
    policy = mill(duties={"duty": {"before": "reel.pay_on", "lead": "3d", "over": "reel",
                                   "owed_by": "clerk", "proof": SHEET}})  # fmt: skip
    here = Books(at_work(policy), dict(HOLDERS))
    member = Member(REEL, UNIT, values={"reel.pay_on": "2026-03-20"})
    here.plan(plan_before(here.in_force, policy.duties["duty"], [member], STAFFED, NOW), NOW)
    [reminder] = here.open()
    assert reminder.due == shanghai("2026-03-18 00:00")

    here.record(filed(0, "2026-03-10 10:00"))

    assert here.duties(done=True) == ["duty"]


def test_what_ends_it_releases_what_is_open_and_leaves_what_is_done() -> None:
    here = returning(every="1mo", since="reel.sold", until="reel.paid", times=1)
    other = here.in_force.policy.duties["duty"]
    april = Period(MARCH.after, date(2026, 5, 1))
    here.plan(plan(here.in_force, other, april, [Member(REEL, UNIT)], STAFFED), NOW)
    here.record(filed(0, "2026-03-05 10:00"))

    effects = here.record(fact(0, "reel.paid", "2026-03-06 10:00"))

    assert [type(effect) for effect in effects] == [Release]
    assert [(o.done, o.waived) for o in here.obligations.values()] == [(True, False), (True, True)]
    here.void("reel.paid", shanghai("2026-03-07 10:00"))
    assert [(o.done, o.waived) for o in here.obligations.values()] == [
        (True, False),
        (False, False),
    ]


def test_what_another_version_opened_is_proven_by_its_own_rules() -> None:
    old, new = at_work(one(on="reel.cut", proof={"record": "review"})), at_work(one(on="reel.cut"))
    new = replace(new, adoption=2, starts=shanghai("2026-03-01 00:00"))
    old = replace(old, ends=shanghai("2026-03-01 00:00"))
    mine: OpenObligation = waiting(duty="duty", line="duty", target=REEL, roles=("clerk",))

    effects = decide([old, new], State(holders=HOLDERS, open=(mine,)), [filed(2)], NOW)

    assert not of(Discharge, effects)


def test_meeting_it_is_a_fact_with_the_values_of_both() -> None:
    effects = run(one(on="reel.cut"), CUT, filed(2, by=CLERK))

    [met] = of(Emit, effects)
    [done] = of(Discharge, effects)
    assert (met.kind, met.ref, met.by) == ("duty.met", done.met, CLERK)
    assert {"reel.grade", "record.form"} <= set(met.values)


def test_somebody_present_twice_counts_once() -> None:
    two = State(holders={**HOLDERS, ("clerk", UNIT): (CLERK, SECOND_CLERK)})

    effects = run(one(on="reel.cut"), CUT, filed(2, present=(CLERK, CLERK)), state=two)

    assert len(of(Discharge, effects)) == 1
