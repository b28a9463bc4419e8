"""What a target is called in a row or a title: where it is and what about it, never who."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from huiyin.adoption import queries as adoptions
from huiyin.cases.models import Case
from huiyin.ledger.models import Target
from huiyin.subjects.models import Subject


@dataclass(frozen=True)
class Place:
    """Where a target is and what about it: never a personal name or a phone number."""

    number: str
    place: str
    matter: str

    @property
    def words(self) -> str:
        return " ".join(part for part in (self.place, self.matter) if part) or self.number

    @property
    def aside(self) -> str:
        """The number, where the words are not the number already."""
        return "" if self.number == self.words else self.number


def places_of(targets: Mapping[int, Target], language: str) -> dict[int, Place]:
    """What targets are called in lists, by id; a statement for cases, one for what is tracked."""
    kinds = {id: target.kind for id, target in targets.items()}
    wanted = [id for id, kind in kinds.items() if kind == "case"]
    rows = Case.objects.filter(pk__in=wanted).select_related("target", "customer")
    cases = {case.pk: case for case in rows} if wanted else {}
    tracked = {id for id, kind in kinds.items() if kind not in UNTRACKED}
    found = _subject_places(
        tracked | {case.subject_id for case in cases.values() if case.subject_id}, language
    )
    for pk, case in cases.items():
        about = found.get(case.subject_id) if case.subject_id else None
        place = about.place if about else case.customer.number if case.customer else ""
        matter = f"{about.matter if about else ''} {case.get_kind_display()}".strip()
        found[pk] = Place(case.number, place, matter)
    return {id: found.get(id) or _place(target) for id, target in targets.items()}


UNTRACKED = ("case", "customer", "person", "unit", "party")
"""Kinds of targets that are no subjects."""


def _place(target: Target) -> Place:
    # A person's duty about himself is about nothing else, and names stand nowhere in a row.
    return Place("", "", "") if target.kind == "person" else Place(target.label, target.label, "")


def _subject_places(ids: Collection[int], language: str) -> dict[int, Place]:
    if not ids:
        return {}
    rows = Subject.objects.filter(pk__in=ids).select_related("customer", "target")
    titles = _choice_titles(language)
    return {subject.pk: _subject_place(subject, titles) for subject in rows}


def _subject_place(subject: Subject, titles: Mapping[tuple[str, str, str], str]) -> Place:
    matter = " ".join(
        titles[subject.kind, key, str(value)]
        for key, value in subject.fields.items()
        if (subject.kind, key, str(value)) in titles
    )
    place = subject.customer.number if subject.customer else ""
    return Place(subject.number, place, matter)


def _choice_titles(language: str) -> dict[tuple[str, str, str], str]:
    """(kind, field, choice) → title, from the packs in force."""
    return {
        (kind, key, choice): title.say(language)
        for _adoption, pack in adoptions.current()
        for kind, subject in pack.policy.subjects.items()
        for key, field in subject.fields.items()
        for choice, title in field.choices.items()
    }
