"""What is tracked: a list per kind, one subject, what happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.accounts.abilities import may_see
from huiyin.accounts.visibility import Viewer
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid
from huiyin.core.words import add_wrong
from huiyin.customers.access import for_reading as customer_for_reading
from huiyin.customers.finding import find
from huiyin.customers.queries import visited_at_home
from huiyin.obligations import queries as obligations
from huiyin.obligations.questions import undecided
from huiyin.records import backdating
from huiyin.records import queries as records
from huiyin.records.timeline import events
from huiyin.subjects import access, declared, duties, holders, queries, services
from huiyin.subjects.declared import Kind
from huiyin.subjects.forms import EventForm, VoidForm
from huiyin.subjects.holders import Offered
from huiyin.subjects.learning import Learning
from huiyin.subjects.listing import FOLLOWUP, FOR, SubjectList
from huiyin.subjects.models import Subject
from huiyin.subjects.registering import Registration
from huiyin.ui import lists
from huiyin.ui.flash import saved

RECORDS = 20


@require_GET
def list_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Subjects of a kind, searched, filtered and sorted as the address says.

    Who is to pick one where he sees none picks a customer, if those are visited at home.
    """
    declaration = declared.kind_of(kind)
    picking = request.GET.get(FOR) == FOLLOWUP
    if picking and len(request.GET) == 1 and _leads_on(request.viewer, kind):
        none = _("还没有可以回访的%(kind)s：请先登记，或选一户记其他回访。")
        messages.info(request, none % {"kind": declaration.title})
        return redirect("customers:list")
    listing = SubjectList(request.viewer, clock.now(), declaration, picking)
    return lists.list_page(request, listing)


def _leads_on(viewer: Viewer, kind: str) -> bool:
    return visited_at_home() and not Subject.objects.visible_to(viewer).of_kind(kind).exists()


@require_GET
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """登记: first, whose it is."""
    declaration = declared.kind_of(kind)
    found = find(
        request.viewer,
        request.GET.get("q", ""),
        onwards=lambda customer: reverse("subjects:register", args=[kind, customer]),
    )
    context = found | {
        "title": _("登记%(kind)s") % {"kind": declaration.title},
        "words": _("先找它所属单位里的任意一户，登记后归这个单位")
        if declared.is_of_a_unit(kind)
        else _("先找到是哪一户"),
        "list_url": reverse("subjects:list", args=[kind]),
        "list_label": declaration.many,
    }
    return render(request, "customers/find.html", context)


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, kind: str, customer_id: int) -> HttpResponse:
    """登记: what it is, of a customer that was found."""
    customer = customer_for_reading(request.viewer, customer_id)
    now, errors = clock.now(), {}
    form = Registration(declared.kind_of(kind), customer, request.POST.dict())
    if request.method == "POST":
        try:
            made = form.register(by=request.person.pk, now=now)
        except Invalid as error:
            errors = error.errors
        else:
            saved(request, _("已登记。"))
            return redirect("subjects:page", kind=kind, subject_id=made)
    context = {
        "kind": form.kind,
        "customer": customer,
        "controls": form.controls(errors, now=now),
        "errors": errors,
        "labels": form.labels,
    }
    return render(request, "subjects/register.html", context, status=422 if errors else 200)


@require_GET
def page(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    """One subject: its fields, what is owed about it, its records, what happened to it."""
    return _page(request, access.for_reading(request.viewer, kind, subject_id))


def _page(
    request: HttpRequest,
    subject: Subject,
    *,
    status: int = 200,
    event_form: EventForm | None = None,
    void_form: VoidForm | None = None,
    voiding: int = 0,
) -> HttpResponse:
    """The page; a form that was refused is shown as it was sent, ``voiding`` what it takes back."""
    kind, now = subject.kind, clock.now()
    declaration = declared.kind_of(kind)
    facts = access.history_of(request.viewer, subject, request.GET.get("after", ""))
    about = records.about(request.viewer, subject.pk).select_related("adoption")
    owed = duties.lines(obligations.about(subject.pk, request.viewer), now=now)
    context = {
        "subject": subject,
        "kind": declaration,
        "place": queries.place_of(subject),
        "state": declaration.event_title(subject.event) if subject.event else "",
        "lines": queries.field_lines(declaration, subject.fields),
        "sees_customer": subject.customer and may_see(request.viewer, subject.customer.target),
        "owed": owed,
        "undecided": undecided(subject.pk),
        "visit_url": next((line.action_url for line in owed if line.action_url), ""),
        "records": records.titles(list(about[:RECORDS])),
        "events": events(facts.items, main=subject.pk),
        "offered": _offered(declaration, subject, event_form, now=now),
        "voidable": access.voidable(request.viewer, subject, facts.items),
        "event_form": event_form,
        "void_form": void_form,
        "voiding": voiding,
        "newer": _link(facts.previous),
        "older": _link(facts.next),
    }
    return render(request, "subjects/page.html", context, status=status)


def _offered(
    kind: Kind, subject: Subject, form: EventForm | None, *, now: datetime
) -> list[dict[str, Any]]:
    """The events that may be recorded, each with the fields that may become known with it.

    What happened last has happened; to say it again is a correction, not a new event.
    """
    chosen = form.data.get("event") if form else None
    found = [
        (
            Learning(kind, event, subject.fields, form.data if form and event == chosen else {}),
            title,
        )
        for event, title in kind.events.items()
        if f"{subject.kind}.{event}" != subject.event
    ]
    asking = any(learning.asks_for_people for learning, _title in found)
    people = holders.offered(kind, subject.target.unit_id, at=now) if asking else Offered({}, {})
    wrong = form.wrong if form else {}
    return [
        {
            "event": learning.event,
            "title": title,
            "controls": learning.controls(wrong, offered=people),
            "labels": learning.labels,
            "told": bool(learning.given()),
        }
        for learning, title in found
    ]


@require_POST
def event(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    """Record that something happened to it."""
    subject = access.for_reading(request.viewer, kind, subject_id)
    now, me = clock.now(), request.person.pk
    form = EventForm(request.POST, subject=subject, now=now)
    named = request.POST.get("event", "")
    learning = Learning(declared.kind_of(kind), named, subject.fields, request.POST)
    form.wrong = learning.wrong(subject.target.unit_id)
    if form.wrong or not form.is_valid():
        return _page(request, subject, status=422, event_form=form)
    told = form.cleaned_data
    try:
        fact = services.record_event(
            subject,
            told["event"],
            happened_at=told["happened_at"],
            known_at=told["known_at"],
            by=me,
            recorded_by=me,
            values=learning.given(),
            note=backdating.said(form.reason),
            now=now,
        )
    except (Invalid, Conflict) as error:
        add_wrong(form, error)
        return _page(request, subject, status=error.status, event_form=form)
    if why := duties.nothing_opened(fact, zone=timezone.get_current_timezone()):
        messages.warning(request, why)
    return _back(request, subject)


@require_POST
def void(request: HttpRequest, kind: str, subject_id: int, fact_id: int) -> HttpResponse:
    """Take an event back, with a reason."""
    fact = access.event_for_writing(request.viewer, kind, subject_id, fact_id)
    form = VoidForm(request.POST)
    if not form.is_valid():
        subject = access.for_reading(request.viewer, kind, subject_id)
        return _page(request, subject, status=422, void_form=form, voiding=fact_id)
    services.void_event(
        fact, by=request.person.pk, reason=form.cleaned_data["reason"], now=clock.now()
    )
    saved(request, _("已撤销。"))
    return redirect("subjects:page", kind=kind, subject_id=subject_id)


def _back(request: HttpRequest, subject: Subject) -> HttpResponse:
    saved(request, _("已登记。"))
    return redirect("subjects:page", kind=subject.kind, subject_id=subject.pk)


def _link(cursor: str) -> str:
    """The address of a neighbouring page; empty at the ends."""
    return f"?{urlencode({'after': cursor})}" if cursor else ""
