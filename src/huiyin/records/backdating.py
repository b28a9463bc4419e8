"""Entered later than done (补录): punctuality goes by the doing, so what is late says why.

A reason is asked for where the time between has a say: it is long, or a due moment lies in it. So
it is of whatever tells when it happened: records and their handing over, what came in, every act on
a case, what is registered and what happened to it, what a customer said of being contacted. What is
mended or taken back is so at the moment at which that is entered, and says why itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said
from huiyin.core.punctuation import explained
from huiyin.core.words import MOST, wrong_words
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of
from huiyin.ui.fields import Control

FIELD = "late_reason"


def read_reason(post: Mapping[str, str]) -> str:
    """What was written as the reason; a device that waited for its network gives its own."""
    written = post.get(FIELD, "").strip()
    waited = _("当时没有网络，先存在设备上，有网络后自动提交。") if post.get("waited") else ""
    return written or waited


def said(reason: str) -> str:
    """The reason as it stands in what is kept of the entry; empty without one."""
    return explained(_("补录原因"), reason.strip()) if reason.strip() else ""


def control(post: Mapping[str, str], errors: Mapping[str, Sequence[Any]]) -> Control:
    """Where the reason is written, beside the moment at which it happened."""
    given = {
        "value": post.get(FIELD, ""),
        "errors": errors.get(FIELD, ()),
        "help": late_help(),
        "rows": 2,
        "maxlength": str(MOST),
    }
    return Control.of("textarea", FIELD, _("补录原因"), given)


def late_help() -> str:
    """When a reason is asked for, in words."""
    hours = settings.HUIYIN_LATE_REASON_HOURS
    return _("早于现在 %(hours)s 小时以上，或时限已过的，请写明为什么现在才登记。") % {
        "hours": hours
    }


def wrong_reason(
    reason: str, *, of: str, about: int, happened_at: datetime, now: datetime
) -> dict[str, list[str]]:
    """What is wrong with the reason for entering it only now, by field; nothing is, mostly.

    ``of``: the form that is filed, or the kind of the fact that is stated.
    """
    missing = ""
    if not reason.strip() and _asks_why(of, about, happened_at, now):
        missing = _("发生于 %(moment)s，现在才登记，请写明补录的原因。") % {
            "moment": moment_said(happened_at)
        }
    wrong = wrong_words(reason, missing=missing)
    return {FIELD: wrong} if wrong else {}


def _asks_why(of: str, about: int, happened_at: datetime, now: datetime) -> bool:
    if now - happened_at > timedelta(hours=settings.HUIYIN_LATE_REASON_HOURS):
        return True
    if now <= happened_at:
        return False
    passed = Obligation.objects.waiting().about(about).filter(
        due_at__gte=happened_at, due_at__lt=now
    )  # fmt: skip
    ways = map(way_of, passed.select_related("adoption"))
    return any(of in (way.form, way.fact) for way in ways)
