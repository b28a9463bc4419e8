"""A paper mill of a few people and its reels: the smallest world in which every opener has a use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huiyin.policy.decide import decide
from huiyin.policy.effects import Effect
from huiyin.policy.facts import Fact
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce, State
from tests.policy.worlds import SHANGHAI, UNIT, shanghai

CLERK, SECOND_CLERK, HEAD, CHIEF, WORKER, BUREAU, CENTRE = 1, 2, 3, 4, 9, 50, 51
REEL, OTHER_REEL = 100, 101
NOW = shanghai("2026-03-02 12:00")

HOLDERS: Mapping[tuple[str, int | None], tuple[int, ...]] = {
    **{
        (role, unit): persons
        for role, persons in {"clerk": (CLERK,), "head": (HEAD,), "chief": (CHIEF,)}.items()
        for unit in (UNIT, None)
    },
    ("party:bureau", None): (BUREAU,),
    ("party:centre", None): (CENTRE,),
}
HEADS = {CLERK: (HEAD, CHIEF), SECOND_CLERK: (HEAD, CHIEF), HEAD: (CHIEF,), WORKER: (HEAD, CHIEF)}
STAFFED = State(holders=HOLDERS, heads=HEADS)

BASE: dict[str, Any] = {
    "policy": "mill",
    "title": "纸厂制度",
    "document": {"number": "M-1", "version": 1},
    "roles": {"clerk": "文员", "head": "主任", "chief": "经理"},
    "parties": {"bureau": "主管局", "centre": "监测中心"},
    "customers": {
        "classes": {"shop": "店", "factory": "厂"},
        "fields": {"size": {"title": "规模", "choice_ordered": {"s": "小", "m": "中", "l": "大"}}},
    },
    "subjects": {
        "reel": {
            "title": "卷",
            "fields": {
                "weight": {"title": "重量", "type": "number", "required": True},
                "made_on": {"title": "制造日", "type": "date", "required": True},
                "grade": {"title": "级别", "choice": {"a": "甲", "b": "乙"}, "required": True},
                "worker": {"title": "操作人", "type": "person", "required": True},
                "buyers": {"title": "买家", "type": "people", "required": True},
                "pay_on": {"title": "付款日", "type": "date"},
                "severe": {"title": "严重", "type": "boolean"},
            },
            "facts": {"cut": "分切", "sold": "售出", "paid": "付款", "defect": "缺陷"},
        },
        "roll": {
            "title": "小卷",
            "fields": {"weight": {"title": "重量", "type": "number"}},
            "facts": {"packed": "包装"},
        },
    },
    "settings": {"soon": {"title": "及时", "default": "2d", "owner": "head"}},
    "forms": {
        "sheet": {
            "title": "跟踪单",
            "about": ["reel", "customer", "person"],
            "number": "S-{serial:3}",
            "fields": {
                "note": {"title": "备注", "type": "text"},
                "signed": {"title": "签名", "type": "signature", "or_reason": True},
            },
        },
        "review": {
            "title": "审阅",
            "about": ["reel"],
            "number": "R-{serial:3}",
            "reviews": "sheet",
            "fields": {"guidance": {"title": "指导", "type": "text"}},
        },
    },
}  # fmt: skip
SHEET = {"record": "sheet"}


def mill(**parts: Any) -> Policy:
    """The mill's policy with rules of the test's own."""
    named = {key: BASE.get(key, {}) | part for key, part in parts.items()}
    return Policy.of({**BASE, **named})


def one(**duty: Any) -> Policy:
    """A policy of one duty, called ``duty``, which the clerk owes within two days and a sheet."""
    clock = {} if {"within", "at", "every", "before"} & set(duty) else {"within": "2d"}
    return mill(duties={"duty": {"owed_by": "clerk", "proof": SHEET, **clock, **duty}})


def at_work(policy: Policy, **changed: Any) -> InForce:
    """The policy in force in Shanghai since 2026, as adoption 1."""
    values = {"zone": SHANGHAI, "starts": shanghai("2026-01-01 00:00"), **changed}
    return InForce(**{"adoption": 1, "policy": policy, **values})


def fact(
    number: int,
    kind: str,
    at: str = "2026-03-02 10:00",
    *,
    target: int = REEL,
    by: int | None = CLERK,
    **more: Any,
) -> Fact:
    """A fact about a reel at a Shanghai time; ``reel.*`` values come on top of the usual ones."""
    moment = shanghai(at)
    times = {"happened": moment, "known": moment, "recorded": moment}
    usual = {"reel.grade": "a", "reel.worker": WORKER, "reel.made_on": "2024-01-31",
             "reel.weight": 5, "reel.buyers": [200, 201]}  # fmt: skip
    values = {**(usual if kind.startswith("reel.") else {}), **more.pop("values", {})}
    times |= {key: shanghai(more.pop(key)) for key in times if key in more}
    return Fact(id=number, kind=kind, target=target, unit=UNIT, by=by, values=values,
                **times, **more)  # fmt: skip


def filed(
    number: int,
    at: str = "2026-03-03 10:00",
    *,
    form: str = "sheet",
    present: tuple[int, ...] = (CLERK,),
    kind: str = "record.filed",
    **more: Any,
) -> Fact:
    """A record of a form about the reel."""
    values = {"record.form": form, "record.present": list(present), **more.pop("values", {})}
    return fact(number, kind, at, values=values, **more)


def voiding(number: int, voided: int, at: str = "2026-03-04 09:00") -> Fact:
    return fact(number, "fact.voided", at, voids=voided)


def run(
    policy: Policy | InForce,
    *facts: Fact,
    state: State = STAFFED,
    now: datetime = NOW,
) -> list[Effect]:
    return decide([policy if isinstance(policy, InForce) else at_work(policy)], state, facts, now)
