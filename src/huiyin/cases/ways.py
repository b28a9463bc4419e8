"""The way of each kind of case: which steps there are, and in what order they are offered.

Data alone. What a step demands, and what must be there before closing, the policies' guards say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

PROMISE_WARNING = timedelta(days=7)
"""A reply promised for later than this after the item came is warned of, never refused (A.1.3)."""

ORIGINS: Mapping[str, Any] = {
    "phone": _("来电"),
    "walk_in": _("来访"),
    "message": _("微信或短信"),
    "letter": _("来信"),
}
"""How an item reaches the front desk; one found at a visit has the visit's form as its origin."""

SAFETY = "safety"
"""The choice by which a subject says that it concerns safety (repair.category: safety)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step to closing. ``field`` of a case is filled once it is done; ``stage`` is where the
    case then is, empty where it stays. An optional step is not waited for.
    """

    title: Any
    field: str
    stage: str = ""
    optional: bool = False


STEPS: Mapping[str, Step] = {
    "raised": Step(_("提出"), "raised_at", "raised"),
    "promise": Step(_("约定答复时间"), "promised_reply_at", "promised", optional=True),
    "notice": Step(_("开具整改通知"), "notice_id"),
    "handover": Step(_("送达整改人"), "notified_at", "notified"),
    "answer": Step(_("整改并填回执"), "rectified_at", "rectified"),
    "revisit": Step(_("另派人复访"), "revisited_at", "revisited"),
    "decision": Step(_("决定是否采纳"), "decided_at", "decided"),
    "handling": Step(_("查明并处理"), "handled_at", "handled"),
    "referral": Step(_("请示公司"), "referred_at"),
    "ruling": Step(_("公司批复"), "ruled_at"),
    "reply": Step(_("答复客户"), "replied_at", "replied"),
    "closure": Step(_("关闭"), "closed_at", "closed"),
}
REFERRED = ("referral", "ruling")
"""What comes in before the reply when a case is major, concerns safety, or was referred anyway."""


@dataclass(frozen=True, slots=True)
class Way:
    """The steps of a kind in their order, and what is asked when such an item is taken down."""

    steps: tuple[str, ...]
    at_visits: bool = True
    answerable: bool = False
    """May be answered at once, or a time for the reply is told."""
    rated: bool = False
    """Its severity is asked; that of a subject which concerns safety counts as well."""
    about_somebody: bool = False


RECTIFIED = ("raised", "notice", "handover", "answer", "revisit", "reply", "closure")
ANSWERED = ("raised", "promise", "reply", "closure")

WAYS: Mapping[str, Way] = {
    "problem": Way(RECTIFIED, rated=True),
    "complaint": Way(
        ("raised", "handling", "reply", "closure"), rated=True, about_somebody=True
    ),
    "question": Way(ANSWERED, answerable=True),
    "opinion": Way(ANSWERED, answerable=True),
    "request": Way(ANSWERED, answerable=True),
    "suggestion": Way(("raised", "decision", "reply", "closure")),
    "finding": Way(RECTIFIED, at_visits=False, rated=True),
}  # fmt: skip


def has_step(kind: str, step: str) -> bool:
    return step in WAYS[kind].steps


def stage_of(case: Any) -> str:
    """The stage that follows from what was done: the last step before the first that is not."""
    if case.closed_at is not None:
        return STEPS["closure"].stage
    stage = ""
    for key in WAYS[case.kind].steps:
        step = STEPS[key]
        if getattr(case, step.field):
            stage = step.stage or stage
        elif not step.optional:
            break
    return stage


def promised_far(case: Any) -> bool:
    """Whether the customer has to wait longer for the promised reply than one should promise."""
    promised = case.promised_reply_at
    return promised is not None and promised - case.raised_at > PROMISE_WARNING
