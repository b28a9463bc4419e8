"""Taking back what was just entered about a case: the case is again what it was before.

Only what leaves nothing behind: a step whose fields are known to have been otherwise, a case that
nobody has touched. Papers, referrals and re-visits are mended in other ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from huiyin.cases import ways
from huiyin.cases.models import Case
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations import retracting

RAISED, ANSWERED, SORTED, WITHDRAWN, RECLASSIFIED = (
    "case.raised", "case.answered", "case.sorted", "case.withdrawn", "case.reclassified",
)  # fmt: skip
RAISING = (RAISED, ANSWERED, SORTED)
"""What taking an item down states; the second and third only where it was answered at once."""

WAIVED = "obligation.waived"
RELEASING = (WITHDRAWN, RECLASSIFIED)
"""Steps that release what is owed no longer."""
Before = Callable[[Fact], Mapping[str, Any] | None]


def facts_of(fact: Fact) -> list[Fact]:
    """All facts of the act that ``fact`` belongs to, newest first.

    Empty for what cannot be taken back whole.
    """
    if not Case.objects.filter(pk=fact.target_id).exists():
        return []
    rows = Fact.objects.standing().stated_with(fact).filter(target=fact.target_id)
    beside = list(rows.select_related("target", "note").order_by("-id"))
    leading = _leading(fact, beside)
    if leading is None or (leading.kind != RAISED and _before(leading) is None):
        return []
    return [each for each in beside if _belongs(each, leading)]


def raising_facts(case: Case) -> list[Fact]:
    """What the taking down of a case stated, newest first; empty where more was stated since."""
    rows = Fact.objects.standing().filter(target=case.pk, recorded_by__isnull=False)
    found = list(rows.select_related("target", "note").order_by("-id"))
    return found if _is_untouched(case, found) else []


@transaction.atomic
def take_back(facts: Sequence[Fact], *, by: int, reason: str, now: datetime) -> None:
    """Void an act as ``facts_of`` gave it; the case is as before, or leaves every list.

    Raises Invalid without a reason, Conflict for what is voided already.
    """
    case = Case.objects.select_for_update().get(pk=facts[0].target_id)
    [leading] = [each for each in facts if each.kind == RAISED or each.kind in BEFORE]
    before = None if leading.kind == RAISED else _before(leading)
    ledger.void_together([(f.pk, f.target_id) for f in facts], by=by, reason=reason, now=now)
    if before is None:
        retract(case, by=by, reason=reason, now=now)
        return
    sorting = {"sorted_at": None} if any(each.kind == SORTED for each in facts) else {}
    changes = {**before, **sorting}
    for name, value in changes.items():
        setattr(case, name, value)
    case.stage = ways.stage_of(case)
    case.save(update_fields=[*changes, "stage"])


@transaction.atomic
def retract(case: Case, *, by: int, reason: str, now: datetime) -> None:
    """A case whose facts are voided leaves every list, and nobody owes anything about it."""
    retracting.cancel_owed([case.pk], by=by, reason=reason, now=now)
    Case.objects.filter(pk=case.pk).update(retracted_at=now)


def _leading(fact: Fact, beside: Sequence[Fact]) -> Fact | None:
    """The step that the act is: sorting follows from a step, an answer may come with the item."""
    earlier = [each for each in beside if each.pk <= fact.pk]
    if fact.kind in RAISING:
        steps = [each for each in earlier if each.kind == RAISED or each.kind in BEFORE]
        leading = steps[0] if steps else None
    elif fact.kind == WAIVED:
        leading = next((each for each in earlier if each.kind in RELEASING), None)
    else:
        leading = fact
    if leading is None or leading.kind != RAISED:
        return leading if leading and leading.kind in BEFORE else None
    return leading if leading.values.get("case.round") == 1 else None


def _belongs(each: Fact, leading: Fact) -> bool:
    if leading.kind == RAISED:
        return each.kind in RAISING
    if leading.kind in RELEASING and each.kind == WAIVED:
        return True
    return each.pk == leading.pk or (each.kind == SORTED and each.pk > leading.pk)


def _is_untouched(case: Case, stated: Sequence[Fact]) -> bool:
    kinds = [each.kind for each in stated]
    return case.round == 1 and kinds.count(RAISED) == 1 and set(kinds) <= set(RAISING)


def _before(fact: Fact) -> Mapping[str, Any] | None:
    """The fields of the case as they were before the step; None where that is not known."""
    before = BEFORE.get(fact.kind)
    return before(fact) if before else None


def reply_before(fact: Fact) -> Mapping[str, Any] | None:
    """What the customer had been told before a step: a later reply took the place of an earlier one, whose words its fact still has."""
    rows = Fact.objects.standing().filter(
        target=fact.target_id, kind__in=["case.replied", ANSWERED], pk__lt=fact.pk
    )
    earlier = rows.select_related("note").order_by("-id").first()
    if earlier is None or _is_outdated(earlier, fact):
        return {"reply_to_customer": "", "reply_channel": "", "replied_at": None}
    note, at_once = getattr(earlier, "note", None), earlier.kind == ANSWERED
    channel = "" if at_once else earlier.values.get("case.reply_channel")
    if note is None or channel is None:
        return None
    return {
        "reply_to_customer": note.text,
        "reply_channel": channel,
        "replied_at": earlier.happened_at,
    }


def _is_outdated(reply: Fact, later: Fact) -> bool:
    """What was told in an earlier round, or before anything was put right, is no reply any more."""
    rectified = Case.objects.values_list("rectified_at", flat=True).get(pk=reply.target_id)
    earlier_round = reply.values.get("case.round") != later.values.get("case.round")
    return earlier_round or (rectified is not None and reply.happened_at < rectified)


def _class_before(fact: Fact) -> Mapping[str, Any] | None:
    kind = fact.values.get("case.former_kind")
    severity = fact.values.get("case.former_severity")
    return {"kind": kind, "severity": severity} if kind and severity else None


def _fixed(**fields: Any) -> Before:
    return lambda _fact: fields


BEFORE: Mapping[str, Before] = {
    "case.closed": _fixed(outcome="", closed_at=None),
    WITHDRAWN: _fixed(outcome="", closed_at=None),
    "case.decided": _fixed(decision="", decision_reason="", decided_at=None, decided_by_id=None),
    "case.handled": _fixed(handling="", handled_at=None, handled_by_id=None),
    "case.supplemented": _fixed(),
    "case.replied": reply_before,
    RECLASSIFIED: _class_before,
}
"""The steps that can be taken back, each with what gives the fields before it."""
