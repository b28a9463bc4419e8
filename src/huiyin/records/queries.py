"""Reads of records for pages and for acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.queries import standing_in
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoption
from huiyin.adoption.models import Party
from huiyin.core.pages import Page, keyset_page
from huiyin.core.punctuation import explained
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.recipients import is_sent
from huiyin.policy.declared import FormField
from huiyin.policy.schema import Form
from huiyin.records.links import clause_url, handover_url, review_url
from huiyin.records.models import Handover, Photo, Record, Signature
from huiyin.records.typed import people_in, said


@dataclass(frozen=True, slots=True)
class Known:
    """A target, and the typed values that were stated about it."""

    target: Target
    values: Mapping[str, Any]


def known(target_id: int, **asked: Any) -> Known:
    """What is known of a target before something is done about it; one statement.

    So a rule that guards a filing reads the same values that opened the duty. ``asked``: what else
    the statement tells, as attributes of the target. Raises DoesNotExist.
    """
    stated = Fact.objects.filter(target=OuterRef("pk")).standing().order_by("id").values("values")
    rows = Target.objects.annotate(stated=ArraySubquery(stated), **asked)
    target = rows.get(pk=target_id)
    return Known(target, _latest(target.stated))


def known_about(target_id: int) -> dict[str, Any]:
    """The typed values that the standing facts about a target state; later facts win."""
    facts = Fact.objects.about([target_id]).standing().order_by("id")
    return _latest(facts.values_list("values", flat=True))


def _latest(stated: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for values in stated:
        found.update(values)
    found.pop("note", None)
    return found


def form_of(record: Record) -> Form:
    """The form as it was when the record was filed: open work keeps its version."""
    return adoption.pack_of(record.adoption.policy_version_id).policy.forms[record.form]


def own_values(record: Record) -> dict[str, Any]:
    """The record's typed values by field key, without the form's name before them."""
    prefix = f"{record.form}."
    return {name.removeprefix(prefix): value for name, value in record.values.items()}


def signed_fields(record: Record) -> list[str]:
    return list(record.signatures.values_list("field", flat=True))


def taken_back(records: Sequence[Record]) -> dict[int, str]:
    """Why a record counts no more, by its id, where its filing was taken back; one statement."""
    rows = (
        Fact.objects.about({record.about_id for record in records})
        .filter(kind="record.filed", voided_by__isnull=False)
        .select_related("voided_by__note")
    )
    why = {}
    for fact in rows:
        note = getattr(fact.voided_by, "note", None)
        numbered = fact.values.get("record.form"), fact.values.get("record.number")
        why[numbered] = note.text if note else ""
    return {r.pk: why[r.form, r.number] for r in records if (r.form, r.number) in why}


def newly_raising(record: Record) -> list[str]:
    """Which changed answers of an amended record state a problem, in the form's words.

    Only of a record that no follow-up brought here, as of an imported one: an amended follow-up
    takes its problems down by itself.
    """
    if record.amends is None or _of_followup(record):
        return []
    language, before, now = get_language() or "zh", own_values(record.amends), own_values(record)
    return [
        explained(field.title.say(language), field.choices[str(now[key])].say(language))
        for key, field in form_of(record).fields.items()
        if str(now.get(key)) in field.raises and now.get(key) != before.get(key)
    ]


def _of_followup(record: Record) -> bool:
    held = Fact.objects.standing().filter(target=record.about_id, kind="followup.held")
    return held.filter(happened_at=record.happened_at).exists()


def reason_of(record: Record) -> str:
    """Why the record was amended; empty for a first version."""
    return record.texts.filter(field="").values_list("text", flat=True).first() or ""


def about(viewer: Viewer, *targets: int) -> QuerySet[Record]:
    """The newest version of each record about these targets that stands, newest first."""
    rows = Record.objects.visible_to(viewer).current().standing()
    return rows.about(*targets).order_by("-id")


def titles(records: Sequence[Record]) -> list[tuple[Record, str]]:
    """Each record with its form's title in the reader's language."""
    language = get_language() or "zh"
    return [(record, form_of(record).title.say(language)) for record in records]


def form_titles() -> dict[str, str]:
    """The forms of the policies in force: key → title."""
    language = get_language() or "zh"
    return {
        key: form.title.say(language)
        for _adoption, pack in adoption.current()
        for key, form in pack.policy.forms.items()
    }


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


def _absent(records: Sequence[Record]) -> dict[int, int]:
    """The colleague for whom a deputy made a record, by record; one statement."""
    held = Fact.objects.about([record.about_id for record in records]).filter(kind="followup.held")
    made: dict[tuple[int, int | None, datetime], int | None] = {}
    rows = held.order_by("id").values_list("target", "by", "happened_at", "values")
    for target, by, at, values in rows:
        made[target, by, at] = stands_for(values, by)
    found = {r.pk: made.get((r.about_id, r.by_id, r.happened_at)) for r in records}
    return {pk: absent for pk, absent in found.items() if absent is not None}


@dataclass(frozen=True)
class Answer:
    """One field of a filed record as it was answered; its clauses with their addresses.

    ``value`` is the typed value, ``text`` the same or the free text in the reader's words.
    """

    title: str
    clauses: Sequence[tuple[str, str]]
    field: FormField
    value: Any = None
    text: str = ""
    signature: Signature | None = None
    photos: Sequence[Photo] = ()


@dataclass(frozen=True)
class Sheet:
    """A filed record, ready to be read: who and when, every answer, where it was handed over.

    ``reason`` of an amendment, ``late_reason`` of what was entered long after it was done;
    ``taken_back``: why it counts no more, where its filing was undone.
    """

    record: Record
    form: Form
    title: str
    by: str
    recorded_by: str
    present: Sequence[str]
    answers: Sequence[Answer]
    reason: str
    late_reason: str
    taken_back: str | None
    handovers: Sequence[tuple[Handover, str, str]]
    versions: Sequence[Record]


CONTENT = (
    "texts",
    "presences",
    "signatures",
    Prefetch("photos", Photo.objects.order_by("field", "ordinal")),
    Prefetch("handovers", Handover.objects.select_related("fact__note").order_by("id")),
)


def sheet(record: Record) -> Sheet:
    """Everything that the record's page shows."""
    return sheets([record])[0]


def sheets(records: Sequence[Record]) -> list[Sheet]:
    """The same for several, in a number of statements that does not grow with theirs."""
    prefetch_related_objects(records, *CONTENT)
    numbers = {record.number for record in records}
    versions: dict[tuple[str, str], list[Record]] = {}
    for version in Record.objects.filter(number__in=numbers).order_by("version"):
        versions.setdefault((version.form, version.number), []).append(version)
    absent, voided, late = _absent(records), taken_back(records), _late_reasons(records)
    told = [person for record in records for person in _people_of(record)]
    people = names([*told, *absent.values()])
    people |= _outside(records)
    shown = [
        replace(
            _sheet(record, versions[record.form, record.number], people),
            taken_back=voided.get(record.pk),
            late_reason=late.get((record.form, record.number), ""),
        )
        for record in records
    ]
    return [
        replace(each, by=standing_in(each.by, people[absent[each.record.pk]]))
        if absent.get(each.record.pk) in people
        else each
        for each in shown
    ]


def _late_reasons(records: Sequence[Record]) -> dict[tuple[str, str], str]:
    """Why records were entered so long after, by form and number; one statement."""
    filed = Fact.objects.about({record.about_id for record in records}).filter(kind="record.filed")
    told = filed.filter(note__isnull=False).values_list("values", "note__text")
    return {(each["record.form"], each["record.number"]): text for each, text in told}


def _people_of(record: Record) -> list[int]:
    return [
        record.by_id,
        record.recorded_by_id,
        *(presence.person_id for presence in record.presences.all()),
        *(each for handover in record.handovers.all() for each in (handover.to_id, handover.by_id)),
        *people_in(form_of(record).fields, own_values(record)),
    ]


def _sheet(record: Record, versions: Sequence[Record], people: Mapping[int, str]) -> Sheet:
    form = form_of(record)
    texts = {text.field: text.text for text in record.texts.all()}
    return Sheet(
        record=record,
        form=form,
        title=form.title.say(get_language() or "zh"),
        by=people.get(record.by_id, ""),
        recorded_by=people.get(record.recorded_by_id, ""),
        present=[people.get(each.person_id, "") for each in record.presences.all()],
        answers=_answers(form, record, texts, people),
        reason=texts.get("", ""),
        late_reason="",
        taken_back=None,
        handovers=[
            (each, people.get(each.to_id, ""), people.get(each.by_id, ""))
            for each in record.handovers.all()
        ],
        versions=versions,
    )


def _outside(records: Sequence[Record]) -> dict[int, str]:
    """Recipients outside the firm, as the records' policies call them."""
    reached = {each.to_id for record in records for each in record.handovers.all()}
    if not reached:
        return {}
    packs = {
        record.policy: adoption.pack_of(record.adoption.policy_version_id) for record in records
    }
    rows = Party.objects.filter(target__in=reached, policy__in=packs)
    return {
        target: packs[policy].policy.parties[key].title.say(get_language() or "zh")
        for policy, key, target in rows.values_list("policy", "key", "target_id")
        if key in packs[policy].policy.parties
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


def _signed_before(field: FormField, value: Any) -> str:
    """A later version that nobody signed anew: a signature stands for the words that it was under."""
    if field.type != "signature" or value is None:
        return ""
    if value == "refused":
        return _("已拒签，见先前的版本；当时的内容后来更改过")
    return _("已签名，见先前的版本；签的是更改前的内容")


def _answers(
    form: Form, record: Record, texts: Mapping[str, str], people: Mapping[int, str]
) -> list[Answer]:
    signatures = {each.field: each for each in record.signatures.all()}
    photos: dict[str, list[Photo]] = {}
    for photo in record.photos.all():
        photos.setdefault(photo.field, []).append(photo)
    language, values = get_language() or "zh", own_values(record)
    return [
        Answer(
            title=field.title.say(language),
            clauses=[(id, clause_url(record.policy, id)) for id in form.clauses_at(key)],
            field=field,
            value=values.get(key),
            text=texts.get(key)
            or (key not in signatures and _signed_before(field, values.get(key)))
            or said(field, values.get(key), people),
            signature=signatures.get(key),
            photos=photos.get(key, ()),
        )
        for key, field in form.fields.items()
    ]


PRINTED = "record.printed"
"""The fact that a record was printed; its ``record.printing`` says for which time."""


@dataclass(frozen=True)
class Printing:
    """That a record was printed for the nth time, when and by whom (the name)."""

    nth: int
    at: datetime
    by: str


def printings(records: Sequence[Record]) -> dict[int, list[Printing]]:
    """Each record's printings in their order, by the record's id; two statements."""
    facts = (
        Fact.objects.about([record.about_id for record in records])
        .filter(kind=PRINTED)
        .order_by("id")
        .values_list("values", "happened_at", "by")
    )
    people = names([by for _values, _at, by in facts])
    found: dict[int, list[Printing]] = {record.pk: [] for record in records}
    for values, at, by in facts:
        if values["record.id"] in found:
            one = Printing(values["record.printing"], at, people.get(by, ""))
            found[values["record.id"]].append(one)
    return found


def page_of(viewer: Viewer, *, form: str = "", cursor: str = "") -> Page:
    """The newest version of each record that the viewer may see, newest first; one statement."""
    rows = Record.objects.visible_to(viewer).current()
    rows = rows.filter(form=form) if form else rows
    return keyset_page(
        rows.select_related("adoption", "about", "customer", "by__as_person"), cursor=cursor
    )
