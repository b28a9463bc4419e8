"""What an import does to customers that are there: adds what was missing, and takes it back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from huiyin.core.copying import copy_rows
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import CONTACT_COLUMNS, NewContact, contact_rows, spelling
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact
from huiyin.obligations import retracting


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a customer lacked so far: a name, typed fields, phones.

    ``unplaced``: nothing but the number said whose it is, which another estate may have as well.
    """

    customer_id: int
    number: str
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    contacts: Sequence[NewContact] = ()
    source: str | None = None
    unplaced: bool = False


@transaction.atomic
def supplement(rows: Sequence[Supplement], *, by: int | None, now: datetime) -> list[int]:
    """Fill what was empty; the ids of the facts ``customer.supplemented``, in the order of rows."""
    _fill([(row.customer_id, row.number, row.name, row.fields) for row in rows if _fills(row)])
    copy_rows(
        Contact, CONTACT_COLUMNS, contact_rows((row.customer_id, row.contacts) for row in rows)
    )
    facts = [
        NewFact(
            "customer.supplemented", row.customer_id, by, by,
            happened_at=now, known_at=now, live=False, source=row.source,
        )
        for row in rows
    ]  # fmt: skip
    return [fact.pk for fact in ledger.record(facts, now=now)]


@transaction.atomic
def withdraw(
    rows: Sequence[Supplement], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Take back what an import added to customers: what stands otherwise by now is left."""
    ids = [row.customer_id for row in rows]
    retracting.void_facts(ids, source, by=by, reason=reason, now=now)
    named = [row.customer_id for row in rows if row.name]
    # A name is an import's own only where it filled an empty one; the spelling goes by the number.
    spelt = [spelling(row.number, "") for row in rows if row.name]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer c SET name = '', initials = g.initials, pinyin = g.pinyin"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS g (id, initials, pinyin)"
            " WHERE c.target_id = g.id",
            [named, [each for each, _p in spelt], [each for _i, each in spelt]],
        )
        cursor.execute(
            "UPDATE customers_customer c SET fields = c.fields - g.names FROM"
            " (SELECT (e->>0)::bigint AS id, ARRAY(SELECT jsonb_array_elements_text(e->1)) AS names"
            "  FROM jsonb_array_elements(%s::jsonb) e) g WHERE c.target_id = g.id",
            [json.dumps([[row.customer_id, list(row.fields)] for row in rows if row.fields])],
        )
        cursor.execute(
            "DELETE FROM customers_contact c USING unnest(%s::bigint[], %s::text[]) AS g (id, phone)"
            " WHERE c.customer_id = g.id AND c.phone_index = g.phone",
            [
                [row.customer_id for row in rows for _contact in row.contacts],
                [contact.index for row in rows for contact in row.contacts],
            ],
        )


@transaction.atomic
def retract(
    customers: Collection[int], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Customers of an import that was undone leave every list; nothing personal of them is kept."""
    retracting.void_facts(customers, source, by=by, reason=reason, now=now)
    retracting.cancel_owed(customers, by=by, reason=reason, now=now)
    Contact.objects.filter(customer__in=customers).delete()
    Customer.objects.filter(pk__in=customers).update(
        retracted_at=now, name="", fields={}, initials="", pinyin=""
    )


def _fills(row: Supplement) -> bool:
    return bool(row.name or row.fields)


def _fill(rows: Sequence[tuple[int, str, str, Mapping[str, Any]]]) -> None:
    spelt = [spelling(number, name) for _id, number, name, _fields in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer c SET fields = c.fields || g.fields,"
            " name = coalesce(nullif(g.name, ''), c.name),"
            " initials = CASE g.name WHEN '' THEN c.initials ELSE g.initials END,"
            " pinyin = CASE g.name WHEN '' THEN c.pinyin ELSE g.pinyin END"
            " FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::text[])"
            " AS g (id, name, fields, initials, pinyin) WHERE c.target_id = g.id",
            [
                [id for id, *_rest in rows],
                [name for _id, _number, name, _fields in rows],
                [json.dumps(fields) for *_rest, fields in rows],
                [each for each, _p in spelt],
                [each for _i, each in spelt],
            ],
        )
