"""Reads of customers across tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import get_language

from huiyin.accounts import named
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoption
from huiyin.core import phones
from huiyin.customers.models import Contact, Customer
from huiyin.ledger.models import Target


def numbers_taken(numbers: Collection[str]) -> set[str]:
    """Which of these numbers a customer has already."""
    return set(Customer.objects.filter(number__in=numbers).values_list("number", flat=True))


def with_number(number: str) -> Customer | None:
    """The one that has this number, whoever may see it."""
    return Customer.objects.filter(number=number).select_related("target").first()


def places(customers: Iterable[Customer]) -> dict[str, str]:
    """Number → where that customer is (`阳光花园/一区`), of those that are in a unit."""
    units = {each.number: each.target.unit_id for each in customers if each.target.unit_id}
    paths = named.paths_of(set(units.values())) if units else {}
    return {number: paths[unit] for number, unit in units.items()}


def classes() -> dict[str, str]:
    """The customer classes of the policies in force: key → title."""
    language = get_language() or "zh"
    return {
        key: title.say(language)
        for _adoption, pack in adoption.current()
        for key, title in pack.policy.customers.classes.items()
    }


def tracked() -> dict[str, str]:
    """The kinds of things that policies in force track, most of them a customer's: key → title."""
    language = get_language() or "zh"
    return {
        key: subject.title.say(language)
        for _adoption, pack in adoption.current()
        for key, subject in pack.policy.subjects.items()
    }


def visited_at_home() -> bool:
    """Whether a policy in force has a record for visits to the customer itself."""
    return any(
        "customer" in form.about
        for _adoption, pack in adoption.current()
        for form in pack.policy.forms.values()
    )


def everything_about(customer: Customer) -> list[int]:
    """The customer and all targets that belong to it, in one statement."""
    behind = Target.objects.filter(of_customer=customer.pk).order_by("pk")
    return [customer.pk, *behind.values_list("pk", flat=True)]


def contacts_of(customers: Collection[Customer]) -> dict[int, list[Contact]]:
    """Those with a phone by customer, without opening a single encrypted column; one statement."""
    found: dict[int, list[Contact]] = defaultdict(list)
    masked = Contact.objects.filter(customer__in=customers).exclude(phone_masked="")
    for contact in masked.defer("name", "phone").order_by("pk"):
        found[contact.customer_id].append(contact)
    return found


def in_doubt(contacts: Iterable[Contact]) -> set[int]:
    """Ids of those whose number is none; only what is no mobile by its mask is opened.

    One statement, none where all are mobiles.
    """
    asked = [each.pk for each in contacts if not phones.shows_mobile(each.phone_masked)]
    opened = Contact.objects.filter(pk__in=asked).only("phone") if asked else ()
    return {each.pk for each in opened if each.in_doubt}


def reached(customer_id: int | None, viewer: Viewer) -> dict[str, Any]:
    """Whom one talks to at a customer: ``contacts``, their phones masked.

    ``customer`` and the contacts' names are for who may open the customer's page; else it is None.
    """
    seen = Customer.objects.visible_to(viewer).filter(pk=customer_id).first()
    rows = Contact.objects.filter(customer=customer_id).select_related("customer")
    contacts = rows.defer("phone").order_by("pk")
    return {"customer": seen, "contacts": contacts if seen else contacts.defer("name")}
