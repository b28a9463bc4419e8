"""A round that a re-visit began, taken back: the re-visit found the problem solved after all.

Only while nothing was built on it. The case is again where the answer to the notice had left it;
what it was then is known by the facts and papers of that round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.cases import undoing
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.cases.moving import moment_of, move
from huiyin.cases.queries import ANSWER_FORM, NOTICE_FORM
from huiyin.cases.rectifying import NO_REPLY, record_revisit
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.obligations.retracting import TRACES
from huiyin.records.models import Record

PASSING = frozenset({*TRACES, "record.amended", "record.printed", "message.copied"})
"""Facts about a case on which nothing of its round rests."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What began the running round, and the fields of the case before it."""

    raised: Fact
    revisited: Fact
    before: Mapping[str, Any]


def beginning(case: Case, *, papers: Collection[int], now: datetime) -> Beginning | None:
    """What began the running round, if one of ``papers``, the versions of a record, did.

    None where somebody did anything about the case since, where something that it opened is late
    already, or where it is not known what the case was before.
    """
    rows = Fact.objects.standing().filter(target=case.pk, recorded_by__isnull=False)
    raised = rows.filter(kind="case.raised").order_by("-id").first()
    if not case.is_open or case.round == 1 or raised is None:
        return None
    together = list(rows.stated_with(raised))
    revisited = next((each for each in together if each.kind == "case.revisited"), None)
    is_its = any(each.values.get("record.id") in papers for each in together)
    since = rows.filter(pk__gt=raised.pk).exclude(pk__in=[each.pk for each in together])
    late = Obligation.objects.waiting().filter(opener=raised.pk, due_at__lt=now)
    built = since.exclude(kind__in=PASSING).exists() or late.exists()
    before = _before(case, revisited) if revisited and is_its and not built else None
    return Beginning(raised, revisited, before) if revisited and before else None


def _before(case: Case, revisited: Fact) -> Mapping[str, Any] | None:
    """The fields of the round that was re-visited; None where its facts or papers do not tell."""
    stated = Fact.objects.standing().filter(
        **{"target": case.pk, "pk__lt": revisited.pk, "values__case.round": case.round - 1}
    )
    notified = stated.filter(kind="case.notified").order_by("-id").first()
    rectified = stated.filter(kind="case.rectified").order_by("-id").first()
    filed = Record.objects.filter(about=case.pk, amends=None).order_by("-id")
    notice, answer = filed.filter(form=NOTICE_FORM).first(), filed.filter(form=ANSWER_FORM).first()
    if notified is None or rectified is None or notice is None or answer is None:
        return None
    return {
        "round": case.round - 1,
        "severity": revisited.values["case.severity"],
        "notice_id": notice.pk,
        "notified_at": notified.happened_at,
        "rectify_by": moment_of(notified.values.get("case.rectify_by")),
        "answer_id": answer.pk,
        "rectified_at": rectified.happened_at,
        "rectifier_id": rectified.by_id,
    }


def take_back(
    case: Case, begun: Beginning, *, paper: Record, found: Doing, later: Doing, reason: str
) -> None:
    """The round never began, for the re-visit found the problem solved; in the amendment's transaction.

    ``paper``: the re-visit's record, ``found`` the visit, ``later`` the amendment. What the
    customer was told in the round before counts again. Raises Conflict when somebody was first.
    """
    facts = [(fact.pk, case.pk) for fact in (begun.raised, begun.revisited)]
    ledger.void_together(facts, by=later.by, reason=reason, now=later.now)
    move(case, stages={Case.Stage.RAISED}, where={"notice": None}, **begun.before)
    move(case, **(undoing.reply_before(begun.revisited) or NO_REPLY))
    record_revisit(case, paper=paper, finding=None, doing=found)
