"""The list of customers, one customer, and the logged look at a whole number."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huiyin.core import clock
from huiyin.core.pages import Page
from huiyin.customers import access, queries, services
from huiyin.customers.listing import CustomerList
from huiyin.ledger.queries import timeline
from huiyin.records.timeline import events
from huiyin.ui import lists


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Customers, searched, filtered and sorted as the address says."""
    return lists.list_page(request, CustomerList(request.viewer, clock.now()))


@require_GET
def page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer: how to reach it, and everything that happened with it, newest first."""
    customer = access.for_reading(request.viewer, customer_id)
    facts: Page = timeline(
        queries.everything_about(customer), request.viewer, request.GET.get("after", "")
    )
    here = reverse("customers:page", args=[customer.pk])
    context = {
        "customer": customer,
        "class_title": queries.classes().get(customer.customer_class, customer.customer_class),
        "contacts": customer.contacts.defer("phone").order_by("pk"),
        "visited": queries.visited_at_home(),
        "events": events(facts.items, main=customer.pk),
        "newer": _link(here, facts.previous),
        "older": _link(here, facts.next),
    }
    return render(request, "customers/page.html", context)


@never_cache
@require_POST
def reveal(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show a whole number once; that it was shown, and to whom, is in the ledger."""
    contact = access.contact_for_revealing(request.viewer, contact_id)
    number = services.reveal_phone(
        contact,
        by=request.person.pk,
        reason=request.POST.get("reason", "")[:200],
        now=clock.now(),
    )
    context = {
        "masked": contact.phone_masked,
        "reveal_url": reverse("customers:reveal", args=[contact.pk]),
        "number": number,
        "name": contact.name,
        "customer": contact.customer,
    }
    name = "ui/_phone.html" if request.htmx else "customers/revealed.html"
    return render(request, name, context)


def _link(here: str, cursor: str) -> str:
    """The address of a neighbouring page; empty at the ends."""
    return f"{here}?{urlencode({'after': cursor})}" if cursor else ""
