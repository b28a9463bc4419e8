"""A firm of any size on a scratch database of its own, filled by statements instead of services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person, Unit, User
from huiyin.accounts.services import NewPerson
from huiyin.adoption import packs
from huiyin.adoption import queries as adoptions
from huiyin.adoption import services as adoption_services
from huiyin.adoption.models import Adoption
from huiyin.config.scratch import Scratch, scratch_database
from huiyin.core import crypto
from huiyin.customers.services import spelling

PACK = "property-management"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "子一文雨思嘉明晓安宁若清远书言知行景和舒"
ZONES = 20
LONG_AGO = timedelta(days=400)
"""Since when the firm has everybody and everything, so that no period begins without them."""

ABOVE = (
    "manager", "supervisor", "repair_lead", "office_director", "director", "deputy", "company",
)  # fmt: skip


@dataclass(frozen=True)
class Firm:
    """The firm under measurement: one holder of each position, an officer and a repairer per zone.

    ``owner`` is the owner's own connection, on which rows are made and the bare SQL runs.
    """

    scratch: Scratch
    owner: psycopg.Connection
    now: datetime
    people: dict[str, list[Person]]
    zones: list[int]

    @property
    def adoption(self) -> Adoption:
        return adoptions.policy_in_force(PACK)[0]

    def person(self, position: str) -> Person:
        return self.people[position][0]

    def scalar(self, statement: str, *parameters: Any) -> int:
        found = self.owner.execute(statement, parameters or None).fetchone()
        assert found is not None
        return int(found[0] or 0)

    def last(self, table: str, key: str = "id") -> int:
        """The highest id so far: what is above it is new."""
        return self.scalar(f"SELECT max({key}) FROM public.{table}")

    def tidy(self, *tables: str) -> None:
        """As the server leaves tables by itself, given time."""
        for table in tables:
            self.owner.execute(f"VACUUM ANALYZE public.{table}")


@contextmanager
def opened(*, now: datetime, customers: int = 0) -> Iterator[Firm]:
    """A firm whose policy is in force, with so many households; it is gone at the end of the block."""
    with (
        scratch_database() as scratch,
        psycopg.connect(scratch.owner, autocommit=True) as owner,
    ):
        firm = _found(scratch, owner, now)
        add_customers(firm, customers)
        yield firm


def _found(scratch: Scratch, owner: psycopg.Connection, now: datetime) -> Firm:
    began = now - LONG_AGO
    accounts.create_firm(_("基准公司"))
    accounts.beat(now=now)
    accounts.create_positions(
        [(each, each, "tree") for each in ABOVE] + [(e, e, "own") for e in ("officer", "repairer")]
    )
    company = accounts.create_unit(_("基准公司"), kind="firm", by=None, now=began)
    zones = [
        accounts.create_unit(_("%s区") % (n + 1), parent=company, by=None, now=began)
        for n in range(ZONES)
    ]
    people = _staff(company, zones, began)
    proposed = adoption_services.propose(
        packs.sources(PACK),
        starts_on=began.date(),
        mode="trial",
        by=people["manager"][0].pk,
        now=now,
    )
    adoption_services.approve(proposed, by=people["manager"][0].pk, now=now)
    return Firm(scratch, owner, now, people, [zone.pk for zone in zones])


def _staff(company: Unit, zones: list[Unit], began: datetime) -> dict[str, list[Person]]:
    seats = [(position, company) for position in ABOVE]
    seats += [(position, zone) for position in ("officer", "repairer") for zone in zones]
    rows = [NewPerson(f"{SURNAMES[n % 20]}{n}", f"E{n:03d}", unit.pk) for n, (_p, unit) in enumerate(seats)]  # fmt: skip
    created = accounts.create_people(rows, by=None, now=began)
    people: dict[str, list[Person]] = {}
    for person, (position, unit) in zip(created, seats, strict=True):
        accounts.appoint(person, position, unit, began.date(), by=None, now=began)
        people.setdefault(position, []).append(person)
    return people


def sign_in(person: Person) -> User:
    """A login for the person; nobody needs its password."""
    user, _made = User.objects.get_or_create(username=f"bench{person.pk}")
    Person.objects.filter(pk=person.pk).update(user=user)
    return user


TARGETS = """
INSERT INTO public.ledger_target (id, kind, label, unit_id, owner_id)
SELECT %(first)s + n, %(kind)s, %(prefix)s || n,
       (%(zones)s::bigint[])[1 + n %% %(each)s], (%(owners)s::bigint[])[1 + n %% %(each)s]
FROM generate_series(1, %(count)s) n
"""
CUSTOMERS = """
INSERT INTO public.customers_customer
       (target_id, number, name, customer_class, fields, registered_at, initials, pinyin)
SELECT %(first)s + n, 'K' || n, names.name, 'household', '{}', %(since)s,
       names.initials, names.pinyin
FROM generate_series(1, %(count)s) n
JOIN unnest(%(names)s::text[], %(initials)s::text[], %(pinyin)s::text[])
     WITH ORDINALITY AS names (name, initials, pinyin, at)
  ON names.at = 1 + (n::bigint * 48271) %% %(all)s
ORDER BY n
"""
CONTACTS = """
INSERT INTO public.customers_contact
       (customer_id, relation, name, phone, phone_index, phone_masked, phone_tail)
SELECT %(first)s + n, '', '', %(phone)s, md5(n::text), '138••••' || lpad((n %% 10000)::text, 4, '0'),
       lpad((n %% 10000)::text, 4, '0')
FROM generate_series(1, %(count)s) n
"""


def add_customers(firm: Firm, count: int) -> None:
    """So many households, a contact each, spread over the zones and their officers."""
    if not count:
        return
    names = [a + b + c for a in SURNAMES for b in GIVEN for c in GIVEN]
    spelt = {sign: spelling("", sign) for sign in SURNAMES + GIVEN}
    given = _targets(firm, "customer", "K", count) | {
        "since": firm.now - LONG_AGO,
        "names": names,
        "initials": ["".join(spelt[sign][0] for sign in name) for name in names],
        "pinyin": ["".join(spelt[sign][1] for sign in name) for name in names],
        "all": len(names),
        "phone": crypto.encrypt("customers_contact.phone", "13812342046"),
    }
    firm.owner.execute(CUSTOMERS, given)
    firm.owner.execute(CONTACTS, given)
    firm.tidy("ledger_target", "customers_customer", "customers_contact")


def _targets(firm: Firm, kind: str, prefix: str, count: int) -> dict[str, Any]:
    """Targets with ids in a row behind ``first``; what else is asked of a statement about them."""
    sequence = "pg_get_serial_sequence('public.ledger_target', 'id')"
    first = firm.scalar(f"SELECT nextval({sequence})")
    firm.owner.execute(f"SELECT setval({sequence}, {first + count})")
    given = {
        "first": first,
        "count": count,
        "kind": kind,
        "prefix": prefix,
        "zones": firm.zones,
        "each": len(firm.zones),
        "owners": [officer.pk for officer in firm.people["officer"]],
    }
    firm.owner.execute(TARGETS, given)
    return given


SUBJECTS = """
INSERT INTO public.subjects_subject (target_id, kind, number, customer_id, fields, created_at)
SELECT %(first)s + n, 'repair', %(prefix)s || n, customers.ids[1 + n %% cardinality(customers.ids)],
       jsonb_build_object('category', (ARRAY['leak', 'safety', 'other'])[1 + n %% 3],
                          'repairer', %(repairer)s::bigint), %(since)s
FROM generate_series(1, %(count)s) n
CROSS JOIN (SELECT array_agg(target_id) AS ids
            FROM (SELECT target_id FROM public.customers_customer LIMIT 1000) few) customers
"""

BEHIND = """
UPDATE public.ledger_target target SET of_customer_id = subject.customer_id
FROM public.subjects_subject subject
WHERE subject.target_id = target.id
  AND target.id BETWEEN %(first)s + 1 AND %(first)s + %(count)s
"""


def add_repairs(firm: Firm, count: int, *, prefix: str) -> range:
    """So many repair orders; the ids of their targets."""
    given = _targets(firm, "repair", prefix, count) | {
        "repairer": firm.person("repairer").pk,
        "since": firm.now - timedelta(days=1),
    }
    firm.owner.execute(SUBJECTS, given)
    firm.owner.execute(BEHIND, given)
    firm.tidy("ledger_target", "subjects_subject")
    return range(given["first"] + 1, given["first"] + count + 1)
