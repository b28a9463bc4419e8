"""The cast and the factories: a small firm whose people are made up.

    公司 ── 经理 manager, 主管 supervisor      一区 ── 维修负责人 repair_lead, two 维修人员, 物管员
         └─ 一区, 二区                         二区 ── 维修人员 of 二区, 物管员 of 二区

    公司 also: 管理处主任 director, 副主任 deputy, and 公司 company, whom one asks for a ruling

owner: officer (what is entrusted to him) · colleague: repairer of the same unit · outsider: the
people of 二区, and `stranger`, who holds no post at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from huiyin.accounts import services
from huiyin.accounts.models import Firm, Person, Post, Unit, User
from huiyin.accounts.services import NewPerson
from huiyin.accounts.visibility import Viewer, viewer_for
from huiyin.ledger.models import Target
from huiyin.ledger.services import NewTarget, create_targets

POSITIONS = (
    ("manager", "经理", "tree"),
    ("supervisor", "主管", "tree"),
    ("repair_lead", "维修负责人", "tree"),
    ("repairer", "维修人员", "own"),
    ("officer", "物管员", "own"),
    ("director", "管理处主任", "tree"),
    ("deputy", "管理处副主任", "tree"),
    ("company", "公司", "tree"),
    ("office_director", "办公室主任", "tree"),
)
SINCE = date(2026, 1, 1)
"""From this day on everybody holds his post."""

PASSWORD = "a-long-enough-password"


@dataclass(frozen=True)
class SmallFirm:
    """The firm with its people; every one holds one post, but the stranger."""

    firm: Firm
    company: Unit
    zone_one: Unit
    zone_two: Unit
    manager: Person
    supervisor: Person
    repair_lead: Person
    repairer: Person
    second_repairer: Person
    officer: Person
    far_repairer: Person
    far_officer: Person
    stranger: Person
    director: Person
    deputy: Person
    head_office: Person

    def viewer(self, person: Person, on: date = date(2026, 3, 2)) -> Viewer:
        return viewer_for(person, on)


def small_firm(now: datetime, *, demo: bool = False, time_zone: str = "Asia/Shanghai") -> SmallFirm:
    """The cast, with posts since the first day of 2026."""
    firm = services.create_firm("示例物业", time_zone=time_zone, demo=demo)
    services.create_positions(POSITIONS, english={"supervisor": "Supervisor"})
    company = services.create_unit("公司", kind="firm", by=None, now=now)
    one = services.create_unit("一区", parent=company, by=None, now=now)
    two = services.create_unit("二区", parent=company, by=None, now=now)
    cast = (
        ("manager", "甲经理", company, "manager"),
        ("supervisor", "乙主管", company, "supervisor"),
        ("repair_lead", "丙负责", one, "repair_lead"),
        ("repairer", "丁维修", one, "repairer"),
        ("second_repairer", "戊维修", one, "repairer"),
        ("officer", "己物管", one, "officer"),
        ("far_repairer", "庚维修", two, "repairer"),
        ("far_officer", "辛物管", two, "officer"),
    )
    above = (
        ("director", "午主任", company, "director"),
        ("deputy", "未副主任", company, "deputy"),
        ("head_office", "申公司", company, "company"),
    )
    people = dict(
        zip(
            [key for key, *_rest in (*cast, ("stranger",), *above)],
            services.create_people(
                [NewPerson(name, f"P{n}") for n, (_key, name, *_rest) in enumerate(cast, 1)]
                + [NewPerson("壬外人", "P9")]
                + [NewPerson(name, f"P{n}") for n, (_key, name, *_rest) in enumerate(above, 20)],
                by=None,
                now=now,
            ),
            strict=True,
        )
    )
    for key, _name, unit, position in (*cast, *above):
        appoint(people[key], position, unit, now=now)
    appoint(people["head_office"], "office_director", company, now=now)
    return SmallFirm(firm=firm, company=company, zone_one=one, zone_two=two, **people)


def appoint(
    person: Person, position: str, unit: Unit, *, now: datetime, from_on: date = SINCE
) -> Post:
    return services.appoint(person, position, unit, from_on, by=None, now=now)


def login_for(person: Person, username: str) -> User:
    """A login with PASSWORD for the person."""
    user = User.objects.create_user(username, PASSWORD)
    Person.objects.filter(pk=person.pk).update(user=user)
    person.user = user
    return user


def target(
    kind: str = "repair",
    *,
    unit: Unit | None = None,
    owner: Person | None = None,
    label: str = "WX-1",
) -> Target:
    """Something that facts can be about."""
    row = NewTarget(kind, label, unit and unit.pk, owner and owner.pk)
    return Target.objects.get(pk=create_targets([row])[0])
