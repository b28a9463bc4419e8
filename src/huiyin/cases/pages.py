"""What the pages of cases show, ready for their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.cases import access, duties, queries, services
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.core.errors import HuiyinError
from huiyin.core.punctuation import bracketed
from huiyin.ledger.queries import timeline
from huiyin.records import forms as record_forms
from huiyin.records import queries as records
from huiyin.records.timeline import events
from huiyin.subjects.models import Subject
from huiyin.subjects.queries import place_of
from huiyin.ui.moments import until_words


def heading(case: Case) -> str:
    """Where and what, as a title: 3栋1202 · 问题."""
    place = case.customer.number if case.customer else case.number
    return f"{place} · {case.get_kind_display()}"


def told(case: Case) -> dict[str, str]:
    """What a case is about, above a form that works on it."""
    return {
        "description": case.description,
        "repairer": case.repairer.name if case.repairer else "",
        "severity": case.get_severity_display(),
        "until": _until(case),
    }


def _until(case: Case) -> str:
    zone = timezone.get_current_timezone()
    return until_words(case.rectify_by, zone=zone) if case.rectify_by else ""


def whole(case: Case, *, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Everything on the page of one case."""
    owed = queries.owed(case, now=now)
    gates = queries.gates(case, owed, now=now)
    facts = timeline([case.pk], viewer).items
    return {
        "case": case,
        "heading": heading(case),
        "about": _about(case),
        "next": _next(case, gates, viewer=viewer, now=now),
        "steps": [_step(gate, now=now) for gate in gates],
        "missing": _missing(case, viewer, now=now) if case.is_open else None,
        "papers": _papers(case, viewer),
        "events": events(facts, main=case.pk),
    }


def steps(case: Case, *, viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """The gates alone, for the page that closes."""
    gates = queries.gates(case, queries.owed(case, now=now), now=now)
    return [_step(gate, now=now) for gate in gates]


def _about(case: Case) -> dict[str, Any]:
    subject = Subject.objects.select_related("customer", "target__unit").get(pk=case.subject_id)
    rows: list[Any] = [
        {
            "word": _("地点"),
            "value": place_of(subject),
            "url": reverse("customers:page", args=[case.customer_id]) if case.customer_id else "",
        },
        {
            "word": _("维修单"),
            "value": subject.number,
            "url": reverse("subjects:page", args=[subject.kind, subject.pk]),
        },
        (_("维修人员"), case.repairer.name if case.repairer else ""),
        (_("提出"), f"{case.raised_by.name} · {_moment(case.raised_at)}"),
    ]
    if case.rectify_by:
        rows.append((_("整改期限"), _until(case)))
    if case.replied_at:
        channel = case.get_reply_channel_display()
        rows.append(
            (
                pgettext("row", "答复客户"),
                bracketed(case.reply_to_customer, f"{channel} {_moment(case.replied_at)}"),
            )
        )
    if case.outcome:
        rows.append((_("处理结果"), case.get_outcome_display()))
    return {"description": case.description, "rows": rows}


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i")


ACTS: dict[str, tuple[str, Any]] = {
    "notice": ("cases:notice", gettext_lazy("开整改通知")),
    "handover": ("cases:handover", gettext_lazy("送达通知")),
    "answer": ("cases:answer", gettext_lazy("填整改回执")),
    # The re-visit is a follow-up, which is a room above: only its address is known here.
    "revisit": ("followups:workbench", gettext_lazy("去复访")),
    "reply": ("cases:reply", gettext_lazy("登记答复")),
    "closure": ("cases:closure", gettext_lazy("关闭问题")),
}


def _next(
    case: Case, gates: Sequence[queries.Gate], *, viewer: Viewer, now: datetime
) -> dict[str, Any] | None:
    """The next act, who owes it until when, and the way there for whoever may do it."""
    gate = next((gate for gate in gates if gate.state != "done"), None)
    if gate is None:
        return None
    duty = _running(gate, now=now) or _running_before(gates, gate, now=now)
    url, action = ACTS[gate.key]
    may = access.answers(viewer, case) if gate.key == "answer" else access.manages(viewer, case)
    return {
        "title": gate.title,
        "who": duty.who if duty else "",
        "when": duty.when if duty else "",
        "tone": duty.tone if duty else "",
        "clauses": duty.clauses if duty else [],
        "url": reverse(url, args=[case.pk]) if may else "",
        "action": action,
        "note": "" if may else _("由负责的人办理；您可以查看。"),
    }


def _running(gate: queries.Gate, *, now: datetime) -> duties.Duty | None:
    if gate.owed is None or gate.owed.standing not in queries.RUNNING:
        return None
    return duties.told(gate.owed.obligation, now=now, zone=timezone.get_current_timezone())


def _running_before(
    gates: Sequence[queries.Gate], gate: queries.Gate, *, now: datetime
) -> duties.Duty | None:
    """Writing a notice has no clock of its own: it is part of handing it over in time."""
    if gate.key != "notice":
        return None
    handover = next(each for each in gates if each.key == "handover")
    return _running(handover, now=now)


def _step(gate: queries.Gate, *, now: datetime) -> dict[str, Any]:
    words = [_moment(gate.done_at)] if gate.done_at else []
    if gate.owed is not None:
        duty = duties.told(gate.owed.obligation, now=now, zone=timezone.get_current_timezone())
        if duty.when and gate.done_at is None:
            words += [duty.who, duty.when]
        words += [f"§ {clause.id}" for clause in duty.clauses]
    return {"title": gate.title, "state": gate.state, "note": " · ".join(w for w in words if w)}


def _missing(case: Case, viewer: Viewer, *, now: datetime) -> dict[str, Any] | None:
    """What the policies still want before it may be closed, with each clause."""
    me = viewer.person_id or 0
    doing = Doing(by=me, recorded_by=me, happened_at=now, now=now)
    refused = queries.what_is_missing(services.closing(case, outcome=case.outcome, doing=doing))
    if refused is None:
        return None
    return {
        "lines": str(refused.message).splitlines(),
        "clauses": duties.links(refused.clauses),
    }


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


@dataclass(frozen=True)
class Words:
    """What a page that fills in a paper says."""

    key: str
    act: str
    title: Any
    button: Any
    done: Any

    def draft(self, case: Case) -> str:
        return f"{self.key}-{case.pk}-{case.round}"


NOTICE = Words(
    "notice",
    "record.file",
    gettext_lazy("整改通知单"),
    gettext_lazy("开具，下一步送达"),
    gettext_lazy("通知单已开具；送达维修人员后才算通知。"),
)
ANSWER = Words(
    "answer",
    "case.rectify",
    gettext_lazy("整改回执"),
    gettext_lazy("登记整改"),
    gettext_lazy("整改已登记，接着由另一个人复访。"),
)


def form_of(form_key: str) -> Any:
    """Raises NotFound when no policy in force has the form."""
    return adoptions.form(form_key)[1]


def paper(
    case: Case,
    form_key: str,
    words: Words,
    *,
    now: datetime,
    sent: record_forms.Sent | None = None,
    error: HuiyinError | None = None,
) -> dict[str, Any]:
    """A form of the case to fill in: the notice opens with the problem as it was described."""
    adoption, form = adoptions.form(form_key)
    prefill = record_forms.opening(adoption, form, about=case.pk, now=now)
    if "problem" in form.fields:
        prefill["problem"] = case.description
    errors = getattr(error, "errors", {})
    return {
        "case": case,
        "heading": heading(case),
        "told": told(case),
        "words": words,
        "draft": words.draft(case),
        "errors": errors,
        "controls": record_forms.controls(form, sent=sent, prefill=prefill, errors=errors),
    }
