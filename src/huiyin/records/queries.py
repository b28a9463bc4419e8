"""Reads of records for pages and for acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoption
from huiyin.adoption.models import Party
from huiyin.ledger.models import Fact
from huiyin.obligations.recipients import is_sent
from huiyin.policy.schema import Form
from huiyin.records.links import clause_url, handover_url, review_url
from huiyin.records.models import Handover, Photo, Record, Signature
from huiyin.records.typed import people_in, said


def known_about(target_id: int) -> dict[str, Any]:
    """The typed values that the standing facts about a target state; later facts win.

    So a rule that guards a filing reads the same values that opened the duty.
    """
    known: dict[str, Any] = {}
    facts = Fact.objects.about([target_id]).standing().order_by("id")
    for values in facts.values_list("values", flat=True):
        known.update(values)
    known.pop("note", None)
    return known


def form_of(record: Record) -> Form:
    """The form as it was when the record was filed: open work keeps its version."""
    return adoption.pack_of(record.adoption.policy_version_id).policy.forms[record.form]


def own_values(record: Record) -> dict[str, Any]:
    """The record's typed values by field key, without the form's name before them."""
    prefix = f"{record.form}."
    return {name.removeprefix(prefix): value for name, value in record.values.items()}


def signed_fields(record: Record) -> list[str]:
    return list(record.signatures.values_list("field", flat=True))


def about(viewer: Viewer, *targets: int) -> QuerySet[Record]:
    """The newest version of each record about these targets, newest first."""
    return Record.objects.visible_to(viewer).current().about(*targets).order_by("-id")


def titles(records: Sequence[Record]) -> list[tuple[Record, str]]:
    """Each record with its form's title in the reader's language."""
    language = get_language() or "zh"
    return [(record, form_of(record).title.say(language)) for record in records]


def names(people: Sequence[int | None]) -> dict[int, str]:
    """Names of persons by target id, in one statement."""
    wanted = {person for person in people if person is not None}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))


@dataclass(frozen=True)
class Answer:
    """One field of a filed record as a page shows it; its clauses with their addresses."""

    title: str
    clauses: Sequence[tuple[str, str]]
    text: str = ""
    signature: Signature | None = None
    photos: Sequence[Photo] = ()


@dataclass(frozen=True)
class Sheet:
    """A filed record, ready to be read: who and when, every answer, where it was handed over."""

    record: Record
    title: str
    by: str
    recorded_by: str
    present: Sequence[str]
    answers: Sequence[Answer]
    reason: str
    handovers: Sequence[tuple[Handover, str, str]]
    versions: Sequence[Record]


def sheet(record: Record) -> Sheet:
    """Everything that the record's page shows, in a fixed number of statements."""
    form, language = form_of(record), get_language() or "zh"
    texts = dict(record.texts.values_list("field", "text"))
    present = list(record.presences.values_list("person_id", flat=True))
    handovers = list(record.handovers.select_related("fact__note").order_by("id"))
    people = names(
        [record.by_id, record.recorded_by_id, *present, *people_in(form.fields, own_values(record))]
        + [each for handover in handovers for each in (handover.to_id, handover.by_id)]
    ) | _outside(record, handovers)
    return Sheet(
        record=record,
        title=form.title.say(language),
        by=people.get(record.by_id, ""),
        recorded_by=people.get(record.recorded_by_id, ""),
        present=[people.get(person, "") for person in present],
        answers=_answers(form, record, texts, people),
        reason=texts.get("", ""),
        handovers=[(h, people.get(h.to_id, ""), people.get(h.by_id, "")) for h in handovers],
        versions=list(
            Record.objects.filter(form=record.form, number=record.number).order_by("version")
        ),
    )


def _outside(record: Record, handovers: Sequence[Handover]) -> dict[int, str]:
    """Recipients outside the firm, as the record's policy calls them."""
    if not handovers:
        return {}
    parties = adoption.pack_of(record.adoption.policy_version_id).policy.parties
    rows = Party.objects.filter(target__in=[handover.to_id for handover in handovers])
    return {
        target: parties[key].title.say(get_language() or "zh")
        for key, target in rows.values_list("key", "target_id")
        if key in parties
    }


def ways_on(record: Record) -> list[tuple[str, str]]:
    """What a filed record may still go through: (title, address) of its handing over and reviews.

    The notice of a case is handed over where the case is.
    """
    policy = adoption.pack_of(record.adoption.policy_version_id).policy
    found = []
    if is_sent(record.adoption, record.form) and record.about.kind != "case":
        found.append((_("登记送达"), handover_url(record.pk)))
    found += [
        (form.title.say(get_language() or "zh"), review_url(key, record.about_id, record.pk))
        for key, form in policy.forms.items()
        if form.reviews == record.form
    ]
    return [(title, url) for title, url in found if url]


def _answers(
    form: Form, record: Record, texts: Mapping[str, str], people: Mapping[int, str]
) -> list[Answer]:
    signatures = {each.field: each for each in record.signatures.all()}
    photos: dict[str, list[Photo]] = {}
    for photo in record.photos.order_by("field", "ordinal"):
        photos.setdefault(photo.field, []).append(photo)
    language, values = get_language() or "zh", own_values(record)
    return [
        Answer(
            title=field.title.say(language),
            clauses=[(id, clause_url(record.policy, id)) for id in form.clauses_at(key)],
            text=texts.get(key) or said(field, values.get(key), people),
            signature=signatures.get(key),
            photos=photos.get(key, ()),
        )
        for key, field in form.fields.items()
    ]
