"""What the page of one case shows: its steps, what is missing, the talk with the customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from huiyin.accounts.abilities import may_lead
from huiyin.accounts.models import Person
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.cases import access, duties, queries, services, ways
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.cases.pages import heading, until
from huiyin.cases.steps import RUNNING, Gate, Progress
from huiyin.core.punctuation import bracketed, listed
from huiyin.customers.models import Customer
from huiyin.notices.messages import copy_text
from huiyin.obligations.questions import undecided
from huiyin.records import queries as records
from huiyin.records.timeline import events
from huiyin.subjects.declared import kind_of
from huiyin.subjects.models import Subject
from huiyin.subjects.queries import place_of
from huiyin.ui.moments import due_tone, due_words

PAGES: dict[str, tuple[str, Any]] = {
    "notice": ("cases:notice", gettext_lazy("开整改通知")),
    "handover": ("cases:handover", gettext_lazy("送达通知")),
    "answer": ("cases:answer", gettext_lazy("填整改回执")),
    # The re-visit is a follow-up, which is a room above: only its address is known here.
    "revisit": ("followups:workbench", gettext_lazy("去复访")),
    "decision": ("cases:decision", gettext_lazy("决定是否采纳")),
    "handling": ("cases:handling", gettext_lazy("登记处理")),
    "referral": ("cases:referral", gettext_lazy("请示公司")),
    "ruling": ("cases:ruling", gettext_lazy("登记批复")),
    "reply": ("cases:reply", gettext_lazy("登记答复")),
    "closure": ("cases:closure", gettext_lazy("关闭事项")),
}


@dataclass(frozen=True)
class Next:
    """The next step: who owes it until when, and the way there for whoever may take it."""

    gate: Gate
    duty: duties.Duty | None
    who: str
    url: str
    note: str

    @property
    def action(self) -> Any:
        return PAGES[self.gate.key][1]


def whole(case: Case, *, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Everything on the page of one case."""
    progress = Progress.of(case, now=now)
    gates = progress.gates()
    facts = queries.history(case, viewer)
    following = _next(progress, gates, viewer)
    return {
        "case": case,
        "heading": heading(case),
        "about": _about(case, progress, viewer),
        "promise": _promise(case, now=now),
        "next": following,
        "steps": [_step(gate, now=now) for gate in (*gates, *progress.left())],
        "missing": _missing(case, viewer, now=now) if case.is_open else None,
        "undecided": undecided(case.pk) if case.is_open else [],
        "talk": list(_talk(case, progress)),
        "tellings": list(_tellings(case, progress, following)) if case.is_open else [],
        "more": _more(case, progress, following, viewer) if case.is_open else [],
        "papers": _papers(case, viewer),
        # The first decision is a step itself: that it sorts the case as well is told by its clause.
        "events": events([fact for fact in facts if fact.kind != "case.sorted"], main=case.pk),
    }


def steps(case: Case, *, now: datetime) -> list[dict[str, Any]]:
    """The gates alone, for the page that closes."""
    return [_step(gate, now=now) for gate in Progress.of(case, now=now).gates()]


def _about(case: Case, progress: Progress, viewer: Viewer) -> dict[str, Any]:
    """Facts of the case, each in a line; what nobody filled in yet is left out."""
    replied = case.replied_at and bracketed(
        case.reply_to_customer,
        f"{case.get_reply_channel_display()} {_moment(case.replied_at)}".strip(),
    )
    decided = case.decision and _with(case.get_decision_display(), case.decision_reason)
    referral = progress.referral
    asked = referral and bracketed(
        referral.asked, f"{referral.to.name} {_moment(referral.asked_at)}"
    )
    lines: list[tuple[str, Any]] = [
        (_("维修人员") if case.subject_id else _("整改人"), case.repairer and case.repairer.name),
        (_("提出"), " · ".join([*_name(case.raised_by), _moment(case.raised_at)])),
        (_("来源"), _origin(case)),
        (_("投诉的是谁"), case.complained_about and case.complained_about.name),
        (_("改类"), _reclassified(case, progress)),
        (_("整改期限"), until(case)),
        (_("采纳决定"), decided),
        (_("查明与处理"), case.handling),
        (_("请示"), asked),
        (_("批复"), referral and referral.ruling),
        (pgettext("row", "答复客户"), replied),
        (_("处理结果"), case.get_outcome_display()),
    ]
    rows: list[Any] = [*_places(case, viewer), *(line for line in lines if line[1])]
    return {"description": case.description, "rows": rows}


def _reclassified(case: Case, progress: Progress) -> str:
    """What the case was before it was what it is, and why that was changed."""
    kinds = dict(Case.Kind.choices)
    changed = [each for each in progress.said if each.former]
    if not changed or {each.former for each in changed} == {case.kind}:
        return ""
    was = _("原为%s") % listed(dict.fromkeys(str(kinds[each.former]) for each in changed))
    return _with(was, changed[-1].text)


def _name(person: Person | None) -> list[str]:
    return [person.name] if person else []


def _places(case: Case, viewer: Viewer) -> list[dict[str, str]]:
    """The customer and what was visited there, with the way to each whose page opens for him."""
    seen = Customer.objects.visible_to(viewer).filter(pk=case.customer_id).exists()
    customer = reverse("customers:page", args=[case.customer_id]) if seen else ""
    if case.subject_id is None:
        number = case.customer.number if case.customer else ""
        return [{"word": pgettext("row", "客户"), "value": number, "url": customer}]
    subject = Subject.objects.select_related("customer", "target__unit").get(pk=case.subject_id)
    opens = Subject.objects.visible_to(viewer).filter(pk=subject.pk).exists()
    url = reverse("subjects:page", args=[subject.kind, subject.pk]) if opens else ""
    return [
        {"word": _("地点"), "value": place_of(subject), "url": customer},
        {"word": kind_of(subject.kind).title, "value": subject.number, "url": url},
    ]


def _origin(case: Case) -> str:
    """How it came in: the form of the visit, or the way to the front desk."""
    if case.origin in ways.ORIGINS:
        return str(ways.ORIGINS[case.origin])
    forms = {
        key: form
        for _adopted, pack in adoptions.current()
        for key, form in pack.policy.forms.items()
    }
    form = forms.get(case.origin)
    return form.title.say(duties.language()) if form else case.origin


def _with(word: str, aside: str) -> str:
    return bracketed(word, aside) if aside else word


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i")


def _promise(case: Case, *, now: datetime) -> dict[str, Any] | None:
    """The time that the customer was told, and how long it is until then."""
    due = case.promised_reply_at
    if due is None:
        return None
    zone = timezone.get_current_timezone()
    waits = case.is_open and case.replied_at is None
    return {
        "at": _moment(due),
        "left": due_words(due, now=now, zone=zone) if waits else "",
        "tone": due_tone(due, now=now, zone=zone) if waits else "",
        "far": ways.promised_far(case),
    }


def _next(progress: Progress, gates: Sequence[Gate], viewer: Viewer) -> Next | None:
    gate = next((gate for gate in gates if gate.state != "done"), None)
    if gate is None or not progress.case.is_open:
        return None
    case = progress.case
    duty = _running(gate, progress.now) or _running_before(gates, gate, progress.now)
    asked = progress.referral.to.name if gate.key == "ruling" and progress.referral else ""
    may = {
        "answer": access.answers,
        "decision": lambda viewer, case: may_lead(viewer, case.target),
        "ruling": access.rules,
    }.get(gate.key, access.manages)(viewer, case)
    return Next(
        gate=gate,
        duty=duty,
        who=asked or (duty.who if duty else ""),
        url=reverse(PAGES[gate.key][0], args=[case.pk]) if may else "",
        note="" if may else _("由负责的人办理；您可以查看。"),
    )


def _running(gate: Gate, now: datetime) -> duties.Duty | None:
    if gate.owed is None or gate.owed.standing not in RUNNING:
        return None
    return duties.told(gate.owed.obligation, now=now, zone=timezone.get_current_timezone())


def _running_before(gates: Sequence[Gate], gate: Gate, now: datetime) -> duties.Duty | None:
    """Writing a notice has no clock of its own: it is part of handing it over in time."""
    if gate.key != "notice":
        return None
    handover = next(each for each in gates if each.key == "handover")
    return _running(handover, now)


def _step(gate: Gate, *, now: datetime) -> dict[str, Any]:
    words = [gate.done_by, _moment(gate.done_at)] if gate.done_at else []
    if gate.owed is not None:
        duty = duties.told(gate.owed.obligation, now=now, zone=timezone.get_current_timezone())
        if duty.when and gate.done_at is None:
            words += [duty.who, duty.when]
        words += [f"§ {clause.id}" for clause in duty.clauses]
    return {"title": gate.title, "state": gate.state, "note": " · ".join(w for w in words if w)}


def _missing(case: Case, viewer: Viewer, *, now: datetime) -> dict[str, Any] | None:
    """What the policies still want before it may be closed, with each clause.

    What it came to is asked on the page that closes, so it stands in nobody's way before that.
    """
    doing = _closing(viewer, now)
    refused = services.what_is_missing(case, outcome=Case.Outcome.SOLVED, doing=doing)
    if refused is None:
        return None
    return {
        "lines": str(refused.message).splitlines(),
        "clauses": duties.links(refused.clauses),
    }


def demanded(case: Case, viewer: Viewer, *, now: datetime) -> Sequence[str]:
    """The values that the policies demand of the page that closes, by their names."""
    refused = services.what_is_missing(case, outcome="", doing=_closing(viewer, now))
    return refused.values.get("missing", ()) if refused else ()


def _closing(viewer: Viewer, now: datetime) -> Doing:
    me = viewer.person_id or 0
    return Doing(by=me, recorded_by=me, happened_at=now, now=now)


TALK: dict[str, Any] = {
    "case.answered": gettext_lazy("当场答复"),
    "case.supplemented": gettext_lazy("补充"),
    "case.replied": gettext_lazy("答复客户"),
    "case.withdrawn": gettext_lazy("客户撤回"),
}


def _talk(case: Case, progress: Progress) -> Iterator[dict[str, Any]]:
    """What was said with the customer, in the words that were kept, oldest first."""
    first = _("发现") if ways.has_step(case.kind, "notice") else _("客户说")
    for each in progress.said:
        title = first if each.kind == "case.raised" else TALK.get(each.kind)
        if title:
            text = _("（原话已删除）") if each.erased else each.text
            yield {"title": title, "text": text, "by": each.by, "at": each.at}
        if each.kind == "case.raised" and case.promised_reply_at and case.round == 1:
            text = _("约定 %s 前答复") % _moment(case.promised_reply_at)
            yield {"title": _("告知客户"), "text": text, "by": each.by, "at": each.at}


def _tellings(case: Case, progress: Progress, following: Next | None) -> Iterator[dict[str, str]]:
    """Ready messages for whoever has to be told: number, place, matter, due, clause."""
    place = case.customer.number if case.customer else ""
    referral = progress.referral

    def message(
        to: str, matter: str, due: datetime | None = None, clause: str = ""
    ) -> dict[str, str]:
        text = copy_text(place=place, matter=matter, due=due, clause=clause, number=case.number)
        return {"to": to, "text": text}

    if following and following.who:
        duty = following.duty
        clause = duty.clauses[0] if duty and duty.clauses else None
        words = bracketed(clause.text, clause.id) if clause else ""
        matter = f"{case.get_kind_display()} {following.gate.title}"
        yield message(following.who, matter, duty.due_at if duty else None, words)
    if case.repairer and case.notice and case.rectified_at is None:
        matter = _("整改通知单 %(number)s：%(words)s") % {
            "number": case.notice.number,
            "words": queries.words_of_round(case),
        }
        yield message(case.repairer.name, matter, case.rectify_by)
    if referral and referral.ruled_at is None:
        yield message(referral.to.name, _("请示：%s") % referral.asked)
    if case.replied_at:
        yield message(pgettext("row", "客户"), _("答复：%s") % case.reply_to_customer)


def _more(
    case: Case, progress: Progress, following: Next | None, viewer: Viewer
) -> list[tuple[str, str]]:
    """What else may be done with an open case, beside its next step: (title, address)."""
    found = [("cases:supplement", _("补充或更正"))]
    step = following.gate.key if following else ""
    waiting = progress.referral is not None and progress.referral.ruled_at is None
    if waiting and step != "ruling" and access.rules(viewer, case):
        found.append(("cases:ruling", _("公司批复")))
    if access.manages(viewer, case):
        if not waiting and step != "referral":
            found.append(("cases:referral", _("请示公司")))
        if may_lead(viewer, case.target):
            found.append(("cases:classification", _("改类")))
        if case.kind != Case.Kind.FINDING:
            found.append(("cases:withdrawal", _("客户撤回")))
    return [(title, reverse(name, args=[case.pk])) for name, title in found]


def _papers(case: Case, viewer: Viewer) -> list[dict[str, str]]:
    rows = records.about(viewer, case.pk).select_related("adoption")
    return [
        {
            "title": title,
            "number": record.number,
            "url": reverse("records:page", args=[record.pk]),
            "note": _moment(record.happened_at),
        }
        for record, title in records.titles(list(rows))
    ]
