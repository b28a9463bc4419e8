"""Customers and their contacts as populations: what rules may ask of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from huiyin.customers.models import Contact, Customer
from huiyin.obligations.populations import Column, Population

COLUMNS = {
    "customer.class": Column("customer_class"),
    "customer.registered_on": Column("registered_at"),
    "target.owner": Column("target__owner"),
}


def _column(name: str) -> Column | None:
    kind, _, key = name.partition(".")
    return COLUMNS.get(name) or (Column("fields", key) if kind == "customer" else None)


def _contacts(kind: str, targets: Collection[int]) -> Mapping[int, list[Mapping[str, Any]]]:
    """Who can be reached, by his function; names and numbers stay where they are."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    rows = Contact.objects.filter(customer__in=targets)
    for customer, relation in rows.values_list("customer_id", "relation"):
        found[customer].append({"contact.function": relation})
    return found


CUSTOMERS = Population(
    rows=lambda kind: Customer.objects.all(), column=_column, joined="registered_at"
)
CONTACTS = Population(
    rows=lambda kind: Contact.objects.all(), column=lambda name: None, belonging=_contacts
)
