"""An amended record of a follow-up: the cases follow what its answers say by now.

In the transaction that amends. A problem that an answer states now is taken down as if the visit
had stated it; one that no answer states any more is taken back, unless somebody went on with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.cases import rounds, undoing
from huiyin.cases import services as cases
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.core.punctuation import sentences
from huiyin.followups.findings import stated_by
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.ledger.services import VOIDED
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.records.queries import form_of, own_values, reason_of

AMENDED, REVISITED = "record.amended", "case.revisited"


def follow_amended(facts: Sequence[Fact], now: datetime) -> None:
    """Subscriber of the ledger. Raises Refused where a policy does not let the case be raised."""
    for fact in facts:
        if fact.kind == AMENDED:
            _follow(Record.objects.select_related("amends").get(pk=fact.values["record.id"]), now)


def _follow(newer: Record, now: datetime) -> None:
    versions = Record.objects.versions_of(newer)
    held = Followup.objects.held().filter(record__in=versions.values("pk"))
    followup = held.select_related("record", "case").select_for_update(of=("self",)).first()
    if followup is None or newer.amends is None:
        return
    form = form_of(newer)
    before = {item.kind: item for item in stated_by(form, own_values(newer.amends))}
    after = {item.kind: item for item in stated_by(form, own_values(newer))}
    # Who visited saw it then; a correction does not let the clock begin later.
    found = Doing(followup.record.by_id, newer.recorded_by_id, newer.happened_at, now)
    later = Doing(newer.by_id, newer.recorded_by_id, now, now)
    for kind in before.keys() - after.keys():
        if not _solves(followup, newer, found, later):
            _take_back(followup, before[kind], newer, later)
    for kind, item in after.items():
        if before.get(kind) == item or _goes_on(followup, item, newer, found, later):
            continue
        case = followup.case
        about = (case.subject_id or case.customer_id if case else None) or followup.about_id
        raised = cases.raise_case(item, about=about, origin=newer.form, doing=found, at_visit=True)
        followup.raised.add(raised)


def _goes_on(followup: Followup, item: Item, newer: Record, found: Doing, later: Doing) -> bool:
    """Whether an open case has it already: the one that was re-visited, or one of the kind."""
    again = followup.case if followup.case and followup.case.is_open else None
    if again is not None and again.revisit_id == followup.record_id:
        cases.record_revisit(again, paper=newer, finding=item, doing=found)
        return True
    standing = [case for case in _of_kind(followup, item.kind) if case.is_open]
    case = again or next(iter(standing), None)
    if case is None:
        return False
    cases.supplement(case, text=_amended(newer, item.description), doing=later)
    return True


def _solves(followup: Followup, newer: Record, found: Doing, later: Doing) -> bool:
    """A re-visit found its problem solved after all: the round that it began never was.

    Not where anything was done in that round: then it goes on.
    """
    case = followup.case and Case.objects.select_for_update().get(pk=followup.case.pk)
    papers = Record.objects.versions_of(newer).values_list("pk", flat=True)
    begun = case and rounds.beginning(case, papers=set(papers), now=later.now)
    if case is None or begun is None:
        return False
    reason = _amended(newer, reason_of(newer))
    rounds.take_back(case, begun, paper=followup.record, found=found, later=later, reason=reason)
    return True


def _take_back(followup: Followup, item: Item, newer: Record, later: Doing) -> None:
    """The case that the answer raised: the only one of its kind, or the one in the form's words.

    At a re-visit it is the one that was re-visited, unless that was closed by then.
    """
    raised, why = _of_kind(followup, item.kind), reason_of(newer)
    if followup.case or len(raised) > 1:
        raised = [case for case in raised if case.description == item.description]
    if followup.case and not raised:
        raised = [followup.case]
    for case in raised:
        facts = [] if case == followup.case else undoing.raising_facts(case)
        late = Obligation.objects.waiting().about(case.pk).filter(due_at__lt=later.now)
        if facts and not late.exists():
            undoing.take_back(facts, by=later.by, reason=_amended(newer, why), now=later.now)
        elif case.is_open:
            kept = _("记录不再指出问题，但这一件已有后续，照样办到底")
            cases.supplement(case, text=_amended(newer, sentences([why, kept])), doing=later)


def _amended(newer: Record, words: str) -> str:
    said = _("回访记录 %(number)s 已更改：%(words)s")
    return said % {"number": newer.number, "words": words}


def consequences(newer: Record) -> str:
    """What the amendment did to cases, in a sentence each; empty where it did nothing."""
    rows = Fact.objects.filter(
        recorded_at=newer.recorded_at,
        recorded_by=newer.recorded_by_id,
        target__kind="case",
        kind__in=DONE,
    ).order_by("id")
    pairs = dict.fromkeys(rows.values_list("kind", "target__label"))
    again = {number for kind, number in pairs if kind == REVISITED}
    return sentences(
        DONE[kind] % number for kind, number in pairs if kind == REVISITED or number not in again
    )


DONE: Mapping[str, Any] = {
    REVISITED: gettext_lazy("%s 的复访结果已随之更改"),
    "case.raised": gettext_lazy("已由此登记事项 %s"),
    VOIDED: gettext_lazy("由此登记的 %s 已撤销"),
    "case.supplemented": gettext_lazy("%s 已在办理，更改写进了它的经过，照样办到底"),
}


def _of_kind(followup: Followup, kind: str) -> list[Case]:
    return list(
        followup.raised.for_pages().filter(kind=kind).order_by("pk").select_for_update(of=("self",))
    )
