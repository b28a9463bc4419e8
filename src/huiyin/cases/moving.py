"""What every step of a case has in common: one effect, a conditional update, a fact.

Of two people who do the same at the same moment the second is told so, and nothing of his is
written; the same submission sent again has no second effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said, zone
from huiyin.cases import ways
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.core import acts, idempotency
from huiyin.core.errors import Conflict, Invalid
from huiyin.ledger import services as ledger
from huiyin.ledger.models import SKEW
from huiyin.records import backdating
from huiyin.records.answers import Sent
from huiyin.subjects import queries as subjects
from huiyin.subjects.models import Subject

P = ParamSpec("P")
Service = Callable[Concatenate[Case, P], None]

OPEN_STAGES = frozenset(set(Case.Stage) - {Case.Stage.CLOSED})


def one_effect(act: str) -> Callable[[Service[P]], Service[P]]:
    """A service on a case in one transaction that a submission sent twice does once.

    Raises Conflict for a key that was used with other content.
    """

    def declare(service: Service[P]) -> Service[P]:
        @wraps(service)
        @transaction.atomic
        def run(case: Case, *args: P.args, **given: P.kwargs) -> None:
            doing: Any = given["doing"]
            said = [act, case.pk, doing.by, _said({**given, "doing": None})]
            if not doing.key or not _was_done(said, doing):
                service(case, *args, **given)
                if doing.key:
                    idempotency.keep(doing.key, doing.recorded_by, str(case.pk))

        return run

    return declare


def _was_done(said: object, doing: Doing) -> bool:
    digest = idempotency.digest_of(said)
    return bool(idempotency.once(doing.key, doing.recorded_by, digest, now=doing.now))


def _said(value: object) -> object:
    """The content of a submission without its pictures' bytes."""
    if isinstance(value, Mapping):
        return {str(name): _said(each) for name, each in value.items()}
    if isinstance(value, Sent):
        return [_said(value.given), _said(value.signatures), _said(value.photos)]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return [_said(each) for each in value] if isinstance(value, (list, tuple)) else str(value)


def move(
    case: Case,
    *,
    stages: Iterable[Any] = OPEN_STAGES,
    where: Mapping[str, Any] = {},
    **changes: Any,
) -> None:
    """Change a case that still is as it was read; its stage follows. Raises Conflict."""
    # Compare and swap: the round is part of what was read, since a re-visit may have started
    # the next one in between.
    read = Case.objects.filter(pk=case.pk, stage__in=set(stages), round=case.round, **where)
    was = {name: getattr(case, name) for name in changes}
    for name, value in changes.items():
        setattr(case, name, value)
    stage = ways.stage_of(case)
    if not read.update(**changes, stage=stage):
        for name, value in was.items():
            setattr(case, name, value)
        raise Conflict(
            code="case.moved",
            message=_("事项 %(number)s 已经不在这一步了，请刷新后再办。") % {"number": case.number},
        )
    case.stage = stage


def fact(case: Case, kind: str, doing: Doing, *, note: str = "", **more: Any) -> ledger.NewFact:
    """A fact of a step, with everything that rules read of the case."""
    return ledger.NewFact(
        kind=kind,
        target_id=case.pk,
        by_id=doing.by,
        recorded_by_id=doing.recorded_by,
        happened_at=doing.happened_at,
        known_at=doing.known_at or doing.happened_at,
        values=values_of(case) | {f"case.{name}": value for name, value in more.items()},
        note=note,
    )


def record(case: Case, kind: str, doing: Doing, *, note: str = "", **more: Any) -> None:
    """State a step; the first that decides something sorts the case as well (C.1.4.a).

    Raises Invalid where it was done long ago, and nobody says why it is entered only now.
    """
    note = "\n".join(filter(None, [note, _why_late(case, kind, doing)]))
    facts = [fact(case, kind, doing, note=note, **more)]
    if case.sorted_at is None and _decides(case, kind):
        Case.objects.filter(pk=case.pk, sorted_at=None).update(sorted_at=doing.happened_at)
        case.sorted_at = doing.happened_at
        facts.append(fact(case, "case.sorted", doing))
    ledger.record(facts, now=doing.now)


TOLD_ELSEWHERE = frozenset(
    {"case.raised", "case.answered", "case.notified", "case.rectified", "case.revisited"}
)
"""Steps that have a paper, or an intake, which says why it is entered late."""


def _why_late(case: Case, kind: str, doing: Doing) -> str:
    if kind in TOLD_ELSEWHERE:
        return ""
    wrong = backdating.wrong_reason(
        doing.late_reason, of=kind, about=case.pk, happened_at=doing.happened_at, now=doing.now
    )
    if wrong:
        raise Invalid(wrong)
    return backdating.said(doing.late_reason)


DECIDING = frozenset(
    {"case.answered", "case.notified", "case.decided", "case.handled", "case.referred"}
)


def _decides(case: Case, kind: str) -> bool:
    """Whether the fact is a first decision; a reply time that was told with the item is one."""
    promised = kind == "case.raised" and case.promised_reply_at is not None
    return promised or kind in DECIDING


def values_of(case: Case) -> dict[str, Any]:
    """The typed values that rules read: the case's own and those of what it is about."""
    subject = Subject.objects.filter(target=case.subject_id).first()
    referred = case.pk is not None and case.referrals.exists()
    return own_values(case, referred=referred) | (subjects.values_of(subject) if subject else {})


def own_values(case: Case, *, referred: bool) -> dict[str, Any]:
    """Those of the case itself; nothing is asked of the database."""
    optional = {
        "case.topic": case.topic or None,
        "case.complained_about": case.complained_about_id,
        "case.promised_reply_at": case.promised_reply_at and case.promised_reply_at.isoformat(),
        "case.repairer": case.repairer_id,
        "case.rectifier": case.rectifier_id,
        "case.rectify_by": case.rectify_by and case.rectify_by.isoformat(),
        "case.decision": case.decision or None,
        "case.subject": case.subject_id,
        "case.outcome": case.outcome or None,
        "case.closed_at": case.closed_at and case.closed_at.isoformat(),
        "customer.class": case.customer and case.customer.customer_class,
    }
    return {
        "case.kind": case.kind,
        "case.origin": case.origin,
        "case.at_visit": case.at_visit,
        "case.severity": case.severity,
        "case.safety": case.safety,
        "case.round": case.round,
        "case.stage": case.stage,
        "case.raised_at": case.raised_at.isoformat(),
        "case.answered_at_once": case.answered_at_once,
        "case.referred": referred,
    } | {key: value for key, value in optional.items() if value is not None}


def check(act: str, case: Case, doing: Doing, **more: Any) -> None:
    """Ask whether the act may be done. Raises Refused."""
    acts.check(act, context(act, case, doing, **more))


def context(act: str, case: Case, doing: Doing, **more: Any) -> acts.ActContext:
    """What the act would be, for the guards: they may ask for texts, which no fact carries."""
    texts = {
        "case.reply_to_customer": case.reply_to_customer or None,
        "case.decision_reason": case.decision_reason or None,
    }
    given = {f"case.{name}": value for name, value in more.items()}
    return acts.ActContext(
        act=act,
        target=case.pk,
        by=doing.by,
        unit=case.target.unit_id,
        values=values_of(case) | texts | given,
        at=doing.happened_at,
    )


def require_after(before: datetime, doing: Doing, what: str) -> None:
    """Steps are taken one after the other, and none in the future. Raises Invalid."""
    wrong = ""
    if doing.happened_at > doing.now + SKEW:
        wrong = _("时间在将来，尚未发生的事不能登记。")
    elif doing.happened_at < before:
        wrong = _("不能早于%(what)s（%(moment)s），请改正时间。") % {
            "what": what,
            "moment": moment_said(before),
        }
    if wrong:
        raise Invalid({"happened_at": [wrong]})


def moment_of(value: object) -> datetime | None:
    """A form's date or moment as an instant; a day ends at 24:00 in the firm's zone."""
    if not isinstance(value, str) or not value:
        return None
    if len(value) > len("2026-01-01"):
        return datetime.fromisoformat(value)
    following = date.fromisoformat(value) + timedelta(days=1)
    return datetime.combine(following, time.min, zone())
