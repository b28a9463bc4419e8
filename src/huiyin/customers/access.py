"""Customers and contacts that a viewer may see, or 404."""

from __future__ import annotations

from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import NotFound
from huiyin.customers.models import Contact, Customer


def for_reading(viewer: Viewer, customer_id: int) -> Customer:
    """The customer, or NotFound: whoever may not see it does not learn that it exists."""
    found = (
        Customer.objects.visible_to(viewer).select_related("target__unit").filter(pk=customer_id)
    )
    if customer := found.first():
        return customer
    raise NotFound


def contact_for_reading(viewer: Viewer, contact_id: int) -> Contact:
    """A contact of a customer that may be seen, or NotFound."""
    if contact := Contact.objects.visible_to(viewer).filter(pk=contact_id).first():
        return contact
    raise NotFound
