"""What there is to say on papers, read for all of them in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.timezone import localtime

from huiyin.accounts.models import Post
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation
from huiyin.policy.schema import Form, Policy
from huiyin.records import queries
from huiyin.records.models import Record
from huiyin.records.queries import Sheet
from huiyin.records.typed import people_in

RAISED, REVISITED, CLOSED = "case.raised", "case.revisited", "case.closed"
CASE_SUBJECT = "case.subject"
"""In the facts of a case: the target that it was found at."""

WRITTEN_FOR = ("record.for", "case.repairer")
"""In the fact of a filed record: the person it was written for; at first it had a name of its own."""


@dataclass(frozen=True)
class Asked:
    """What is to be printed: a filed record, or an empty form about a target or about none."""

    adoption: Adoption
    form: Form
    about: Target | None = None
    record: Record | None = None

    @classmethod
    def filed(cls, record: Record) -> Asked:
        return cls(record.adoption, queries.form_of(record), record.about, record)

    @property
    def policy(self) -> Policy:
        return adoptions.pack_of(self.adoption.policy_version_id).policy


@dataclass(frozen=True)
class Shelf:
    """Everything that was read for the papers of one PDF, as far as the viewer may see it.

    By record: ``sheets``. By target: standing ``facts`` and what they state (``known``),
    ``papers`` about a case, ``owed`` obligations; all oldest first. By what is tracked: what is
    ``written`` on it. ``found``: cases that were raised when one of the records was filed.
    """

    sheets: Mapping[int, Sheet]
    facts: Mapping[int, Sequence[Fact]]
    known: Mapping[int, Mapping[str, Any]]
    papers: Mapping[int, Sequence[Sheet]]
    owed: Mapping[int, Sequence[Obligation]]
    written: Mapping[int, Mapping[str, Any]]
    found: Sequence[Fact]
    labels: Mapping[int, str]
    people: Mapping[int, str]
    posts: Sequence[Post]


@dataclass(frozen=True)
class Material:
    """All that a layout may say of one paper; ``sheet`` is None for an empty form."""

    asked: Asked
    shelf: Shelf

    @property
    def form(self) -> Form:
        return self.asked.form

    @property
    def about(self) -> Target | None:
        return self.asked.about

    @cached_property
    def sheet(self) -> Sheet | None:
        record = self.asked.record
        return self.shelf.sheets[record.pk] if record else None

    @property
    def facts(self) -> Sequence[Fact]:
        return self.shelf.facts.get(self.about.pk, ()) if self.about else ()

    @property
    def known(self) -> Mapping[str, Any]:
        """The typed values that the facts about the target state; later facts win."""
        return self.shelf.known.get(self.about.pk, {}) if self.about else {}

    @property
    def written(self) -> Mapping[str, Any]:
        """The fields of the target, or of what a case was found at, as they stand by now.

        Free text is in no fact.
        """
        subject = self.known.get(CASE_SUBJECT) or (self.about.pk if self.about else 0)
        return self.shelf.written.get(subject, {})

    @property
    def others(self) -> Sequence[Sheet]:
        """The papers about the same case, this one too."""
        return self.shelf.papers.get(self.about.pk, ()) if self.about else ()

    @property
    def customer(self) -> str:
        """The customer's number."""
        record, about = self.asked.record, self.about
        behind = (record and record.customer_id) or (about and about.of_customer_id)
        if about and about.kind == "customer":
            behind = about.pk
        return self.shelf.labels.get(behind, "") if behind else ""

    @property
    def subject(self) -> str:
        """The number of what a case was found at."""
        return self.shelf.labels.get(self.known.get(CASE_SUBJECT, 0), "")

    @property
    def addressee(self) -> str:
        """Whom the record was written for, where it said so when it was filed."""
        number = self.asked.record.number if self.asked.record else ""
        filed = (fact for fact in self.facts if fact.values.get("record.number") == number)
        return next((self.name(person) for fact in filed for person in _written_for(fact)), "")

    @property
    def due(self) -> datetime | None:
        """The strictest deadline that the record met, or that its empty form is to meet."""
        owed = self.shelf.owed.get(self.about.pk, ()) if self.about else ()
        return min(
            (row.due_at for row in owed if row.due_at and self._is_met_by(row)), default=None
        )

    def _is_met_by(self, owed: Obligation) -> bool:
        if (record := self.asked.record) is None:
            return owed.state in ("open", "blocked") and self._asks_for_it(owed)
        values = owed.settled_by.values if owed.settled_by else {}
        return (values.get("record.form"), values.get("record.number")) == (
            record.form,
            record.number,
        )

    def _asks_for_it(self, owed: Obligation) -> bool:
        duty = adoptions.pack_of(owed.adoption.policy_version_id).policy.duties.get(owed.duty)
        return bool(duty and duty.proof and duty.proof.record == self.form.key)

    @property
    def found(self) -> list[tuple[Fact, Sequence[Sheet]]]:
        """The cases that the filing raised, each with the papers about it."""
        if self.sheet is None:
            return []
        first = self.sheet.versions[0]
        return [
            (fact, self.shelf.papers.get(fact.target_id, ()))
            for fact in self.shelf.found
            if fact.recorded_at == first.recorded_at
            and first.about_id in (fact.target_id, fact.values.get(CASE_SUBJECT))
        ]

    def name(self, person: Any) -> str:
        return self.shelf.people.get(person, "") if isinstance(person, int) else ""

    def titles(self, person: int, at: datetime) -> list[str]:
        """The titles of the positions that the person held on the day of the moment."""
        day = localtime(at).date()
        held = [
            post.position.words
            for post in self.shelf.posts
            if post.person_id == person
            and post.from_on <= day
            and (post.to_on is None or post.to_on >= day)
        ]
        return list(dict.fromkeys(held))

    def last(self, kind: str, *, at: datetime | None = None) -> Fact | None:
        """The last fact of the kind; with ``at`` only one that was recorded at that moment."""
        fitting = [f for f in self.facts if f.kind == kind and at in (None, f.recorded_at)]
        return fitting[-1] if fitting else None


def gather(asked: Sequence[Asked], viewer: Viewer) -> list[Material]:
    """The material of each paper; the number of statements does not grow with the papers."""
    targets = {one.about.pk: one.about for one in asked if one.about}
    sheets = queries.sheets([one.record for one in asked if one.record])
    found = _found(sheets, viewer)
    cases = [pk for pk, target in targets.items() if target.kind == "case"]
    papers = _papers({*cases, *(fact.target_id for fact in found)}, viewer)
    facts = _by_target(
        Fact.objects.about(targets).standing().select_related("target").order_by("id")
    )
    known = {pk: _stated(stated) for pk, stated in facts.items()}
    every = [*sheets, *(sheet for those in papers.values() for sheet in those)]
    stated = [fact for those in facts.values() for fact in those]
    told = [f.by_id for f in stated if f.kind == CLOSED]
    told += [person for fact in stated for person in _written_for(fact)]
    shelf = Shelf(
        sheets={sheet.record.pk: sheet for sheet in sheets},
        facts=facts,
        known=known,
        papers=papers,
        owed=_by_target(
            Obligation.objects.about(*targets)
            .select_related("settled_by", "adoption")
            .order_by("id")
        ),
        written=_written(known),
        found=found,
        labels=_labels(asked, known),
        people=queries.names([*told, *_named(asked, known)]),
        posts=list(
            Post.objects.filter(person__in={sheet.record.by_id for sheet in every})
            .select_related("position")
            .order_by("from_on", "pk")
        ),
    )
    return [Material(one, shelf) for one in asked]


def _written_for(fact: Fact) -> list[int]:
    return [fact.values[name] for name in WRITTEN_FOR if name in fact.values][:1]


def _found(sheets: Sequence[Sheet], viewer: Viewer) -> list[Fact]:
    moments = {sheet.versions[0].recorded_at for sheet in sheets}
    raised = Fact.objects.filter(kind=RAISED, recorded_at__in=moments).standing()
    return list(raised.visible_to(viewer).select_related("target", "note").order_by("id"))


def _papers(cases: Iterable[int], viewer: Viewer) -> dict[int, list[Sheet]]:
    rows = Record.objects.visible_to(viewer).current().standing().about(*cases)
    found: dict[int, list[Sheet]] = {}
    ordered = rows.select_related("adoption", "about").order_by("happened_at", "id")
    for sheet in queries.sheets(list(ordered)):
        found.setdefault(sheet.record.about_id, []).append(sheet)
    return found


def _by_target(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.target_id, []).append(row)
    return found


def _stated(facts: Iterable[Fact]) -> dict[str, Any]:
    return {name: value for fact in facts for name, value in fact.values.items()}


def _written(known: Mapping[int, Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    wanted = {*known, *(values.get(CASE_SUBJECT) for values in known.values())} - {None}
    rows = Target.objects.filter(pk__in=wanted, subject__isnull=False)
    return dict(rows.values_list("pk", "subject__fields"))


def _labels(asked: Iterable[Asked], known: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    behind = {values.get(CASE_SUBJECT) for values in known.values()}
    for one in asked:
        behind |= {one.about.pk, one.about.of_customer_id} if one.about else set()
        behind |= {one.record.customer_id} if one.record else set()
    wanted = behind - {None}
    return dict(Target.objects.filter(pk__in=wanted).values_list("pk", "label"))


def _named(asked: Iterable[Asked], known: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """The persons in the fields of the subjects, and those whom a paper is about."""
    named: list[int] = []
    for one in asked:
        values = known.get(one.about.pk, {}) if one.about else {}
        named += [one.about.pk] if one.about and one.about.kind == "person" else []
        for key, subject in one.policy.subjects.items():
            fields = {f"{key}.{name}": spec for name, spec in subject.fields.items()}
            named += people_in(fields, values)
    return named
