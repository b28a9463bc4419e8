"""Entered later than done (补录): punctuality goes by the doing, so what is late says why.

A reason is asked for where the time between has a say: it is long, or a due moment lies in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said
from huiyin.core.words import wrong_words
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of

FIELD = "late_reason"


def read_reason(post: Mapping[str, str]) -> str:
    """What was written as the reason; a device that waited for its network gives its own."""
    written = post.get(FIELD, "").strip()
    waited = _("当时没有网络，先存在设备上，有网络后自动提交。") if post.get("waited") else ""
    return written or waited


def wrong_reason(
    reason: str, *, form: str, about: int, happened_at: datetime, now: datetime
) -> dict[str, list[str]]:
    """What is wrong with the reason for entering it only now, by field; nothing is, mostly."""
    missing = ""
    if not reason.strip() and _asks_why(form, about, happened_at, now):
        missing = _("发生于 %(moment)s，现在才登记，请写明补录的原因。") % {
            "moment": moment_said(happened_at)
        }
    wrong = wrong_words(reason, missing=missing)
    return {FIELD: wrong} if wrong else {}


def _asks_why(form: str, about: int, happened_at: datetime, now: datetime) -> bool:
    if now - happened_at > timedelta(hours=settings.HUIYIN_LATE_REASON_HOURS):
        return True
    if now <= happened_at:
        return False
    passed = Obligation.objects.waiting().about(about).filter(
        due_at__gte=happened_at, due_at__lt=now
    )  # fmt: skip
    return any(way_of(row).form == form for row in passed.select_related("adoption"))
