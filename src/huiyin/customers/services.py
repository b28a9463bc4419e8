"""Registering customers, and showing a whole phone number once, with a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.core import crypto, phones
from huiyin.core.copying import copy_rows
from huiyin.core.errors import Invalid, Refused
from huiyin.core.pinyin import search_columns
from huiyin.core.punctuation import explained, listed, sentences
from huiyin.customers import declared, queries
from huiyin.customers.models import Contact, Customer
from huiyin.customers.querysets import PHONE
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Target
from huiyin.ledger.services import NewFact, NewTarget
from huiyin.records.answers import read_fields

NUMBER_LENGTH = 80
REVEALS_PER_HOUR = 30
REVEALED = "phone.revealed"


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person to call; ``phone`` in any usual spelling, or empty where none is known.

    ``unchecked``: what is no number is kept as it is written, until somebody puts it right.
    """

    phone: str
    relation: str = ""
    name: str = ""
    unchecked: bool = False

    @property
    def number(self) -> str:
        try:
            return phones.normalize(self.phone) if self.phone else ""
        except phones.NotAPhone:
            return self.phone

    @property
    def index(self) -> str:
        """By which the number is found, and told apart within a customer.

        Who has none is told apart by what he is called: no search asks for that.
        """
        return crypto.blind_index(PHONE, self.number or f"{self.relation}\n{self.name}")


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be registered, in a unit, entrusted to a person if ``owner_id`` says so.

    ``fields`` by key, as text or typed; ``registered_at`` where he is one since an earlier moment;
    ``source``: the batch and row of an import.
    """

    number: str
    customer_class: str
    name: str = ""
    unit_id: int | None = None
    owner_id: int | None = None
    contacts: Sequence[NewContact] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    registered_at: datetime | None = None
    source: str | None = None


@transaction.atomic
def register_customers(
    rows: Sequence[NewCustomer], *, by: int | None, now: datetime, live: bool = True
) -> dict[str, int]:
    """Register customers, all or none; number → target id, in the order of ``rows``.

    States ``customer.registered`` for each. Raises Invalid; its keys are positions in ``rows``.
    """
    fields = _checked(rows)
    ids = ledger.create_targets(
        [NewTarget("customer", row.number, row.unit_id, row.owner_id) for row in rows]
    )
    copy_rows(
        Customer,
        [
            "target_id",
            "number",
            "name",
            "customer_class",
            "fields",
            "registered_at",
            "initials",
            "pinyin",
        ],
        (
            (
                id,
                row.number,
                row.name,
                row.customer_class,
                values,
                row.registered_at or now,
                *spelling(row.number, row.name),
            )
            for id, row, values in zip(ids, rows, fields, strict=True)
        ),
    )
    contacts = zip(ids, (row.contacts for row in rows), strict=True)
    copy_rows(Contact, CONTACT_COLUMNS, contact_rows(contacts))
    ledger.record(
        [
            NewFact(
                "customer.registered", id, by, by,
                happened_at=row.registered_at or now, known_at=row.registered_at or now,
                values=declared.values(row.customer_class, typed), live=live, source=row.source,
            )
            for id, row, typed in zip(ids, rows, fields, strict=True)
        ],
        now=now,
    )  # fmt: skip
    return {row.number: id for id, row in zip(ids, rows, strict=True)}


def spelling(number: str, name: str) -> tuple[str, str]:
    """``initials`` and ``pinyin`` of a customer; whoever writes number or name writes them too."""
    return search_columns(name or number)


@transaction.atomic
def reveal_phone(contact: Contact, *, by: int, now: datetime, reason: str = "") -> str:
    """The whole number, once; states ``phone.revealed`` about the customer.

    Raises Refused after 30 within an hour: more is not calling, it is copying the list.
    """
    with connection.cursor() as cursor:
        # Two at once would both count 29; the lock is the person's, so nobody else waits.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [REVEALED, by])
    recent = Fact.objects.filter(kind=REVEALED, happened_at__gt=now - timedelta(hours=1), by=by)
    if recent.count() >= REVEALS_PER_HOUR:
        raise Refused(
            [],
            _("一小时内最多查看 %(most)s 个完整号码，请稍后再看。") % {"most": REVEALS_PER_HOUR},
            rule=REVEALED,
        )
    fact = NewFact(
        REVEALED, contact.customer_id, by, by, happened_at=now, known_at=now,
        values={"contact.id": contact.pk}, note=reason.strip(),
    )  # fmt: skip
    ledger.record([fact], now=now)
    return str(contact.phone)


@transaction.atomic
def hand_over(person: int, *, to: int, by: int | None, now: datetime) -> int:
    """Everything entrusted to a person as customer passes to another; returns how many.

    States ``customer.handed_over`` for each.
    """
    owned = list(
        Target.objects.of_kind("customer").filter(owner=person).values_list("pk", flat=True)
    )
    Target.objects.filter(pk__in=owned).update(owner=to)
    facts = [
        NewFact(
            "customer.handed_over", id, by, by, happened_at=now, known_at=now,
            values={"customer.owner": to, "customer.former_owner": person},
        )
        for id in owned
    ]  # fmt: skip
    ledger.record(facts, now=now)
    return len(owned)


CONTACT_COLUMNS = (
    "customer_id", "relation", "name", "phone", "phone_index", "phone_masked", "phone_tail",
)  # fmt: skip


def contact_rows(
    given: Iterable[tuple[int, Sequence[NewContact]]],
) -> Iterator[tuple[int, str, str, str, str, str, str]]:
    """What is written of contacts, customer by customer."""
    for id, contacts in given:
        for contact in contacts:
            number = contact.number
            yield (
                id,
                contact.relation,
                contact.name,
                number,
                contact.index,
                phones.mask(number),
                phones.tail(number),
            )


def _checked(rows: Sequence[NewCustomer]) -> list[dict[str, Any]]:
    """The typed fields of every row. Raises Invalid by position."""
    errors: dict[str, list[str]] = {}
    numbers = [row.number for row in rows]
    used = queries.numbers_taken(numbers) | {n for n, c in Counter(numbers).items() if c > 1}
    classes, fields = queries.classes(), declared.fields()
    read = read_fields(fields, [row.fields for row in rows], zone=zone())
    for position, (row, (_values, wrong)) in enumerate(zip(rows, read, strict=True)):
        messages = [*_wrong(row, classes), *([taken(row.number)] if row.number in used else [])]
        messages += [
            explained(declared.title(fields, name), sentences(said)) for name, said in wrong.items()
        ]
        if messages:
            errors[str(position)] = messages
    if errors:
        raise Invalid(errors)
    return [values for values, _wrong_ones in read]


def taken(number: str, place: str = "") -> str:
    """``place``: where the customer that has the number is, if that is known."""
    if not place:
        return _("客户编号“%(number)s”已有或重复。") % {"number": number}
    said = _(
        "客户编号“%(number)s”已是 %(place)s 的一户。"
        "两个小区有相同房号时，请在编号前加小区名，例如“小区名-%(number)s”。"
    )
    return said % {"number": number, "place": place}


def is_number(text: str) -> bool:
    return bool(text.strip()) and len(text) <= NUMBER_LENGTH


def wrong_number() -> str:
    return _("客户编号须有 1 至 %(most)s 个字。") % {"most": NUMBER_LENGTH}


def _wrong(row: NewCustomer, classes: dict[str, str]) -> list[str]:
    messages = []
    if not is_number(row.number):
        messages.append(wrong_number())
    if classes and row.customer_class not in classes:
        messages.append(
            _("没有“%(given)s”这个客户类别，可用：%(known)s。")
            % {"given": row.customer_class, "known": listed(classes)}
        )
    messages += [
        _("“%(phone)s”不是一个电话号码。") % {"phone": contact.phone}
        for contact in row.contacts
        if contact.phone and not contact.unchecked and not phones.is_phone(contact.phone)
    ]
    return messages
