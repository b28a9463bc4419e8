"""The list of customers, one customer, entered and mended, its consents, a whole number shown once."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.accounts.abilities import may_keep
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid
from huiyin.core.pages import Page
from huiyin.customers import (
    access,
    changing,
    consent,
    consent_page,
    consenting,
    forms,
    queries,
    services,
)
from huiyin.customers.entry import Entry
from huiyin.customers.listing import CustomerList
from huiyin.ledger.queries import timeline
from huiyin.records.timeline import events
from huiyin.ui import fields, lists
from huiyin.ui.flash import saved


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
        "may_change": may_keep(request.viewer, customer.target),
        "visited": queries.visited_at_home(),
        "tracked": queries.tracked(),
        "standings": consent_page.summary(consent.statements(customer.pk)),
        "events": events(facts.items, main=customer.pk),
        "newer": _link(here, facts.previous),
        "older": _link(here, facts.next),
    }
    return render(request, "customers/page.html", context)


DRAFT = "customer-new"


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """新增客户: one that no table brings, by hand."""
    access.require_entering(request.viewer)
    entry = Entry(request.viewer, _begun(request), clock.now())
    if request.method == "GET":
        return _entry(request, entry)
    try:
        made = changing.enter(entry.wanted(), **_who(request))
    except Invalid as error:
        return _entry(request, entry, error)
    saved(request, _("已登记。"), draft=DRAFT)
    return redirect("customers:page", customer_id=made)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, customer_id: int) -> HttpResponse:
    """更改: what it is, where it belongs, who is to be reached there."""
    customer = access.for_changing(request.viewer, customer_id)
    entry = Entry(request.viewer, request.POST.dict(), clock.now(), customer)
    if request.method == "GET":
        return _entry(request, entry)
    try:
        changed = changing.change(customer.pk, entry.wanted(), seen=entry.seen, **_who(request))
    except Invalid as error:
        return _entry(request, entry, error)
    except Conflict as error:
        # What he wrote stays; beside it stands what somebody else has written meanwhile.
        there = access.for_changing(request.viewer, customer_id)
        return _entry(request, replace(entry, customer=there, again=True), error)
    saved(request, _("已更改。") if changed else _("没有改动。"))
    return redirect("customers:page", customer_id=customer.pk)


def _begun(request: HttpRequest) -> dict[str, str]:
    """What was sent; or what was looked for and not found, to begin with."""
    if request.method == "POST":
        return request.POST.dict()
    found = {
        "number": request.GET.get("number", ""),
        "contact-1-phone": request.GET.get("phone", ""),
    }
    return {name: text[:80] for name, text in found.items() if text}


def _who(request: Any) -> dict[str, Any]:
    return {"viewer": request.viewer, "by": request.person.pk, "now": clock.now()}


def _entry(
    request: HttpRequest, entry: Entry, error: Invalid | Conflict | None = None
) -> HttpResponse:
    errors = error.errors if isinstance(error, Invalid) else {}
    context = entry.context(errors) | {
        "draft": DRAFT,
        "refusal": error.message if isinstance(error, Conflict) else "",
    }
    return render(request, "customers/entry.html", context, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def consents(request: HttpRequest, customer_id: int) -> HttpResponse:
    """同意: how every channel and purpose stands, all that was said, and a form for what is new."""
    customer = access.for_reading(request.viewer, customer_id)
    now, status, errors = clock.now(), 200, {}
    if request.method == "POST":
        try:
            said = forms.statement(request.POST, zone=timezone.get_current_timezone(), now=now)
            key = request.POST.get("key", "")[:100]
            consenting.state(customer, said, by=request.person.pk, now=now, key=key)
        except Invalid as invalid:
            status, errors = invalid.status, invalid.errors
        else:
            saved(request, _("已登记，从现在起生效。"))
            return redirect("customers:consents", customer_id=customer.pk)
    contacts = [
        (each.pk, each.relation_words or each.name_masked) for each in customer.contacts.all()
    ]
    context = consent_page.whole(customer, viewer=request.viewer) | {
        "key": request.POST.get("key", "") or secrets.token_urlsafe(24),
        "controls": forms.controls(request.POST, errors, contacts),
        "entries": fields.summary(errors, forms.labels()),
    }
    return render(request, "customers/consents.html", context, status=status)


@require_POST
def consent_void(request: HttpRequest, customer_id: int, fact_id: int) -> HttpResponse:
    """What was taken down wrongly no longer counts."""
    statement = access.statement_for_voiding(request.viewer, customer_id, fact_id)
    reason = request.POST.get("reason", "")
    consenting.take_back(statement, by=request.person.pk, reason=reason, now=clock.now())
    saved(request, _("已撤销。"))
    return redirect("customers:consents", customer_id=customer_id)


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
