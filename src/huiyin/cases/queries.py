"""Page-sized reads of cases: how many there are, what was said and done about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.timezone import localtime

from huiyin.accounts.models import Person, Post
from huiyin.accounts.queries import entered_by, holders, zone
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.cases.models import Case
from huiyin.core.pinyin import in_order
from huiyin.ledger.models import Fact
from huiyin.ledger.queries import timeline
from huiyin.records.queries import names

NOTICE_FORM = "rectification_notice"
ANSWER_FORM = "rectification_answer"


def counts(viewer: Viewer) -> dict[str, int]:
    """How many open cases there are, in all ("") and in each stage; nothing counts closed ones."""
    found = (
        Case.objects.visible_to(viewer).open().order_by().values_list("stage").annotate(Count("pk"))
    )
    by_stage = dict(found)
    return by_stage | {"": sum(by_stage.values())}


def clauses_of_notice() -> list[str]:
    """The clauses by which the written notice has to reach who puts it right."""
    return list(
        dict.fromkeys(
            clause
            for _adoption, pack in adoptions.current()
            for duty in pack.policy.duties.values()
            if duty.proof is not None and duty.proof.record == NOTICE_FORM and duty.proof.sent_to
            for clause in duty.clauses_at("proof.sent_to")
        )
    )


def words_of_round(case: Case) -> str:
    """What is wrong by now, in the words of who found it; empty where they were erased."""
    if case.round == 1:
        return case.description
    raised = Fact.objects.standing().filter(target=case.pk, kind="case.raised")
    words: str | None = raised.order_by("id").values_list("note__text", flat=True).last()
    return words or ""


def history(case: Case, viewer: Viewer) -> list[Fact]:
    """What happened about a case that the viewer sees, newest first.

    Its steps are everybody's who sees it; of the rest, who sees it by his part in it alone reads
    what he did and what was handed over to him.
    """
    his = Q(kind__startswith="case.")
    for person in viewer.persons:
        his |= Q(by=person) | Q(recorded_by=person) | Q(values__contains={"record.to": person})
    return list(timeline([case.pk], viewer, besides=his).items)


COMPANY = "company"
"""The role to which a pack refers what the estate office does not decide alone."""


def company(*, at: datetime) -> dict[int, str]:
    """Who may be asked for a ruling: the company as the policies name it, else the firm's heads."""
    roles = {
        adoption.role_map.get(COMPANY, COMPANY)
        for adoption, pack in adoptions.current()
        if COMPANY in pack.policy.roles
    }
    found = {person for people in holders(roles, [None], at).values() for person in people}
    if not found:
        heads = Post.objects.held(localtime(at, zone()).date()).filter(
            position__scope="tree", unit__parent=None
        )
        found = set(heads.values_list("person", flat=True))
    return dict(in_order(Person.objects.filter(pk__in=found).values_list("pk", "name")))


@dataclass(frozen=True, slots=True)
class Said:
    """A step that was taken: by whom, when, in which words; ``erased`` ones are gone for good.

    ``former`` is the kind that a reclassification took away.
    """

    kind: str
    by: str
    at: datetime
    text: str
    erased: bool
    former: str = ""


def _by_whom(row: Fact, people: Mapping[int, str]) -> str:
    """Whose step it was; and who entered it, where that was somebody else."""
    return entered_by(people.get(row.by_id or 0, ""), people.get(row.recorded_by_id or 0, ""))


def said(case: Case) -> list[Said]:
    """What was done about a case, oldest first, with the words kept beside each; two statements.

    Not by the timeline, which shows a viewer his part: whoever sees the case sees all its steps.
    """
    facts = (
        Fact.objects.standing()
        .filter(target=case.pk, kind__startswith="case.")
        .select_related("note")
        .order_by("happened_at", "id")
    )
    rows = list(facts)
    people = names([each for row in rows for each in (row.by_id, row.recorded_by_id)])
    return [
        Said(
            kind=row.kind,
            by=_by_whom(row, people),
            at=row.happened_at,
            text=row.note.text if hasattr(row, "note") else "",
            erased="note" in row.values and not hasattr(row, "note"),
            former=row.values.get("case.former_kind", ""),
        )
        for row in rows
    ]
