"""Page-sized reads of cases: how many there are, one case with its gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.cases.models import Case
from huiyin.core import acts
from huiyin.core.errors import Refused
from huiyin.obligations.models import Obligation

NOTICE_FORM = "rectification_notice"
ANSWER_FORM = "rectification_answer"


def counts(viewer: Viewer) -> dict[str, int]:
    """How many open cases there are, in all ("") and in each stage; nothing counts closed ones."""
    found = (
        Case.objects.visible_to(viewer).open().order_by().values_list("stage").annotate(Count("pk"))
    )
    by_stage = dict(found)
    return by_stage | {"": sum(by_stage.values())}


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty on the case, the step it asks for, and how it stands."""

    obligation: Obligation
    gate: str
    standing: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One step to closing: ``state`` is done, next, missing (overdue) or later."""

    key: str
    title: str | Promise
    state: str
    done_at: datetime | None = None
    owed: Owed | None = None


TITLES: dict[str, Any] = {
    "raised": _("提出问题"),
    "notice": _("开具整改通知"),
    "handover": _("送达维修人员"),
    "answer": _("整改并填回执"),
    "revisit": _("另派人复访"),
    "reply": _("答复客户"),
    "closure": _("关闭"),
}


def owed(case: Case, *, now: datetime) -> list[Owed]:
    """The duties on the case of all rounds, newest first; two statements."""
    rows = (
        Obligation.objects.about(case.pk)
        .select_related("opener", "holder__as_person", "adoption")
        .order_by("-id")
    )
    return [Owed(row, gate=_gate_of(row), standing=row.standing(now)) for row in rows]


def _gate_of(row: Obligation) -> str:
    """The step that a duty asks for, by what proves it."""
    duty = adoptions.pack_of(row.adoption.policy_version_id).policy.duties.get(row.duty)
    proof = duty and duty.proof
    if proof is None:
        return ""
    if proof.record == NOTICE_FORM:
        return "handover" if proof.sent_to else "notice"
    if proof.record == ANSWER_FORM or proof.fact == "case.rectified":
        return "answer"
    if row.opener and row.opener.kind == "case.rectified":
        return "revisit"
    return "reply" if proof.fact == "case.replied" else ""


def gates(case: Case, duties: Sequence[Owed], *, now: datetime) -> list[Gate]:
    """The steps of the running round in their order, each with what is owed for it."""
    done: dict[str, datetime | None] = {
        "raised": case.raised_at,
        "notice": case.notice.happened_at if case.notice else None,
        "handover": case.notified_at,
        "answer": case.rectified_at,
        "revisit": case.revisited_at,
        "reply": case.replied_at,
        "closure": case.closed_at,
    }
    upcoming = next((key for key, at in done.items() if at is None), "")
    running = {duty.gate: duty for duty in reversed(duties) if duty.standing in RUNNING}
    return [
        Gate(
            key=key,
            title=title,
            state=_state(done[key], key == upcoming, running.get(key)),
            done_at=done[key],
            owed=running.get(key) or _settled(duties, key),
        )
        for key, title in TITLES.items()
    ]


RUNNING = {"due", "overdue", "blocked"}


def _state(done_at: datetime | None, is_next: bool, running: Owed | None) -> str:
    if done_at is not None:
        return "done"
    if running is not None and running.standing == "overdue":
        return "missing"
    return "next" if is_next else "later"


def _settled(duties: Sequence[Owed], key: str) -> Owed | None:
    return next((duty for duty in duties if duty.gate == key), None)


def what_is_missing(context: acts.ActContext) -> Refused | None:
    """Why the case could not be closed now, as the policies say it; None when it could."""
    try:
        with transaction.atomic():
            acts.check(context.act, context)
    except Refused as refused:
        return refused
    return None
