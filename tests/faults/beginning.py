"""From an empty server to a firm that works, step by step; each is broken off before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

from huiyin.accounts.models import Person
from huiyin.desk import first_run
from huiyin.desk.demo import estate
from huiyin.desk.demo.sample import load_sample
from huiyin.desk.first_run import Founding, Start
from tests.access.world import undone
from tests.app.scene import PACK
from tests.faults.breaking import Act, Places, Tried, halves
from tests.people import login_for

FIRM = Founding("晴川物业", "甲经理", "property-management", "manager")


def begun(now: datetime, places: Places) -> Iterator[Tried]:
    """On an empty database; every step is there for the next one."""
    for name, act in steps(now):
        yield halves(f"beginning: {name}", act, places)
        act()


def demo(now: datetime, places: Places) -> Tried:
    """The demo's firm, on an empty database, which is empty again afterwards."""
    wanted = estate.Founding(load_sample(PACK), PACK, now.date(), now, Random(1))
    with undone():
        return halves("beginning: the demo", lambda: estate.found(wanted), places)


def steps(now: datetime) -> Iterator[tuple[str, Act]]:
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    yield "the firm", lambda: first_run.found(FIRM, now=now)
    by = {"by": Person.objects.get(number="E01").pk, "now": now}
    yield "units", lambda: first_run.add_units("一区\n二区", **by)
    yield "people", lambda: first_run.name_people(start(today), {}, made_up=True, **by)
    yield "the policy", lambda: first_run.adopt(start(today), **by)
    yield "sample households", lambda: first_run.add_samples(start(today), **by)
    heads = Person.objects.filter(posts__position__governs=True).distinct()
    for number, person in enumerate(heads):
        login_for(person, f"head{number}")
    yield "signing in", lambda: first_run.end_open_house(**by)


def start(on: date) -> Start:
    return Start(on, "zh")
