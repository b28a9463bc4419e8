"""Which kinds of notices there are, and how mail treats each unless its reader says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, tzinfo
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How a notice goes over a channel."""

    NOW = "now", _("立即")
    DIGEST = "digest", _("每日汇总")
    NONE = "none", _("不发")


HOURS, LATE, DUE, CASE, POLICY, OTHER = "hours", "late", "due", "case", "policy", "other"

KINDS: Mapping[str, Any] = {
    HOURS: _("按小时计时的事项"),
    LATE: _("逾期"),
    DUE: _("到期与交办"),
    CASE: _("事项办理"),
    POLICY: _("制度启用"),
    OTHER: _("其他"),
}
"""Kind → title, in the order in which a reader is asked about them."""

DEFAULTS: Mapping[str, str] = {kind: Way.NOW if kind == HOURS else Way.DIGEST for kind in KINDS}

OF_TEMPLATE: Mapping[str, str] = {
    "obligation_due": DUE,
    "obligation_late": LATE,
    "handed_over": DUE,
    "deputy_left": DUE,
    "extension_asked": DUE,
    "extension_declined": DUE,
    "followup_called_off": DUE,
    "case_raised": CASE,
    "case_notice_sent": CASE,
    "case_rectified": CASE,
    "case_referred": CASE,
    "case_ruled": CASE,
    "case_closed": CASE,
    "adoption_proposed": POLICY,
    "adoption_approved": POLICY,
}
"""Template → kind; any other is OTHER."""


def kind_of(template: str, params: Mapping[str, Any], zone: tzinfo) -> str:
    """The kind of a notice. A matter that is due at an hour of its own is HOURS.

    A clock in days ends at 24:00 in the firm's `zone`, one in hours wherever its hours end.
    """
    kind = OF_TEMPLATE.get(template, OTHER)
    due = due_of(params)
    if kind in (LATE, DUE, CASE) and due is not None and due.astimezone(zone).time() != time.min:
        return HOURS
    return kind


def due_of(params: Mapping[str, Any]) -> datetime | None:
    """When the matter of a notice is due, if it says so."""
    try:
        found = datetime.fromisoformat(str(params.get("due") or ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
