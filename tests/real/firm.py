"""A firm for the real requests: the city with its five boroughs, and who holds the roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from huiyin.accounts import services as accounts
from huiyin.accounts.services import NewPerson
from huiyin.adoption import services as adoption
from huiyin.policy.loading import load_pack

PACK = Path(__file__).resolve().parents[2] / "packs" / "property-management"
POSTS_SINCE = date(2009, 12, 1)
IN_FORCE_SINCE = date(2010, 1, 1)
BOROUGHS = ("BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "STATEN ISLAND")
CAST = (
    ("M-1", "甲经理", "manager", "经理"),
    ("S-1", "乙主管", "supervisor", "主管"),
    ("L-1", "丙负责", "repair_lead", "维修负责人"),
    ("R-1", "丁维修", "repairer", "维修人员"),
    ("O-1", "戊物管", "officer", "物管员"),
    ("D-1", "己主任", "director", "管理处主任"),
    ("D-2", "庚副主任", "deputy", "管理处副主任"),
    ("D-3", "辛主任", "office_director", "办公室主任"),
)


@dataclass(frozen=True)
class CityFirm:
    """Ids of the units by name, and of the person who records."""

    units: dict[str, int]
    clerk: int


def city_firm(*, now: datetime) -> CityFirm:
    """The firm, its people in post since 2009, and the policy in force since 2010."""
    accounts.create_firm("New York City", time_zone="America/New_York", trial=True)
    accounts.create_positions([(code, title, "tree") for _n, _name, code, title in CAST])
    city = accounts.create_unit("New York City", kind="firm", by=None, now=now)
    units = {
        name: accounts.create_unit(name, parent=city, by=None, now=now).pk for name in BOROUGHS
    }
    rows = [NewPerson(name, number, city.pk) for number, name, _code, _title in CAST]
    people = accounts.create_people(rows, by=None, now=now)
    for person, (_number, _name, position, _title) in zip(people, CAST, strict=True):
        accounts.appoint(person, position, city, POSTS_SINCE, by=None, now=now)
    manager = people[0].pk
    proposed = adoption.propose(
        load_pack(PACK).sources, starts_on=IN_FORCE_SINCE, mode="trial", by=manager, now=now
    )
    adoption.approve(proposed, by=manager, now=now)
    return CityFirm(units | {city.name: city.pk}, people[1].pk)
