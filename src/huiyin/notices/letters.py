"""What a mail says: subject, text and plain HTML, in the reader's language, without a phone number.

Rendered in the language and the zone that are active.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from huiyin.notices import messages
from huiyin.notices.kinds import LATE, OF_TEMPLATE, due_of

LATE_ITEMS, TODAY, OTHERS = "late", "today", "others"
LONGEST_SUBJECT = 80

# An id that is longer than a line stays whole; other headers would be encoded to fit.
_headers = HeaderRegistry()
_headers.map_to_type("list-id", MessageIDHeader)
POLICY = policy.SMTP.clone(header_factory=_headers)

MOBILE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)")


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a mail: what happened, its clause, and the page that says why it was sent."""

    text: str
    clause: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in a mail, before it is addressed."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom, and the id by which a receiver knows a mail that comes twice."""

    sender_name: str
    sender: str
    to: str
    message_id: str
    at: datetime


def letter_of(notices: Sequence[Any], *, base_url: str, now: datetime) -> Letter:
    """One mail about one or many notices, what is late first; the same item is listed once."""
    parts = _parted(notices, now)
    groups = [
        Group(title, tuple(_lines(parts[key], base_url)))
        for key, title in ((LATE_ITEMS, _("逾期")), (TODAY, _("今日到期")), (OTHERS, _("其他")))
        if parts[key]
    ]
    counts = {key: len(_distinct(found)) for key, found in parts.items()}
    subject = _subject(counts)
    if sum(counts.values()) == 1:
        subject = f"{subject} · {messages.matter_of(notices[0])}"
    context = {
        "subject": _one_line(subject)[:LONGEST_SUBJECT],
        "groups": groups,
        "inbox": base_url and base_url + reverse("notices:inbox"),
        "preferences": base_url and base_url + reverse("notices:preferences"),
        "language": get_language(),
    }
    return Letter(
        subject=str(context["subject"]),
        text=_text(context),
        html=render_to_string("notices/mail/letter.html", context),
    )


def trial_letter(firm: str) -> Letter:
    """What the button of the channel's page sends."""
    subject = _one_line(_("【回音】测试邮件"))
    text = _("这是%(firm)s的回音系统发出的测试邮件。收到它，说明邮件通道可以使用。") % {
        "firm": firm
    }
    context = {"subject": subject, "only": text, "language": get_language()}
    return Letter(subject, text + "\n", render_to_string("notices/mail/letter.html", context))


def addressed(letter: Letter, envelope: Envelope) -> EmailMessage:
    """The whole message: both texts, and the headers that keep machines from answering it."""
    message = EmailMessage(policy=POLICY)
    _local, _at, domain = envelope.sender.rpartition("@")
    message["From"] = Address(
        display_name=_one_line(envelope.sender_name), addr_spec=envelope.sender
    )
    message["To"] = Address(addr_spec=envelope.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = envelope.message_id
    message["List-Id"] = f"<huiyin-notices.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # Not every server takes eight bits.
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    # Last, since a content that is set takes away what was said of another.
    message["Content-Language"] = "zh-CN" if (get_language() or "zh").startswith("zh") else "en"
    return message


def hide_phones(text: str) -> str:
    """The text with every phone number in it made unreadable."""
    return LANDLINE.sub("•••", MOBILE.sub("•••", text))


def _parted(notices: Sequence[Any], now: datetime) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {LATE_ITEMS: [], TODAY: [], OTHERS: []}
    for notice in notices:
        found[_part(notice, now)].append(notice)
    return found


def _part(notice: Any, now: datetime) -> str:
    if OF_TEMPLATE.get(notice.template) == LATE:
        return LATE_ITEMS
    due = due_of(notice.params)
    if due is None:
        return OTHERS
    # A day ends at 24:00, which is stored as the next day's 00:00.
    day = timezone.localtime(due - timedelta(microseconds=1)).date()
    return TODAY if day == timezone.localtime(now).date() else OTHERS


def _distinct(notices: Iterable[Any]) -> dict[tuple[Any, ...], Any]:
    """Told twice about the same (by role and by step): one item, the one told last."""
    return {(each.template, each.about_id, _said(each), each.clause): each for each in notices}


def _said(notice: Any) -> str:
    return hide_phones(_one_line(messages.render(notice)))


def _lines(notices: Iterable[Any], base_url: str) -> Iterable[Line]:
    for (_template, _about, text, clause), notice in _distinct(notices).items():
        url = base_url and base_url + reverse("notices:page", args=[notice.pk])
        yield Line(text, clause, url)


def _subject(counts: dict[str, int]) -> str:
    late, today, others = counts[LATE_ITEMS], counts[TODAY], counts[OTHERS]
    said = [
        late and ngettext("逾期 %(n)s 项", "逾期 %(n)s 项", late) % {"n": late},
        today and ngettext("今日到期 %(n)s 项", "今日到期 %(n)s 项", today) % {"n": today},
        others and ngettext("通知 %(n)s 项", "通知 %(n)s 项", others) % {"n": others},
    ]
    return _("【回音】%(what)s") % {"what": " · ".join(part for part in said if part)}


def _text(context: dict[str, Any]) -> str:
    lines: list[str] = []
    for group in context["groups"]:
        lines.append(group.title)
        for line in group.lines:
            clause = f" § {line.clause}" if line.clause else ""
            lines.append(f"- {line.text}{clause}")
            if line.url:
                lines.append("  " + _("为什么收到：%s") % line.url)
        lines.append("")
    if context["inbox"]:
        lines.append(_("全部通知：%s") % context["inbox"])
        lines.append(_("更改接收方式：%s") % context["preferences"])
    lines.append(_("此邮件由系统自动发出，请勿回复。"))
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """Without line ends and other signs that could begin a header or turn the text around."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    return " ".join("".join(kept).split())
