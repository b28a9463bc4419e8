"""What the sweep finds: missed exactly after due, every late step once, a catch-up in order."""

from datetime import timedelta

import pytest

from huiyin.policy.effects import Ask, Emit, LookAgain, Open, Tell
from huiyin.policy.look import look
from huiyin.policy.needs import look_needs
from huiyin.policy.schema import Policy
from huiyin.policy.state import State
from tests.policy.worlds import (
    LEAD,
    MANAGER,
    REPAIRER,
    STAFFED,
    SUPERVISOR,
    UNIT,
    in_force,
    of,
    pack,
    shanghai,
    waiting,
)

DUE = shanghai("2026-03-06 00:00")
TICK = timedelta(microseconds=1)


def with_late(*late: dict) -> Policy:
    raw = pack().policy.raw
    duty = {**raw["duties"]["rectification_notice"], "late": list(late)}
    return Policy.of({**raw, "duties": {**raw["duties"], "rectification_notice": duty}})


TWO_STEPS = with_late(
    {"after": "0h", "tell": "manager"}, {"after": "2d", "tell": ["supervisor", "holder"]}
)


@pytest.mark.parametrize(
    ("now", "missed", "told"),
    [(DUE - TICK, False, 0), (DUE, False, 0), (DUE + TICK, True, 1)],
)
def test_overdue_begins_right_after_the_due_moment(now, missed: bool, told: int) -> None:
    effects = look([in_force()], waiting(), STAFFED, now)

    assert [e.kind for e in of(Emit, effects)] == ["rectification_notice.missed"] * missed
    assert len(of(Tell, effects)) == told
    assert effects[-1].missed is missed


def test_at_the_due_moment_the_next_look_is_a_tick_later() -> None:
    assert look([in_force()], waiting(), STAFFED, DUE - TICK) == [LookAgain(70, DUE, 0, False)]
    assert look([in_force()], waiting(), STAFFED, DUE) == [LookAgain(70, DUE + TICK, 0, False)]


def test_the_manager_is_told_once_and_nothing_is_left_to_look_at() -> None:
    effects = look([in_force()], waiting(), STAFFED, DUE + TICK)

    told = of(Tell, effects)[0]
    assert (told.person, told.about, told.template) == (MANAGER, 100, "overdue")
    assert told.why.clauses == ("B.4.a",)
    missed = of(Emit, effects)[0].ref
    assert effects[-1] == LookAgain(70, None, 1, True, stated=missed)
    again = look([in_force()], waiting(level=1, missed=True), STAFFED, DUE + timedelta(days=9))
    assert again == [LookAgain(70, None, 1, True)]


@pytest.mark.parametrize(
    ("now", "level", "persons"),
    [
        ("2026-03-08 00:00", 1, []),
        ("2026-03-08 00:00:00.000001", 2, [SUPERVISOR, 44]),
    ],
)
def test_the_second_step_comes_after_its_own_time(now: str, level: int, persons: list[int]) -> None:
    obligation = waiting(level=1, missed=True, holder=44)

    effects = look([in_force(TWO_STEPS)], obligation, STAFFED, shanghai(now))

    assert [told.person for told in of(Tell, effects)] == persons
    assert effects[-1].level == level
    assert effects[-1].at == (shanghai("2026-03-08 00:00") if level == 1 else None)


def test_after_a_stop_every_level_is_told_once_in_order() -> None:
    effects = look([in_force(TWO_STEPS)], waiting(), STAFFED, shanghai("2026-04-01 00:00"))

    assert [told.key for told in of(Tell, effects)] == [
        f"0:{MANAGER}", f"1:{SUPERVISOR}", f"1:{SUPERVISOR}"
    ]  # fmt: skip
    assert effects[-1] == LookAgain(70, None, 2, True, stated=of(Emit, effects)[0].ref)


def test_missed_is_stated_once_and_happened_when_it_was_due() -> None:
    missed = of(Emit, look([in_force()], waiting(), STAFFED, shanghai("2026-03-09 00:00")))[0]

    assert missed.happened == DUE
    assert missed.values["repair.repairer"] == REPAIRER
    later = look([in_force()], waiting(missed=True), STAFFED, shanghai("2026-03-09 00:00"))
    assert of(Emit, later) == []


def test_a_notice_that_nobody_can_receive_asks_whom_to_appoint() -> None:
    effects = look([in_force()], waiting(), State(), DUE + TICK)

    assert [ask.missing for ask in of(Ask, effects)] == ["role.manager"]
    assert effects[-1].level == 1


def test_a_missed_duty_may_open_the_next_one() -> None:
    raw = pack().policy.raw
    reminder = {
        "on": "rectification_notice.missed",
        "owed_by": "manager",
        "within": "1d",
        "proof": {"fact": "case.replied"},
    }
    policy = Policy.of({**raw, "duties": {**raw["duties"], "reminder": reminder}})

    opened = of(Open, look([in_force(policy)], waiting(), STAFFED, DUE + TICK))[0]

    assert (opened.duty, opened.holder, opened.due) == (
        "reminder", MANAGER, shanghai("2026-03-08 00:00")
    )  # fmt: skip


def test_an_obligation_without_a_deadline_is_not_looked_at_again() -> None:
    assert look([in_force()], waiting(due=None), STAFFED, DUE) == [LookAgain(70, None, 0, False)]


def test_look_needs_the_holders_of_the_roles_that_may_be_told() -> None:
    wanted = look_needs([in_force()], [waiting()], shanghai("2026-03-02 12:00"))

    assert ("manager", UNIT) in wanted.holders
    assert LEAD not in {unit for _, unit in wanted.holders}
