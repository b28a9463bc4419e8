"""Facts as they may come at the wide pack: complete or not, early or late, about anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from huiyin.policy.facts import Fact
from huiyin.policy.state import InForce
from tests.policy.books import Books
from tests.policy.wide_pack import wide
from tests.policy.workshop import at_work
from tests.policy.worlds import UNIT, shanghai

CLERKS, HEAD, CHIEF, WARDEN, WORKER, BUREAU, CENTRE = (1, 2), 3, 4, 5, 9, 50, 51
PEOPLE = (*CLERKS, HEAD, CHIEF, WORKER)
REELS, CUSTOMERS = (100, 101), (200, 201)
START = shanghai("2026-03-02 08:00")

_ROLES = {"clerk": CLERKS, "head": (HEAD,), "chief": (CHIEF,), "warden": (WARDEN,)}
HOLDERS = {
    **{(role, unit): who for role, who in _ROLES.items() for unit in (UNIT, None)},
    ("party:bureau", None): (BUREAU,),
    ("party:centre", None): (CENTRE,),
}
HEADS = {**{p: (HEAD, CHIEF) for p in (*CLERKS, WORKER)}, HEAD: (CHIEF,)}
ROLES_OF = {p: frozenset(r for r, who in _ROLES.items() if p in who) for p in (*PEOPLE, WARDEN)}


def wide_firm(**changed: Any) -> InForce:
    return at_work(wide().policy, **changed)


def books(**changed: Any) -> Books:
    """Nothing has happened yet."""
    given = {"in_force": wide_firm(), "holders": HOLDERS, "heads": HEADS, "roles_of": ROLES_OF}
    return Books(**{**given, **changed})


def _maybe(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nearly always there; an empty value now and then."""
    return st.integers(0, 15).flatmap(lambda n: value if n else st.none())


REEL_VALUES = st.fixed_dictionaries(
    {
        "reel.grade": _maybe(st.sampled_from(["a", "b"])),
        "reel.worker": _maybe(st.sampled_from([WORKER, CLERKS[0], HEAD])),
        "reel.made_on": _maybe(st.sampled_from(["2021-03-02", "2021-03-01", "2026-02-01"])),
        "reel.weight": st.integers(1, 9),
        "reel.buyers": _maybe(st.just([*CUSTOMERS, *CUSTOMERS])),
    }
)
PRESENT = st.lists(st.sampled_from([*CLERKS, HEAD]), max_size=3)
RECORD_VALUES = st.fixed_dictionaries(
    {
        "record.form": st.sampled_from(["sheet", "review"]),
        "record.present": PRESENT,
        "record.to": st.sampled_from([BUREAU, CENTRE, CHIEF, WORKER]),
        "record.of": st.sampled_from([None, None, 1]),
        "sheet.signed": _maybe(st.sampled_from(["signed", "refused"])),
    }
)
HELD_VALUES = st.fixed_dictionaries(
    {
        "followup.channel": _maybe(st.sampled_from(["phone", "phone", "visit"])),
        "record.present": PRESENT,
    }
)
BREACH_VALUES = st.fixed_dictionaries(
    {
        "breach.person": st.sampled_from([CLERKS[0], HEAD]),
        "breach.clause": _maybe(st.sampled_from(["9.a", "1.a"])),
        "breach.occurrence": st.sampled_from(["one", "two"]),
    }
)
ANSWER_VALUES = st.fixed_dictionaries(
    {"route.result": _maybe(st.sampled_from(["fast", "slow", "no such"]))}
)

KINDS: dict[str, tuple[st.SearchStrategy[Any], tuple[int, ...]]] = {
    **dict.fromkeys(["reel.cut", "reel.sold", "reel.paid", "reel.defect"], (REEL_VALUES, REELS)),
    "roll.packed": (REEL_VALUES, REELS),
    "record.filed": (RECORD_VALUES, REELS),
    "record.sent": (RECORD_VALUES, (*REELS, *CUSTOMERS)),
    "followup.held": (HELD_VALUES, (*CUSTOMERS, *REELS)),
    "breach.confirmed": (BREACH_VALUES, (CLERKS[0],)),
    "route.answered": (ANSWER_VALUES, REELS),
}


# What proves and counts comes more often than what opens.
ALL = (*sorted(KINDS), "followup.held", "record.filed", "record.sent")


@st.composite
def happenings(draw: Any, now: datetime, kinds: tuple[str, ...] = ALL) -> Fact:
    """Something that happened at most two days before ``now``, or is entered at once."""
    kind = draw(st.sampled_from(kinds))
    values, targets = KINDS[kind]
    target = draw(st.sampled_from((*targets[:1] * 4, *targets)))
    happened = now - timedelta(hours=draw(st.sampled_from([0, 0, 0, 1, 47])))
    known = max(happened, now - timedelta(hours=draw(st.sampled_from([0, 1]))))
    return Fact(
        id=0,
        kind=kind,
        target=target,
        unit=UNIT,
        by=draw(st.sampled_from(PEOPLE)),
        happened=happened,
        known=known,
        recorded=now,
        values={name: v for name, v in draw(values).items() if v is not None},
        live=draw(st.sampled_from([True, True, True, True, False])),
        owner=draw(st.sampled_from([CLERKS[0], None])),
        customer=CUSTOMERS[0] if target in REELS else None,
    )
