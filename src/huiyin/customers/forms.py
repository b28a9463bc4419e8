"""What a browser sent about a customer's consent, read without judging it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.core.words import as_id, given_moment
from huiyin.customers.consent import How
from huiyin.customers.consenting import EVIDENCE, Statement
from huiyin.records import backdating
from huiyin.records.contacts import CHANNELS, PURPOSES
from huiyin.ui.fields import Control


def statement(sent: QueryDict, *, zone: tzinfo, now: datetime) -> Statement:
    """Raises Invalid for a moment that cannot be read."""
    return Statement(
        decision=sent.get("decision", ""),
        channel=sent.get("channel", ""),
        purpose=sent.get("purpose", ""),
        how=sent.get("how", ""),
        evidence=sent.get("evidence", ""),
        happened_at=given_moment(sent, "happened_at", zone) or now,
        contact=as_id(sent.get("contact", "")),
        late_reason=backdating.read_reason(sent),
    )


def controls(
    sent: QueryDict, errors: Mapping[str, Sequence[Any]], contacts: Sequence[tuple[int, str]]
) -> list[Control]:
    """The fields of a statement; nothing is chosen beforehand."""
    offered: dict[str, tuple[str, dict[str, Any]]] = {
        "decision": ("choice", {"required": True, "choices": [
            ("withdrawn", _("撤回同意")), ("given", _("同意")),
        ]}),
        "channel": ("choice", {"required": True, "choices": CHANNELS}),
        "purpose": ("choice", {"required": True, "choices": PURPOSES}),
        "how": ("choice", {"required": True, "choices": How.choices}),
        "evidence": ("textarea", {"required": True, "rows": 2, "maxlength": str(EVIDENCE),
                     "help": _("哪里可以查到：录音编号、签字的文件、聊天记录的日期。")}),
        "contact": ("select", {"choices": [("", _("不清楚")), *contacts]}),
        "happened_at": ("datetime", {"help": _("不填就是现在。")}),
    }  # fmt: skip
    words = labels()
    return [
        Control.of(
            kind,
            name,
            words[name],
            {"value": sent.get(name, ""), "errors": errors.get(name, ()), **given},
        )
        for name, (kind, given) in offered.items()
        if name != "contact" or contacts
    ] + [backdating.control(sent, errors)]


def labels() -> dict[str, str]:
    return {
        "decision": _("客户的表示"),
        "channel": _("联系方式"),
        "purpose": _("联系目的"),
        "how": _("怎样表示的"),
        "evidence": _("凭据"),
        "contact": _("由谁表示"),
        "happened_at": _("表示的时间"),
        backdating.FIELD: _("补录原因"),
    }
