"""Floors hold after every single completion, every item is visited, voids are made good."""

from collections import Counter
from datetime import date
from fractions import Fraction
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.policy.decide import ClosingItem, close_period, decide
from huiyin.policy.duties import Share
from huiyin.policy.effects import Cancel, Count, Open
from huiyin.policy.shares import allot, counted, floor_of
from huiyin.policy.state import RoleCount, ShareCount, ShareItem, State
from tests.policy.worlds import (
    HOLDERS,
    LEAD,
    MANAGER,
    REPAIRER,
    SECOND_LEAD,
    STAFFED,
    SUPERVISOR,
    UNIT,
    completed,
    fact,
    in_force,
    of,
    shanghai,
)

NOW = shanghai("2026-03-31 12:00")
MARCH = (1, "repair_visit", date(2026, 3, 1))
SHARE = Share.model_validate(
    {"per": "month", "manager": "10%", "supervisor": "30%", "repair_lead": "60%", "each": 1}
)
ROLES = tuple(SHARE.roles)


def roles_by_item(effects: list) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for opened in of(Open, effects):
        found.setdefault(opened.opener, []).append(opened.roles[0])
    return found


def test_the_first_repair_of_a_month_is_everybodys() -> None:
    effects = decide([in_force()], STAFFED, [completed(1)], NOW)

    assert roles_by_item(effects) == {1: ["manager", "supervisor", "repair_lead"]}


def test_ten_repairs_of_a_month_in_order() -> None:
    effects = decide([in_force()], STAFFED, [completed(n) for n in range(1, 11)], NOW)

    # By hand: ceil(n/10), ceil(3n/10), ceil(6n/10), and the largest arrears where nobody falls below.
    assert roles_by_item(effects) == {
        1: ["manager", "supervisor", "repair_lead"],
        2: ["repair_lead"],
        3: ["supervisor"],
        4: ["repair_lead"],
        5: ["repair_lead"],
        6: ["supervisor"],
        7: ["repair_lead"],
        8: ["manager"],
        9: ["repair_lead"],
        10: ["supervisor"],
    }


def test_the_repairers_own_repair_goes_to_somebody_else() -> None:
    effects = decide([in_force()], STAFFED, [completed(1, repairer=LEAD)], NOW)

    assert roles_by_item(effects) == {1: ["manager", "supervisor"]}
    assert of(Count, effects)[0].eligible == ("manager", "supervisor")


def test_a_role_with_a_second_holder_may_still_take_it() -> None:
    state = State(holders={**HOLDERS, ("repair_lead", UNIT): (LEAD, SECOND_LEAD)})

    opened = of(Open, decide([in_force()], state, [completed(1, repairer=LEAD)], NOW))[-1]

    assert (opened.roles, opened.holder, opened.excluded) == (("repair_lead",), SECOND_LEAD, LEAD)


def test_a_role_nobody_holds_still_gets_its_share() -> None:
    state = State(holders={("manager", UNIT): (MANAGER,)})

    opened = of(Open, decide([in_force()], state, [completed(1)], NOW))

    assert [(o.roles[0], o.holder) for o in opened] == [
        ("manager", MANAGER), ("supervisor", None), ("repair_lead", None)
    ]  # fmt: skip


def test_two_holders_make_a_pool() -> None:
    state = State(holders={**HOLDERS, ("manager", UNIT): (MANAGER, 77)})

    assert of(Open, decide([in_force()], state, [completed(1)], NOW))[0].holder is None


def test_an_item_that_nobody_may_take_is_blocked_and_counts_for_nobody() -> None:
    alone = State(holders={(role, UNIT): (LEAD,) for role in ROLES})

    effects = decide([in_force()], alone, [completed(1, repairer=LEAD)], NOW)

    opened = of(Open, effects)
    assert [(o.line, o.blocked) for o in opened] == [
        ("repair_visit.share.manager", "no_eligible_holder")
    ]
    assert (of(Count, effects)[0].eligible, of(Count, effects)[0].allotted) == ((), ())


def test_an_obligation_names_the_clauses_of_share_and_clock() -> None:
    effects = decide([in_force()], STAFFED, [completed(1), completed(2, category="other")], NOW)

    assert {(o.line, o.opener): o.why.clauses for o in of(Open, effects)} == {
        ("repair_visit.share.manager", 1): ("B.1.b", "B.2.c", "B.3.1"),
        ("repair_visit.share.supervisor", 1): ("B.1.c", "B.2.c", "B.3.1"),
        ("repair_visit.share.repair_lead", 1): ("B.1.d", "B.2.c", "B.3.1"),
        ("repair_visit.share.repair_lead", 2): ("B.1.d", "B.2.a", "B.3.1"),
    }


def test_months_are_counted_apart_by_completion_in_the_firms_zone() -> None:
    last = completed(1, "2026-03-31 23:59:59")
    first = completed(2, "2026-04-01 00:00")

    effects = decide([in_force()], STAFFED, [last, first], NOW)

    assert [count.period for count in of(Count, effects)] == [date(2026, 3, 1), date(2026, 4, 1)]
    assert len(roles_by_item(effects)[2]) == 3


def test_counters_go_on_from_the_state() -> None:
    counters = {role: RoleCount(items=9, allotted=floor_of(SHARE.roles[role], 9)) for role in ROLES}
    state = State(holders=HOLDERS, shares={MARCH: ShareCount(roles=counters)})

    # 10 % of 10 is 1 (there), 30 % is 3 (there), 60 % is 6 (there): the arrears decide.
    assert roles_by_item(decide([in_force()], state, [completed(1)], NOW)) == {1: ["manager"]}


def test_a_void_cancels_what_the_completion_opened_and_takes_the_item_out() -> None:
    voiding = fact(9, "repair.completed", "2026-03-05 09:00", target=1001, voids=1)

    effects = decide([in_force()], STAFFED, [completed(1), voiding], NOW)

    assert [c.obligation for c in of(Cancel, effects)] == [o.ref for o in of(Open, effects)]
    assert [(c.sign, c.allotted) for c in of(Count, effects)] == [(1, ROLES), (-1, ROLES)]


def test_after_a_void_the_next_item_makes_good() -> None:
    voiding = fact(9, "repair.completed", "2026-03-05 09:00", target=1001, voids=1)

    effects = decide(
        [in_force()], STAFFED, [completed(1), completed(2), voiding, completed(3)], NOW
    )

    # Item 2 was the head's alone; without item 1 manager and supervisor are below their floors.
    assert roles_by_item(effects)[3] == ["manager", "supervisor", "repair_lead"]


def test_history_is_neither_counted_nor_opened() -> None:
    assert decide([in_force()], STAFFED, [completed(1, live=False)], NOW) == []


shares = st.lists(st.integers(1, 100), min_size=1, max_size=4).map(
    lambda parts: {f"r{i}": Fraction(p, 100) for i, p in enumerate(parts)}
)


@settings(max_examples=60, deadline=None)
@given(parts=shares, stream=st.lists(st.integers(0, 15), max_size=60))
def test_floors_hold_after_every_completion(parts: dict[str, Fraction], stream: list[int]) -> None:
    """Whoever may take what, in whatever order; and no item is left without a visit."""
    share = Share.model_validate({"per": "month", "each": 1, **parts})
    counts: dict[str, RoleCount] = {}
    for mask in stream:
        eligible = [role for bit, role in enumerate(parts) if mask >> bit & 1]

        given_to = allot(share, eligible, counts).roles

        counts = counted(counts, eligible=eligible, allotted=given_to)
        assert bool(given_to) == bool(eligible)
        assert set(given_to) <= set(eligible)
        for role, count in counts.items():
            assert count.allotted >= ceil(parts[role] * count.items)


@settings(max_examples=40, deadline=None)
@given(stream=st.lists(st.sampled_from([REPAIRER, MANAGER, SUPERVISOR, LEAD]), max_size=40))
def test_decide_keeps_the_floors_of_the_pack(stream: list[int]) -> None:
    facts = [completed(n, repairer=person) for n, person in enumerate(stream, start=1)]
    items, allotted = Counter[str](), Counter[str]()

    for effect in of(Count, decide([in_force()], STAFFED, facts, NOW)):
        items.update(effect.eligible)
        allotted.update(effect.allotted)
        assert effect.allotted
        assert all(allotted[role] >= ceil(SHARE.roles[role] * items[role]) for role in items)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), size=st.integers(2, 25))
def test_closing_the_period_makes_good_what_voids_left(data: st.DataObject, size: int) -> None:
    voided = data.draw(st.sets(st.integers(1, size), max_size=size - 1))
    facts = [completed(n) for n in range(1, size + 1)]
    voids = [fact(100 + n, "repair.completed", "2026-03-30 09:00", voids=n) for n in sorted(voided)]
    counts: dict[str, RoleCount] = {}
    items: dict[int, ShareItem] = {}
    for effect in of(Count, decide([in_force()], STAFFED, [*facts, *voids], NOW)):
        counts = counted(
            counts, eligible=effect.eligible, allotted=effect.allotted, sign=effect.sign
        )
        items[effect.fact] = ShareItem(
            effect.fact, effect.target, effect.period, effect.eligible, effect.allotted
        )
    kept = [ClosingItem(items[f.id], f) for f in facts if f.id not in voided]

    effects = close_period(
        in_force(), "repair_visit", MARCH[2], ShareCount(roles=counts), kept, state=STAFFED, now=NOW
    )

    for effect in of(Count, effects):
        counts = counted(counts, eligible=effect.eligible, allotted=effect.allotted)
    assert all(c.allotted >= ceil(SHARE.roles[r] * c.items) for r, c in counts.items())
    taken = [(o.opener, o.roles[0]) for o in of(Open, effects)]
    assert all(role not in items[opener].allotted for opener, role in taken)
    assert len(set(taken)) == len(taken)


def test_arrears_are_opened_on_the_newest_items_with_their_own_clock() -> None:
    facts = [completed(n, f"2026-03-0{n} 10:00") for n in (1, 2, 3)]
    kept = [
        ClosingItem(ShareItem(f.id, f.target, MARCH[2], ROLES, ("repair_lead",)), f) for f in facts
    ]
    counters = {role: RoleCount(items=3, allotted=3 * (role == "repair_lead")) for role in ROLES}

    opened = of(
        Open,
        close_period(
            in_force(),
            "repair_visit",
            MARCH[2],
            ShareCount(roles=counters),
            kept,
            state=STAFFED,
            now=NOW,
        ),
    )

    assert [(o.roles[0], o.opener) for o in opened] == [("manager", 3), ("supervisor", 3)]
    assert opened[0].due == shanghai("2026-03-07 00:00")
