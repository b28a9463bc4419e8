"""A firm whose customers have a field of every type, so that each kind of bad value has a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from huiyin.adoption import services as adoption
from tests.people import SmallFirm, small_firm

POLICY = """\
policy: ledger
title: {zh: 台账制度, en: Ledger}
document: {number: X-9, version: 1}
roles:
  manager: {title: {zh: 经理, en: Manager}}
customers:
  classes:
    household: {zh: 住户, en: Household}
  fields:
    area: {title: {zh: 面积, en: Area}, type: number}
    fee: {title: {zh: 物业费, en: Fee}, type: money}
    born: {title: {zh: 生日, en: Birthday}, type: date}
    moved: {title: {zh: 迁入时间, en: Moved in}, type: datetime}
    pets: {title: {zh: 养宠物, en: Pets}, type: boolean}
    mood: {title: {zh: 满意度, en: Mood}, choice_ordered: {1: {zh: 不满意, en: Bad}, 5: {zh: 非常满意, en: Very good}}}
    card: {title: {zh: 身份证号, en: Identity card}, type: text}
    note: {title: {zh: 备注, en: Note}, type: text}
acknowledge: [1.a]
"""

CLAUSES = """\
sections:
  "1":
    title: {zh: 第一部分, en: Part one}
    clauses:
      1.a: {zh: 台账要真实, en: What is kept is true, declarative: true}
"""


@dataclass(frozen=True)
class Place:
    """The firm, the moment of its clock, and the page on which its head works."""

    firm: SmallFirm
    now: datetime


def place(now: datetime) -> Place:
    """The small firm with this policy in force since 2026-01-02."""
    firm = small_firm(now)
    sources = {"policy.yaml": POLICY, "clauses.yaml": CLAUSES}
    by = firm.manager.pk
    proposed = adoption.propose(sources, starts_on=date(2026, 1, 2), mode="trial", by=by, now=now)
    adoption.approve(proposed, by=by, now=now)
    return Place(firm, now)
