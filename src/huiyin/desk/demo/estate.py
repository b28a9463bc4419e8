"""Founds the sample firm: units, people, households and the policy in force, through the services."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person, Unit
from huiyin.accounts.services import NewPerson
from huiyin.adoption import services as adoptions
from huiyin.adoption.packs import load_pack, texts
from huiyin.customers import services as customers
from huiyin.customers.services import NewContact, NewCustomer
from huiyin.desk.demo.sample import Sample, households, names
from huiyin.desk.positions import create_positions_of


@dataclass(frozen=True)
class Founding:
    """What the firm starts with: the folder of its pack, the day it starts, and the dice."""

    sample: Sample
    folder: Path
    since: date
    now: datetime
    chance: random.Random


@transaction.atomic
def found(founding: Founding) -> None:
    """Make the firm, its people and households, and put its policy into force in trial."""
    sample, now = founding.sample, founding.now
    accounts.create_firm(sample.firm["zh"], demo=True)
    create_positions_of(load_pack(founding.folder), sample)
    own = {code: each for code, each in sample.positions.items() if each.title}
    accounts.create_positions(
        [(code, each.title["zh"], each.scope) for code, each in own.items()],
        english={code: each.title["en"] for code, each in own.items()},
        governing=sample.governing,
        overlooking=sample.overlooking,
    )
    company = accounts.create_unit(sample.firm["zh"], kind="firm", by=None, now=now)
    zones = {
        zone: accounts.create_unit(zone, parent=company, by=None, now=now) for zone in sample.zones
    }
    people = _staff(founding, company, zones)
    _households(founding, zones, people)
    adoption = adoptions.propose(
        texts(founding.folder),
        starts_on=founding.since,
        mode="trial",
        by=people["supervisor"][0].pk,
        now=now,
    )
    adoptions.approve(adoption, by=people["manager"][0].pk, now=now)


def _staff(founding: Founding, company: Unit, zones: dict[str, Unit]) -> dict[str, list[Person]]:
    """Everybody of the firm by position."""
    sample, now = founding.sample, founding.now
    places = [
        (code, unit)
        for code, position in sample.positions.items()
        for unit in ([company] if position.place == "firm" else zones.values())
        for _n in range(position.people)
    ]
    made_up = names(founding.chance)
    rows = [
        NewPerson(next(made_up), f"E{number:02d}", unit_id=unit.pk)
        for number, (_code, unit) in enumerate(places, 1)
    ]
    people: dict[str, list[Person]] = {}
    created = accounts.create_people(rows, by=None, now=now)
    for person, (code, unit) in zip(created, places, strict=True):
        accounts.appoint(person, code, unit, founding.since, by=None, now=now)
        people.setdefault(code, []).append(person)
    return people


def _households(
    founding: Founding, zones: dict[str, Unit], people: dict[str, list[Person]]
) -> None:
    chance, officers = founding.chance, people["officer"]
    made_up = names(chance)
    per_zone = max(1, len(officers) // len(zones))
    rows = []
    for number, (zone, place) in enumerate(households(founding.sample)):
        of_zone = list(zones).index(zone)
        officer = officers[of_zone * per_zone + number % per_zone]
        owner = next(made_up)
        phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"
        rows.append(
            NewCustomer(
                number=place,
                name=owner,
                customer_class=founding.sample.households.customer_class,
                unit_id=zones[zone].pk,
                owner_id=officer.pk,
                contacts=[NewContact(phone, relation="业主", name=owner)],
            )
        )
    customers.register_customers(rows, by=None, now=founding.now)
