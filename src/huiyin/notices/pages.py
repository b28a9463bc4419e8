"""What the pages of notices show, ready for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone as firm_zone
from huiyin.accounts.visibility import Viewer
from huiyin.core.pages import Page
from huiyin.notices import explaining, messages, queries
from huiyin.notices.kinds import DEFAULTS, KINDS
from huiyin.notices.models import MailChannel, MailPreference, Notice
from huiyin.notices.troubles import say_trouble

DIGEST_AT, QUIET_FROM, QUIET_TO = "08:30", "21:00", "08:00"
"""What the form of a new channel proposes."""


def inbox(found: Page) -> dict[str, Any]:
    """The list of one's own notices, and the newest of them for “all read”."""
    url = reverse("notices:inbox")
    return {
        "rows": [_row(notice) for notice in found.items],
        "newest": max((notice.pk for notice in found.items if not notice.read_at), default=0),
        "newer": f"{url}?page={found.previous}" if found.previous else "",
        "older": f"{url}?page={found.next}" if found.next else "",
    }


def _row(notice: Any) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "text": messages.render(notice),
        "clause": "" if notice.hidden else notice.clause,
        "when": messages.say_moment(notice.created_at),
        "is_read": notice.read_at is not None,
    }


def why(notice: Any, *, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """One notice: what happened, by which clause, why to him, and what each channel did."""
    mine = notice.recipient_id == viewer.person_id
    context = {
        "notice": notice,
        "mine": mine,
        "text": messages.render(notice),
        "answers": _answers(notice, now),
        "recipient": "" if mine else _name(notice),
        "page_url": "",
    }
    if notice.hidden:
        return context | {"facts": []}
    context["page_url"] = _page_of(notice)
    return context | {"facts": _facts(notice)}


def _facts(notice: Notice) -> list[Any]:
    """Pairs of word and value; a clause leads to its page."""
    clause_url = (
        reverse("desk:clause", args=[notice.policy, notice.clause])
        if notice.policy and notice.clause
        else ""
    )
    rows: list[dict[str, str]] = [
        {"word": _("条款"), "value": notice.clause and f"§ {notice.clause}", "url": clause_url},
        {"word": _("规则"), "value": messages.spoken(notice.params, "matter")},
        {"word": _("收到的身份"), "value": explaining.because(notice)},
        {"word": _("时限"), "value": messages.spoken(notice.params, "due")},
    ]
    return [row for row in rows if row["value"]]


def _answers(notice: Notice, now: datetime) -> list[explaining.Answer]:
    route, channel = queries.route_of(notice), MailChannel.objects.first()
    mail = explaining.by_mail(route, notice, channel, now=now, zone=firm_zone())
    found = [explaining.in_app(notice), mail, explaining.by_hand(notice)]
    return [answer for answer in found if answer is not None]


def _name(notice: Any) -> str:
    person = getattr(notice.recipient, "as_person", None)
    return person.name if person else ""


def _page_of(notice: Notice) -> str:
    """Where the matter itself stands: the obligation with its reasons, the case, the absent."""
    if notice.template == "deputy_left":
        return reverse("desk:person", args=[notice.about_id])
    if obligation := notice.params.get("obligation"):
        return reverse("desk:obligation", args=[obligation])
    return reverse("cases:page", args=[notice.about_id]) if notice.about.kind == "case" else ""


def channel(found: MailChannel | None, *, now: datetime, is_head: bool) -> dict[str, Any]:
    """The page of the mail channel: its health, and for who may not change it what it is."""
    health = queries.channel_health(now)
    failed = queries.failed_deliveries() if is_head and health.failed else []
    people = MailPreference.objects.in_bulk({row.recipient_id for row in failed})
    return {
        "channel": found,
        "is_head": is_head,
        "health": health,
        "trouble": say_trouble(health.trouble, health.error, found) if health.trouble else "",
        "troubled_at": health.failed_at and messages.say_moment(health.failed_at),
        "oldest_at": health.oldest_at and messages.say_moment(health.oldest_at),
        "sent_at": health.sent_at and messages.say_moment(health.sent_at),
        "failed": [
            {
                "who": _name(row),
                "address": people[row.recipient_id].address_masked
                if row.recipient_id in people
                else "",
                "kind": row.get_kind_display(),
                "when": messages.say_moment(row.failed_at),
                "why": say_trouble(row.trouble, row.error, found),
            }
            for row in failed
        ],
        "known": _known(found),
    }


def _known(found: MailChannel | None) -> list[tuple[str, str]]:
    """What everybody may know of the channel."""
    if found is None:
        return []
    quiet = found.quiet
    return [
        (_("邮件通道"), _("启用") if found.active else _("停用")),
        (_("免打扰时段"), f"{quiet.start:%H:%M}–{quiet.end:%H:%M}" if quiet else _("未设")),
        (_("每日汇总时间"), f"{found.digest_at:%H:%M}"),
    ]


def channel_initial(found: MailChannel | None) -> Mapping[str, Any]:
    """What the form shows before somebody types; a password is never shown."""
    if found is None:
        return {
            "active": True, "port": 587, "security": MailChannel.Security.STARTTLS,
            "quiet_from": QUIET_FROM, "quiet_to": QUIET_TO, "digest_at": DIGEST_AT,
        }  # fmt: skip
    plain = ("active", "host", "port", "security", "username", "sender_name", "sender_address",
             "base_url")  # fmt: skip
    clocks = ("quiet_from", "quiet_to", "digest_at")
    return {name: getattr(found, name) for name in plain} | {
        name: _clock(getattr(found, name)) for name in clocks
    }


def wishes_initial(found: MailPreference | None) -> dict[str, Any]:
    """One's wishes, or what holds without any."""
    if found is None:
        english = (get_language() or "zh").startswith("en")
        found = MailPreference(language="en" if english else "zh-hans")
    ways = {f"way_{kind}": found.ways.get(kind, DEFAULTS[kind]) for kind in KINDS}
    return {
        "address": found.address,
        "language": found.language,
        "hours": found.hours,
        "quiet_from": _clock(found.quiet_from),
        "quiet_to": _clock(found.quiet_to),
        **ways,
    }


def _clock(value: time | None) -> str:
    return "" if value is None else f"{value:%H:%M}"
