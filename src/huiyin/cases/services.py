"""What people do to a case. One function is one use case and one transaction.

Every transition is a fact and a conditional update: of two people who do the same at the same
moment the second is told so, and nothing of his is written.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.cases import ways
from huiyin.cases.deciding import decide, handle, refer, refuse_others, rule_on_referral
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.cases.moving import (
    check,
    context,
    move,
    one_effect,
    record,
    require_after,
    values_of,
)
from huiyin.cases.rectifying import (
    file_notice,
    hand_over_notice,
    record_rectification,
    record_revisit,
)
from huiyin.core import acts, idempotency
from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.core.words import require_reason, wrong_words
from huiyin.customers.models import Customer
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.records import backdating
from huiyin.records.numbering import next_number
from huiyin.subjects import queries as subjects
from huiyin.subjects.models import Subject

__all__ = [
    "Doing", "Item", "close", "decide", "file_notice", "hand_over_notice", "handle",
    "raise_case", "reclassify", "record_rectification", "record_revisit", "refer", "reply",
    "rule_on_referral", "supplement", "what_is_missing", "withdraw",
]  # fmt: skip


@transaction.atomic
def raise_case(
    item: Item, *, about: int, origin: str, doing: Doing, at_visit: bool = False
) -> Case:
    """Take an item down as a case: about a subject, or directly about a customer.

    ``origin`` is the form whose work found it, or how it reached the front desk. The clock of the
    written notice (B.4.a) starts when it became known, which for something found at a visit is
    the visit itself. What was answered at once is a reply to the customer; a question that is not
    needs the time that the customer was told, if a policy says so (A.1.3). The same key again
    gives the same case. What is entered much later says why, unless the record of its visit does.
    Raises Invalid, NotFound, Refused.
    """
    item = _checked(item, about=about, origin=origin, doing=doing, at_visit=at_visit)
    if doing.key:
        said = idempotency.digest_of(["case.raise", about, origin, item, doing.by])
        if earlier := idempotency.once(doing.key, doing.recorded_by, said, now=doing.now):
            return _still_there(int(earlier))
    case = _drafted(item, about=about, origin=origin, doing=doing, at_visit=at_visit)
    target = Target.objects.get(pk=about)
    for act in ("case.raise", *(["case.answer"] if case.answered_at_once else [])):
        _ask(act, case, target, doing)
    case.number = next_number("WT", now=doing.happened_at, zone=zone())
    case.target = _new_target(case, target)
    case.save(force_insert=True)
    record(case, "case.raised", doing, note=_words(case, doing))
    if item.answer.strip():
        record(case, "case.answered", doing, note=case.reply_to_customer)
    if doing.key:
        idempotency.keep(doing.key, doing.recorded_by, str(case.pk))
    return case


def _checked(item: Item, *, about: int, origin: str, doing: Doing, at_visit: bool) -> Item:
    """The item that holds; a missing reason for the delay is said beside what is wrong in it."""
    wrong: dict[str, list[str]] = {}
    if not at_visit:
        wrong = backdating.wrong_reason(
            doing.late_reason,
            of=origin,
            about=about,
            happened_at=doing.happened_at,
            now=doing.now,
        )
    try:
        found = item.checked(at=doing.happened_at)
    except Invalid as invalid:
        raise Invalid({**invalid.errors, **wrong}) from invalid
    if wrong:
        raise Invalid(wrong)
    return found


def _words(case: Case, doing: Doing) -> str:
    """What was brought up; and, of what came in by itself, why it is entered only now."""
    late = "" if case.at_visit else backdating.said(doing.late_reason)
    return "\n".join(filter(None, [case.description, late]))


def _still_there(id: int) -> Case:
    """What the same submission made before. Raises Conflict when it was taken back since."""
    found: Case | None = Case.objects.for_pages().filter(pk=id).first()
    if found is None:
        raise Conflict(_("这次登记已经撤销；要重新登记，请丢弃草稿后重填。"), code="case.undone")
    return found


def _drafted(item: Item, *, about: int, origin: str, doing: Doing, at_visit: bool) -> Case:
    """The case as it will be, without its number and its target."""
    rows = Subject.objects.select_related("target", "customer__target")
    subject = rows.filter(target=about).first()
    found = Customer.objects.select_related("target").filter(target=about)
    customer = subject.customer if subject else found.first()
    if subject is None and customer is None:
        raise NotFound
    of_subject = subjects.values_of(subject) if subject else {}
    repairer = of_subject.get(f"{subject.kind}.repairer") if subject else None
    answer = item.answer.strip()
    way = ways.WAYS[item.kind]
    case = Case(
        kind=item.kind,
        origin=origin,
        at_visit=at_visit,
        severity=item.severity,
        safety=item.safety or (way.rated and ways.SAFETY in of_subject.values()),
        topic=item.topic,
        description=item.description.strip(),
        customer=customer,
        subject_id=about if subject else None,
        repairer_id=repairer if isinstance(repairer, int) else None,
        complained_about_id=item.complained_about if way.about_somebody else None,
        raised_by_id=doing.by,
        raised_at=doing.happened_at,
        answered_at_once=bool(answer),
        promised_reply_at=None if answer else item.promised_reply_at,
        reply_to_customer=answer,
        replied_at=doing.happened_at if answer else None,
    )
    case.stage = ways.stage_of(case)
    return case


def _ask(act: str, case: Case, about: Target, doing: Doing) -> None:
    """Before there is a case, the policies are asked about what it will be about."""
    values, at = values_of(case), doing.happened_at
    asked = acts.ActContext(act, about.pk, doing.by, at=at, unit=about.unit_id, values=values)
    acts.check(act, asked)


def _new_target(case: Case, about: Target) -> Target:
    """Entrusted to whom the subject or the customer is entrusted, else to who has to put it right.

    So the officer of a zone sees what becomes of his households; who puts it right sees it anyway.
    Never to the person complained about, who else would read what is said of him.
    """
    officer = case.customer.target.owner_id if case.customer else None
    asked = (about.owner_id, officer, case.repairer_id, case.raised_by_id)
    trusted = next((each for each in asked if each and each != case.complained_about_id), None)
    new = ledger.NewTarget(
        kind="case",
        unit_id=about.unit_id,
        owner_id=trusted,
        customer_id=case.customer_id,
        label=case.number,
    )
    [pk] = ledger.create_targets([new])
    return Target.objects.get(pk=pk)


@one_effect("case.reply")
def reply(case: Case, *, text: str, channel: str, doing: Doing) -> None:
    """Tell the customer what came of it (C.1.4.c). Raises Invalid, Conflict for a closed case.

    A later reply replaces the text on the case; each one stays in the ledger.
    """
    errors = {}
    if wrong := wrong_words(text, missing=_("请写明答复了客户什么。")):
        errors["text"] = wrong
    if channel not in Case.Channel.values:
        errors["channel"] = [_("请选择用什么方式答复的。")]
    if errors:
        raise Invalid(errors)
    require_after(case.raised_at, doing, _("事项的提出"))
    check("case.reply", case, doing, reply_to_customer=text.strip(), reply_channel=channel)
    move(
        case,
        where={"replied_at": case.replied_at},
        reply_to_customer=text.strip(),
        reply_channel=channel,
        replied_at=doing.happened_at,
    )
    record(case, "case.replied", doing, note=text.strip(), reply_channel=channel)


@one_effect("case.supplement")
def supplement(case: Case, *, text: str, doing: Doing) -> None:
    """Add to what was taken down, or correct it: the first words stay. Raises Invalid, Conflict."""
    if wrong := wrong_words(text, missing=_("请写明补充或更正的内容。")):
        raise Invalid({"text": wrong})
    require_after(case.raised_at, doing, _("事项的提出"))
    check("case.supplement", case, doing)
    move(case)
    record(case, "case.supplemented", doing, note=text.strip())


@one_effect("case.reclassify")
def reclassify(case: Case, *, kind: str, severity: str, reason: str, doing: Doing) -> None:
    """Give a case another kind or severity, with a reason; what it was before stays in its fact.

    So a complaint that became something else is still counted as one that was reclassified, and
    a case that became major has to be referred (C.1.4.b). What is in time and owed of its former
    kind alone is released with the reason; what is late stays late until somebody above releases
    it. Raises Invalid, Refused, Conflict.
    """
    reason = require_reason(reason, missing=_("请写明改类的原因。"))
    errors = {}
    if kind not in Case.Kind.values:
        errors["kind"] = [_("请选择类别。")]
    if severity not in Case.Severity.values:
        errors["severity"] = [_("请选择轻重。")]
    if not errors and (kind, severity) == (case.kind, case.severity):
        errors["kind"] = [_("类别和轻重都没有改变。")]
    if not errors and kind != case.kind and _is_rectifying(case):
        errors["kind"] = [_("整改通知已经送达，要整改、复访到底，不能再改类别；只改轻重可以。")]
    if errors:
        raise Invalid(errors)
    require_after(case.raised_at, doing, _("事项的提出"))
    refuse_others(case, doing, _("改类由管辖该单位的负责人办理。"))
    former = {"former_kind": case.kind, "former_severity": case.severity}
    check("case.reclassify", case, doing, **former, kind=kind, severity=severity)
    was = {"kind": case.kind, "severity": case.severity}
    move(case, where=was, kind=kind, severity=severity)
    record(case, "case.reclassified", doing, note=reason, **former)
    said, values = _("改类：%s") % reason, values_of(case)
    obligations.release(case.pk, by=doing.recorded_by, reason=said, now=doing.now, unfit=values)


def _is_rectifying(case: Case) -> bool:
    """Somebody was told in writing to put it right; another kind would be a way round the re-visit."""
    return case.notified_at is not None or case.round > 1


@one_effect("case.withdraw")
def withdraw(case: Case, *, reason: str, doing: Doing) -> None:
    """The customer takes it back, and says why; the case is over, and counts as handled.

    What is still in time and owed about it is released with that reason; what is late already
    stays late until somebody above releases it. Raises Invalid, Refused, Conflict.
    """
    reason = require_reason(reason, missing=_("请写明客户为什么撤回。"))
    if case.kind == Case.Kind.FINDING:
        raise Invalid({"": [_("检查发现不是客户提出的，不能由客户撤回。")]})
    require_after(case.raised_at, doing, _("事项的提出"))
    _require_gates(case, context("case.withdraw", case, doing))
    move(case, outcome=Case.Outcome.WITHDRAWN, closed_at=doing.happened_at)
    record(case, "case.withdrawn", doing, note=reason)
    said = _("客户撤回：%s") % reason
    obligations.release(case.pk, by=doing.recorded_by, reason=said, now=doing.now)


OUTCOMES = tuple(set(Case.Outcome.values) - {Case.Outcome.WITHDRAWN})
"""What closing may come to; a withdrawal is the customer's own."""


def what_is_missing(case: Case, *, outcome: str, doing: Doing) -> Refused | None:
    """Why the case could not be closed now; None when it could. Nothing is kept."""
    try:
        with transaction.atomic():
            _require_gates(case, _closing(case, outcome, doing))
    except Refused as refused:
        return refused
    return None


def _closing(case: Case, outcome: str, doing: Doing) -> acts.ActContext:
    return context("case.close", case, doing, outcome=outcome or None)


@one_effect("case.close")
def close(case: Case, *, outcome: str, doing: Doing) -> None:
    """Close a case with its outcome, if every gate is met.

    The gates are the policies' own (an outcome and a reply by C.1.4.c, the re-visit by B.4.b,
    the decision on a suggestion by C.1.2.b …), and what the last re-visit found unsolved stays
    open until one settles it. Raises Refused naming each clause, Invalid for an unknown outcome,
    Conflict when it is closed.
    """
    if outcome and outcome not in OUTCOMES:
        raise Invalid({"outcome": [_("请从列出的结果中选择。")]})
    steps = (case.revisited_at, case.decided_at, case.handled_at, case.replied_at)
    last = max(filter(None, (case.raised_at, *steps)))
    require_after(last, doing, _("事项的复访和答复"))
    _require_gates(case, _closing(case, outcome, doing))
    move(case, outcome=outcome, closed_at=doing.happened_at)
    record(case, "case.closed", doing)


def _require_gates(case: Case, asked: acts.ActContext) -> None:
    """Raises Refused with all that is missing: what the policies name, and a failed re-visit."""
    unsolved = _unsolved(case)
    try:
        acts.check(asked.act, asked)
    except Refused as refused:
        raise (_joined(refused, unsolved) if unsolved else refused) from refused
    if unsolved:
        raise unsolved


def _unsolved(case: Case) -> Refused | None:
    # A policy sees that a re-visit was made; that it failed is known only here.
    if case.round == 1 or case.revisited_at is not None:
        return None
    rows = Obligation.objects.about(case.pk)
    asking = rows.waiting() | rows.filter(opener__kind="case.rectified")
    clauses = {clause for found in asking.values_list("clauses", flat=True) for clause in found}
    said = _(
        "还没有第 %(n)s 次整改后的复访：上次复访发现问题没有解决，须再次整改并复访，才能关闭。"
    )
    return Refused(sorted(clauses), said % {"n": case.round}, rule="case.unsolved")


def _joined(refused: Refused, unsolved: Refused) -> Refused:
    clauses = list(dict.fromkeys([*refused.clauses, *unsolved.clauses]))
    message = f"{refused.message}\n{unsolved.message}"
    return Refused(clauses, message, refused.rule, **refused.values)
