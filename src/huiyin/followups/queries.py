"""Page-sized reads: what the workbench shows before a visit, and what came of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, QuerySet
from django.db.models.functions import JSONObject
from django.utils.formats import date_format
from django.utils.timezone import localtime

from huiyin.accounts.models import Person
from huiyin.accounts.posts import absent_behind
from huiyin.accounts.queries import holders, zone
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.cases.models import Case
from huiyin.core.errors import NotFound
from huiyin.core.pinyin import in_order
from huiyin.customers import consent
from huiyin.customers.models import Customer
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of, way_to, way_under
from huiyin.records.contacts import Purpose
from huiyin.records.models import Record
from huiyin.records.queries import Known, form_of, known, own_values
from huiyin.records.typed import said
from huiyin.subjects.models import Subject
from huiyin.ui.moments import day_words

ATTEMPTED = "case.revisit_attempted"
PAST = 3
"""How many earlier follow-ups of the customer the workbench shows."""


@dataclass(frozen=True)
class Matter:
    """What a follow-up is about: a subject or a customer, and the case when it is a re-visit."""

    target: Target
    subject: Subject | None
    customer: Customer | None
    case: Case | None

    @property
    def kind(self) -> str:
        """What forms name it by, whether or not a case of it is re-visited."""
        return self.subject.kind if self.subject else "customer"

    @property
    def customer_id(self) -> int | None:
        return self.customer.pk if self.customer else None

    @property
    def number(self) -> str:
        return (
            self.subject.number if self.subject else self.customer.number if self.customer else ""
        )


@dataclass(frozen=True)
class Past:
    """An earlier follow-up of the customer, in a line."""

    followup: Followup
    on: str
    by: str
    answers: Sequence[str]


def matter_of(target: Target) -> Matter:
    """The subject or the customer behind a target; raises NotFound where there is neither."""
    case = Case.objects.for_pages().filter(pk=target.pk).first()
    subject = (
        Subject.objects.select_related("customer__target", "target__unit")
        .filter(pk=case.subject_id if case else target.pk)
        .first()
    )
    if subject is not None:
        return Matter(target, subject, subject.customer, case)
    found = Customer.objects.filter(pk=case.customer_id if case else target.pk).first()
    if found is None:
        raise NotFound
    return Matter(target, None, found, case)


def owed_about(target: Target) -> list[Obligation]:
    """What waits about the target and is proven by a record of a follow-up; strictest first."""
    rows = (
        Obligation.objects.waiting()
        .about(target.pk)
        .select_related("adoption", "holder__as_person", "target")
        .order_by("due_at", "id")
    )
    return [row for row in rows if is_followup(row)]


@dataclass(frozen=True, slots=True)
class Before:
    """How it stands about a target when a follow-up of it is filed.

    ``began``: when that happened which it follows, None if nothing did; ``is_filed``: a record of
    the form is there; ``absent``: for whom each of those present may stand in.
    """

    known: Known
    began: datetime | None
    is_filed: bool
    absent: Mapping[int, list[int]]


def before(about: int, form: str, *, present: Collection[int], at: datetime) -> Before:
    """All that a filing goes by, in one statement. Raises DoesNotExist."""
    every = Obligation.objects.about(about).exclude(state=Obligation.State.VOIDED)
    # What a period asks for follows nothing.
    openers = every.filter(opener__isnull=False).values_list(
        JSONObject(
            version="adoption__policy_version", duty="duty", state="state",
            happened_at="opener__happened_at",
        )
    )  # fmt: skip
    found = known(
        about,
        openers=ArraySubquery(openers),
        is_filed=Exists(_filed(about, form)),
        absent=absent_behind(present, at),
    )
    absent: dict[int, list[int]] = {}
    for deputy, colleague in found.target.absent:
        absent.setdefault(deputy, []).append(colleague)
    return Before(found, _began(found.target.openers), found.target.is_filed, absent)


def _began(openers: Sequence[Mapping[str, Any]]) -> datetime | None:
    """The earliest opener of what still waits for a follow-up, else of whatever was owed."""
    waiting = [
        each
        for each in openers
        if each["state"] in ("open", "blocked")
        and way_under(each["version"], each["duty"]).followup_form
    ]
    moments = [datetime.fromisoformat(each["happened_at"]) for each in waiting or openers]
    return min(moments, default=None)


def form_for(matter: Matter, owed: Sequence[Obligation]) -> tuple[Adoption, Any]:
    """The form to fill in: what is owed asks for it, else the first that fits such a matter.

    Raises NotFound when no policy in force follows up such matters.
    """
    for row in owed:
        forms = adoptions.pack_of(row.adoption.policy_version_id).policy.forms
        return row.adoption, forms[way_of(row).followup_form]
    for adoption, pack in adoptions.current():
        for form in pack.policy.forms.values():
            # A paper of a case is about the case alone, never about what the case is about.
            if {matter.target.kind, matter.kind} <= set(form.about):
                return adoption, form
    raise NotFound


def is_followup(row: Obligation) -> bool:
    """Whether the duty is met by holding a follow-up."""
    return bool(way_of(row).followup_form)


def ruled_out(owed: Iterable[Obligation]) -> list[str]:
    """By which channels a follow-up would meet nothing of what is owed, in words."""
    ways = [way for row in owed if (way := way_of(row)).followup_form]
    if not ways:
        return []
    return [
        str(label)
        for channel, label in Followup.Channel.choices
        if all(way.channels and channel not in way.channels for way in ways)
    ]


def people_for(adoption: Adoption, form: Any, unit: int | None, *, at: datetime) -> dict[int, str]:
    """Who may take part: the holders of the roles whose duties this form proves, by name."""
    policy = adoptions.pack_of(adoption.policy_version_id).policy
    roles = {
        role
        for duty in policy.duties.values()
        if way_to(policy, duty).followup_form == form.key
        for role in duty.roles
    }
    positions = {adoption.role_map.get(role, role) for role in roles}
    found = {person for people in holders(positions, [unit], at).values() for person in people}
    return dict(in_order(Person.objects.filter(pk__in=found).values_list("pk", "name")))


def takes_part(viewer: Viewer) -> bool:
    """Whether following up is anything to him: it is owed by a role of his, or he oversees a unit.

    A policy that leaves open whose a follow-up is leaves it to everybody.
    """
    if viewer.all or viewer.unit_ids:
        return True
    asked = [
        {adoption.role_map.get(role, role) for role in duty.roles}
        for adoption, pack in adoptions.current()
        for duty in pack.policy.duties.values()
        if (way := way_to(pack.policy, duty)).followup_form or way.fact == "followup.held"
    ]
    return not asked or any(not roles or roles & viewer.positions for roles in asked)


def is_attempt(followup: Followup) -> bool:
    """Whether it was a re-visit in vain, so that the re-visit is owed still."""
    stated = Fact.objects.standing().filter(target=followup.about_id, kind=ATTEMPTED)
    return stated.filter(recorded_at=followup.record.recorded_at).exists()


def refused_channels(customer_id: int | None) -> list[str]:
    """By which channels the customer will not be followed up, in words."""
    if customer_id is None:
        return []
    return consent.refused_channels(consent.statements(customer_id), Purpose.FOLLOWUP)


def past_of(viewer: Viewer, customer_id: int | None) -> list[Past]:
    """The last follow-ups of the customer that the viewer may see, newest first."""
    rows = (
        Followup.objects.visible_to(viewer)
        .held()
        .of_customer(customer_id)
        .select_related("record__adoption", "record__by__as_person")
        .order_by("-held_at", "-pk")[:PAST]
    )
    return [
        Past(
            row,
            day_words(localtime(row.held_at).date()),
            row.record.by.as_person.name,
            _answers(row),
        )
        for row in rows
    ]


def _answers(followup: Followup) -> list[str]:
    """What was chosen, as words; texts stay on the record's own page."""
    form = form_of(followup.record)
    values = own_values(followup.record)
    return [
        said(field, values[key], {})
        for key, field in form.fields.items()
        if field.type in ("choice", "choice_ordered") and values.get(key)
    ]


def open_cases_of(viewer: Viewer, customer_id: int | None) -> list[Case]:
    """Open cases of the customer, the most urgent first."""
    if customer_id is None:
        return []
    rows = Case.objects.visible_to(viewer).open().filter(customer=customer_id)
    return list(rows.with_due().order_by("due", "pk")[:PAST])


def planned_about(target: Target) -> Followup | None:
    return Followup.objects.planned().filter(about=target.pk).select_related("planned_by").first()


def newest_filed(about: int, form: str) -> Record | None:
    """The newest record of a form about a target that was not taken back."""
    return _filed(about, form).select_related("by__as_person").order_by("-id").first()


def _filed(about: int, form: str) -> QuerySet[Record]:
    return Record.objects.standing().current().about(about).filter(form=form)


AGAIN_WITHIN = timedelta(days=1)
"""How soon after the last record of a form another one of it is meant to be confirmed."""


def is_again(filed: Record | None, *, now: datetime) -> bool:
    """Whether what was filed last is so new that another may be a mistake."""
    return filed is not None and now - filed.recorded_at < AGAIN_WITHIN


def filing_words(record: Record) -> dict[str, str]:
    """Number, by whom and when, for a sentence about a record."""
    return {
        "number": record.number,
        "who": record.by.as_person.name,
        "when": date_format(localtime(record.happened_at, zone()), "Y-m-d H:i"),
    }


def stood_for(followup: Followup) -> dict[int, int]:
    """For whom each deputy acted who took part, as the follow-up was stated."""
    facts = Fact.objects.standing().filter(target=followup.about_id, kind="followup.held")
    values = facts.filter(happened_at=followup.held_at).values_list("values", flat=True)
    pairs = (values.order_by("-id").first() or {}).get("followup.stands_for") or ()
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


@dataclass(frozen=True)
class Outcome:
    """What a follow-up met and what it opened."""

    met: Sequence[Obligation]
    opened: Sequence[Obligation]


def outcome_of(followup: Followup) -> Outcome:
    """Obligations settled and opened by the facts of this follow-up; all bear its moment of record."""
    rows = Obligation.objects.select_related("adoption", "holder__as_person", "target").order_by(
        "due_at", "id"
    )
    record = followup.record
    about = [followup.about_id, *followup.raised.values_list("pk", flat=True)]
    return Outcome(
        met=list(
            rows.filter(
                target=followup.about_id,
                settled_by__kind="record.filed",
                settled_by__recorded_at=record.recorded_at,
                state="done",
            )
        ),
        opened=list(rows.filter(target__in=about, opener__recorded_at=record.recorded_at)),
    )
