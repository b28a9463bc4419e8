"""A customer is entered by hand, or mended: one function, one transaction, and what it states.

Rules read the facts, and people their customers: a fact names what was changed and carries typed
values; names and numbers of people stay where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import Whole, may_keep
from huiyin.accounts.queries import zone
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.core.words import require_reason, wrong_words
from huiyin.customers import declared, queries, services, zones
from huiyin.customers.contacting import ContactChanges, WantedContact, wrong_contacts
from huiyin.customers.entrusting import entrusted
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NewContact, NewCustomer
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Target
from huiyin.ledger.services import VOIDED, NewFact
from huiyin.obligations import assigning
from huiyin.obligations.services import reseat_about
from huiyin.records.answers import read_fields

NAME = 80
"""Characters of a customer's name."""

PREFIX = "f-"
"""Before a pack's field in a form, so that none can be taken for a word of ours."""

ABOUT = (
    "customer.registered", "customer.supplemented", "customer.changed", "customer.moved",
    "customer.handed_over",
)  # fmt: skip
"""What is stated whenever something of a customer itself is written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A customer as it is to be. ``fields`` by key, as text, of those that ``offered`` names.

    Without an owner it is the one officer's of its zone.
    """

    number: str
    customer_class: str
    name: str = ""
    unit_id: int | None = None
    owner_id: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    contacts: Sequence[WantedContact] = ()
    reason: str = ""


@transaction.atomic
def enter(wanted: Wanted, *, viewer: Viewer, by: int, now: datetime) -> int:
    """Register one customer, live: it gets its rounds like an imported one. Its target id.

    Raises Invalid by field, Forbidden for a unit whose customers the viewer does not keep.
    """
    _require_kept(viewer, wanted.unit_id)
    typed = _checked(wanted, {}, but=None)
    contacts = [NewContact(each.phone, each.relation, each.name) for each in wanted.contacts]
    row = NewCustomer(
        wanted.number, wanted.customer_class, wanted.name, wanted.unit_id, wanted.owner_id,
        contacts, typed,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made = services.register_customers(entrusted([row], now=now), by=by, now=now)
    except IntegrityError as error:
        # Somebody else, or an import, has taken the number since we looked.
        raise Invalid({"number": [services.taken(wanted.number)]}) from error
    except Invalid as error:
        # What only an import can fill is missing: it has no place in the form.
        raise Invalid({"": [text for said in error.errors.values() for text in said]}) from error
    return made[wanted.number]


def version(customer_id: int) -> int:
    """Grows with everything that is written of the customer itself: what a form was made from."""
    own = Q(kind__in=ABOUT) | Q(kind=VOIDED, voids__kind__in=ABOUT)
    found = Fact.objects.filter(own, target=customer_id).aggregate(last=Max("pk"))
    return int(found["last"] or 0)


@transaction.atomic
def change(
    customer_id: int, wanted: Wanted, *, seen: int, viewer: Viewer, by: int, now: datetime
) -> bool:
    """Write what differs from what is there; whether anything did.

    States ``customer.changed`` for what it is, ``customer.moved`` for its unit and
    ``customer.handed_over`` for its owner. Open work goes on; what a role owes about it, or its
    owner as such, passes to who is that now. Raises Conflict when something was written since
    ``seen``, Invalid by field, Forbidden for a unit whose customers the viewer does not keep.
    """
    customer = _locked(customer_id)
    if version(customer.pk) != seen:
        raise Conflict(_("这户的资料刚刚被别人改过。请核对现在的内容，再保存一次。"))
    target = customer.target
    if wanted.unit_id != target.unit_id:
        _require_kept(viewer, wanted.unit_id)
    kept = {contact.pk: contact for contact in customer.contacts.all()}
    typed = _checked(wanted, kept, but=customer)
    wanted = _with_owner(wanted, target, now=now)
    fields = _merged(customer.fields, wanted.fields, typed)
    names = _changed(customer, wanted, fields)
    people = ContactChanges.of(wanted.contacts, kept)
    moved, handed = wanted.unit_id != target.unit_id, wanted.owner_id != target.owner_id
    if not (names or people or moved or handed):
        return False
    reason = _reason(customer, wanted, names)
    facts = _facts(customer, wanted, fields, names, people)
    former = target.owner_id
    _write(customer, wanted, fields)
    people.write(customer.pk)
    ledger.record(
        [
            NewFact(kind, customer.pk, by, by, happened_at=now, known_at=now,
                    values=values, note=reason)
            for kind, values in facts
        ],
        now=now,
    )  # fmt: skip
    if moved:
        reseat_about(customer.pk, now=now)
    if handed:
        assigning.follow_owner(customer.pk, former=former, to=wanted.owner_id, by=by, now=now)
    return True


def _locked(customer_id: int) -> Customer:
    rows = Customer.objects.select_related("target").select_for_update(
        of=("self", "target"), no_key=True
    )
    return rows.get(pk=customer_id)


def _require_kept(viewer: Viewer, unit_id: int | None) -> None:
    if not may_keep(viewer, Whole(unit_id)):
        raise Forbidden(_("只能把客户放在本人管辖的单位里。"))


def _with_owner(wanted: Wanted, target: Target, *, now: datetime) -> Wanted:
    """With the officer of the zone as owner where nobody was named."""
    row = NewCustomer("", "", unit_id=wanted.unit_id, owner_id=wanted.owner_id)
    [owned] = entrusted([row], now=now)
    return Wanted(
        wanted.number, wanted.customer_class, wanted.name, wanted.unit_id, owned.owner_id,
        wanted.fields, wanted.contacts, wanted.reason,
    )  # fmt: skip


def _merged(
    before: Mapping[str, Any], offered: Collection[str], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """What no form shows stays; of the rest what was left empty goes."""
    others = {name: value for name, value in before.items() if name not in offered}
    return others | {name: value for name, value in typed.items() if value is not None}


def _changed(customer: Customer, wanted: Wanted, fields: Mapping[str, Any]) -> list[str]:
    own = {
        "number": (customer.number, wanted.number),
        "name": (customer.name, wanted.name),
        "class": (customer.customer_class, wanted.customer_class),
    }
    return [name for name, (was, is_now) in own.items() if was != is_now] + [
        f"customer.{name}"
        for name in sorted({*customer.fields, *fields})
        if customer.fields.get(name) != fields.get(name)
    ]


def _reason(customer: Customer, wanted: Wanted, names: Collection[str]) -> str:
    """Why: asked for where others find it by another number, or somebody else is to visit it."""
    target = customer.target
    weighty = (
        {"number", "class"} & set(names)
        or target.unit_id not in (None, wanted.unit_id)
        or target.owner_id not in (None, wanted.owner_id)
    )
    if weighty:
        return require_reason(wanted.reason, missing=_("改编号、类别、所属或负责人，请写明原因。"))
    if wrong := wrong_words(wanted.reason):
        raise Invalid({"reason": wrong})
    return wanted.reason.strip()


def _facts(
    customer: Customer,
    wanted: Wanted,
    fields: Mapping[str, Any],
    names: Sequence[str],
    people: ContactChanges,
) -> list[tuple[str, dict[str, Any]]]:
    """Kind and values of each fact, before anything is written."""
    target, found = customer.target, []
    if names or people:
        values = declared.values(wanted.customer_class, fields)
        values["customer.changed"] = [*names, *(["contacts"] if people else [])]
        if "class" in names:
            values["customer.former_class"] = customer.customer_class
        found.append(("customer.changed", values | people.values))
    if wanted.unit_id != target.unit_id:
        moved = {"customer.unit": wanted.unit_id, "customer.former_unit": target.unit_id}
        found.append(("customer.moved", moved))
    if wanted.owner_id != target.owner_id:
        handed = {"customer.owner": wanted.owner_id, "customer.former_owner": target.owner_id}
        found.append(("customer.handed_over", handed))
    return found


def _write(customer: Customer, wanted: Wanted, fields: Mapping[str, Any]) -> None:
    initials, pinyin = services.spelling(wanted.number, wanted.name)
    try:
        with transaction.atomic():
            Customer.objects.filter(pk=customer.pk).update(
                number=wanted.number,
                name=wanted.name,
                customer_class=wanted.customer_class,
                fields=dict(fields),
                initials=initials,
                pinyin=pinyin,
            )
    except IntegrityError as error:
        raise Invalid({"number": [services.taken(wanted.number)]}) from error
    Target.objects.filter(pk=customer.pk).update(
        label=wanted.number, unit=wanted.unit_id, owner=wanted.owner_id
    )


def _checked(
    wanted: Wanted, kept: Mapping[int, Contact], *, but: Customer | None
) -> dict[str, Any]:
    """The typed values of the offered fields. Raises Invalid by field of the form."""
    fields = {name: spec for name, spec in declared.fields().items() if name in wanted.fields}
    [(typed, wrong)] = read_fields(fields, [wanted.fields], zone=zone())
    errors: dict[str, list[str]] = {PREFIX + name: said for name, said in wrong.items()}
    errors |= _wrong_self(wanted, but) | wrong_contacts(wanted.contacts, kept)
    if errors:
        raise Invalid(errors)
    return dict(typed)


def _wrong_self(wanted: Wanted, but: Customer | None) -> dict[str, list[str]]:
    errors = {}
    is_other = but is None or wanted.number != but.number
    if not services.is_number(wanted.number):
        errors["number"] = [services.wrong_number()]
    elif wrong := wrong_words(wanted.number, most=services.NUMBER_LENGTH):
        errors["number"] = wrong
    elif is_other and (other := queries.with_number(wanted.number)):
        place = queries.places([other]).get(wanted.number, "")
        errors["number"] = [services.taken(wanted.number, place)]
    if wrong := wrong_words(wanted.name, most=NAME):
        errors["name"] = wrong
    is_known = wanted.customer_class in queries.classes()
    if not is_known and (but is None or wanted.customer_class != but.customer_class):
        errors["class"] = [_("请选择客户类别。")]
    if not _has_an_officer(wanted.unit_id):
        errors["unit"] = [_("请选择下级单位：不属于任何下级单位的客户，没有人负责回访。")]
    return errors


def _has_an_officer(unit_id: int | None) -> bool:
    """Where a policy has one officer a zone: in a zone, or in any unit while there is no zone."""
    kinds = zones.kinds()
    if not kinds:
        return True
    inside = zones.inside(kinds)
    return unit_id is not None and (not inside or unit_id in inside)
