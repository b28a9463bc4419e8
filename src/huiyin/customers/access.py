"""Customers and contacts that a viewer may see, or 404."""

from __future__ import annotations

from huiyin.accounts.abilities import Whole, may_keep, may_lead, may_reveal
from huiyin.accounts.models import Unit
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Forbidden, NotFound
from huiyin.customers.consent import KINDS
from huiyin.customers.models import Contact, Customer
from huiyin.ledger.models import Fact


def for_reading(viewer: Viewer, customer_id: int) -> Customer:
    """The customer, or NotFound: whoever may not see it does not learn that it exists."""
    found = (
        Customer.objects.visible_to(viewer).select_related("target__unit").filter(pk=customer_id)
    )
    if customer := found.first():
        return customer
    raise NotFound


def for_changing(viewer: Viewer, customer_id: int) -> Customer:
    """The customer for who heads its unit or is its front desk; NotFound, Forbidden."""
    customer = for_reading(viewer, customer_id)
    if not may_keep(viewer, customer.target):
        raise Forbidden
    return customer


def may_enter(viewer: Viewer) -> bool:
    """Whether there is a part of the firm whose customers the viewer keeps."""
    return viewer.all or bool(viewer.unit_ids)


def require_entering(viewer: Viewer) -> None:
    """Raises Forbidden for who keeps no customers."""
    if not may_enter(viewer):
        raise Forbidden


def units_for_entering(viewer: Viewer) -> list[Unit]:
    """The units whose customers the viewer keeps, from the top down; one statement."""
    units = Unit.objects.visible_to(viewer).order_by("path")
    return [unit for unit in units if may_keep(viewer, Whole(unit.pk))]


def statement_for_voiding(viewer: Viewer, customer_id: int, fact_id: int) -> Fact:
    """What the customer said, for who took it down or who heads the unit; NotFound, Forbidden."""
    customer = for_reading(viewer, customer_id)
    rows = Fact.objects.standing().filter(kind__in=KINDS, target=customer.pk)
    statement = rows.filter(pk=fact_id).first()
    if statement is None:
        raise NotFound
    if not may_void(viewer, customer, statement):
        raise Forbidden
    return statement


def may_void(viewer: Viewer, customer: Customer, statement: Fact) -> bool:
    mine = viewer.person_id is not None and statement.recorded_by_id == viewer.person_id
    return mine or may_lead(viewer, customer.target)


def contact_for_revealing(viewer: Viewer, contact_id: int) -> Contact:
    """A contact whose whole number may be shown; raises NotFound, Forbidden."""
    contact = contact_for_reading(viewer, contact_id)
    if not contact.phone_masked:
        raise NotFound
    if not may_reveal(viewer, contact.customer.target):
        raise Forbidden
    return contact


def contact_for_reading(viewer: Viewer, contact_id: int) -> Contact:
    """A contact of a customer that may be seen, or NotFound."""
    seen = Contact.objects.visible_to(viewer).select_related("customer__target")
    if contact := seen.filter(pk=contact_id).first():
        return contact
    raise NotFound
