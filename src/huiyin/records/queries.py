"""Reads of records for pages and for acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from huiyin.accounts.models import Person
from huiyin.accounts.queries import standing_in
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoption
from huiyin.ledger.models import Fact, Target
from huiyin.policy.schema import Form
from huiyin.records.links import clause_url
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


def stands_for(values: Mapping[str, Any], by: int | None) -> int | None:
    """For which absent colleague somebody acted, as the values of a fact say it."""
    pairs = values.get("followup.stands_for") or ()
    return values.get("obligation.stands_for") or dict(
        zip(pairs[::2], pairs[1::2], strict=True)
    ).get(by)


def _absent(record: Record) -> int | None:
    """The colleague for whom a deputy made the record."""
    held = Fact.objects.filter(
        kind="followup.held", target=record.about_id, by=record.by_id,
        happened_at=record.happened_at,
    )  # fmt: skip
    values = held.order_by("-id").values_list("values", flat=True).first()
    return stands_for(values or {}, record.by_id)


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
    absent = _absent(record)
    people = names(
        [
            record.by_id,
            record.recorded_by_id,
            absent,
            *present,
            *people_in(form.fields, own_values(record)),
        ]
        + [each for handover in handovers for each in (handover.to_id, handover.by_id)]
    ) | _outside(handovers)
    by = people.get(record.by_id, "")
    return Sheet(
        record=record,
        title=form.title.say(language),
        by=standing_in(by, people[absent]) if absent in people else by,
        recorded_by=people.get(record.recorded_by_id, ""),
        present=[people.get(person, "") for person in present],
        answers=_answers(form, record, texts, people),
        reason=texts.get("", ""),
        handovers=[(h, people.get(h.to_id, ""), people.get(h.by_id, "")) for h in handovers],
        versions=list(
            Record.objects.filter(form=record.form, number=record.number).order_by("version")
        ),
    )


def _outside(handovers: Sequence[Handover]) -> dict[int, str]:
    """Recipients outside the firm, as its policies call them."""
    targets = [handover.to_id for handover in handovers]
    parties = Target.objects.filter(pk__in=targets, kind="party")
    return dict(parties.values_list("pk", "label"))


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
