"""Who can be reached at a customer, as a form has it: what is new, what differs, who goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huiyin.core import phones
from huiyin.core.copying import copy_rows
from huiyin.core.words import wrong_words
from huiyin.customers import services
from huiyin.customers.models import Contact
from huiyin.customers.services import NewContact

RELATION, NAME = 40, 40
"""Characters that each may have."""


@dataclass(frozen=True, slots=True)
class WantedContact:
    """A contact as it is to be: ``place`` names it in a form, ``id`` where it is there already.

    Of one that is there, an empty name or phone stays as it is; ``gone``: it is to be removed.
    """

    place: str
    relation: str = ""
    name: str = ""
    phone: str = ""
    id: int | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ContactChanges:
    """What becomes of the contacts: new ones, those that differ now, and ids of those removed."""

    new: Sequence[NewContact]
    changed: Mapping[int, NewContact]
    gone: Sequence[int]

    @classmethod
    def of(cls, wanted: Sequence[WantedContact], kept: Mapping[int, Contact]) -> ContactChanges:
        there = [each for each in wanted if each.id in kept]
        meant = {each.id: _meant(each, kept[each.id]) for each in there if each.id}
        return cls(
            new=[_new(each) for each in wanted if each.id is None],
            changed={
                id: contact
                for id, contact in meant.items()
                if contact is not None and _differs(contact, kept[id])
            },
            gone=[id for id, contact in meant.items() if contact is None],
        )

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)

    @property
    def values(self) -> dict[str, Any]:
        """Whom it concerns, by id: who that is stays with the contact."""
        told = {
            "contact.added": len(self.new),
            "contact.changed": sorted(self.changed),
            "contact.removed": sorted(self.gone),
        }
        return {name: value for name, value in told.items() if value}

    def write(self, customer_id: int) -> None:
        """Those that differ are written anew under their ids: so two may change numbers."""
        fresh = services.contact_rows([(customer_id, list(self.changed.values()))])
        again = list(zip(self.changed, fresh, strict=True))
        there = Contact.objects.filter(customer=customer_id)
        there.filter(pk__in=[*self.gone, *self.changed]).delete()
        columns = services.CONTACT_COLUMNS
        copy_rows(Contact, ("id", *columns), [(id, *row) for id, row in again])
        copy_rows(Contact, columns, services.contact_rows([(customer_id, self.new)]))


def _meant(person: WantedContact, kept: Contact) -> NewContact | None:
    """A contact that is there as it is to be; None for one that goes."""
    if person.gone:
        return None
    return NewContact(
        person.phone or str(kept.phone), person.relation, person.name or str(kept.name)
    )


def _differs(contact: NewContact, kept: Contact) -> bool:
    before = (kept.phone, kept.relation, kept.name)
    return (contact.number, contact.relation, contact.name) != before


def wrong_contacts(
    wanted: Sequence[WantedContact], kept: Mapping[int, Contact]
) -> dict[str, list[str]]:
    """What cannot be, by the field of the form in which it stands."""
    errors: dict[str, list[str]] = {}
    seen: set[str] = set()
    for person in wanted:
        if person.gone:
            continue
        if found := _wrong_words(person):
            errors |= found
            continue
        there = kept.get(person.id or 0)
        contact = _new(person) if there is None else _meant(person, there)
        if contact is not None and contact.index in seen:
            errors[f"{person.place}-phone"] = [_("这个联系人写了两次。")]
        elif contact is not None:
            seen.add(contact.index)
    return errors


def _wrong_words(person: WantedContact) -> dict[str, list[str]]:
    errors = {}
    if wrong := wrong_words(person.relation, most=RELATION):
        errors[f"{person.place}-relation"] = wrong
    if wrong := wrong_words(person.name, most=NAME):
        errors[f"{person.place}-name"] = wrong
    if person.phone and not phones.is_phone(person.phone):
        said = _("“%(phone)s”不是一个电话号码。") % {"phone": person.phone[:NAME]}
        errors[f"{person.place}-phone"] = [said]
    return errors


def _new(person: WantedContact) -> NewContact:
    return NewContact(person.phone, person.relation, person.name)
