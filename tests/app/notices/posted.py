"""A firm with a mail channel, and what is told there."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

from huiyin.accounts.models import Person
from huiyin.ledger.models import Target
from huiyin.notices import channels, services
from huiyin.notices.channels import ChannelSettings, Wishes
from huiyin.notices.models import MailChannel, Notice
from huiyin.notices.services import Message
from tests.people import SmallFirm

BASE = "https://huiyin.example.com"
HOUR = timedelta(hours=1)


def set_up(firm: SmallFirm, port: int, now: datetime, **given: Any) -> MailChannel:
    """The firm's channel to a server on loopback; quiet from 21:00 to 8:00, digest at 8:30."""
    wanted = {
        "active": True,
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender_name": "示例物业",
        "sender_address": "notice@firm.example",
        "base_url": BASE,
        "quiet_from": time(21),
        "quiet_to": time(8),
        "digest_at": time(8, 30),
    }
    channels.save_channel(ChannelSettings(**wanted | given), by=firm.manager.pk, now=now)
    return MailChannel.objects.get()


def wish(person: Person, now: datetime, **given: Any) -> str:
    """The person wants mail, by default as the defaults are; his address."""
    wanted = {
        "address": f"{person.number.lower()}@people.example",
        "language": "zh-hans",
        "ways": {},
        "hours": "firm",
    }
    found = Wishes(**wanted | given)
    channels.save_wishes(person.pk, found, now=now)
    return found.address


def late(person: Person, about: Target, key: str = "late:1", **given: Any) -> Message:
    """A matter in days that was due at the end of 1 March; `due` makes it one in hours."""
    params = {
        "place": about.label,
        "matter": {"zh": "维修回访", "en": "Repair visit"},
        "due": "2026-03-01T16:00:00+00:00",
        "role": "repair_lead",
        "role_title": {"zh": "维修负责人", "en": "Head of repairs"},
    }
    return Message(
        person.pk,
        about.pk,
        given.pop("template", "obligation_late"),
        key,
        params | given,
        "property-management",
        "B.2.c",
    )


def tell(message: Message, now: datetime) -> Notice:
    services.tell([message], now=now)
    return Notice.objects.get(key=message.key)


def words(answer: Any) -> str:
    """What the page says, without its marks."""
    body = re.sub(r"<(script|style|head|nav).*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
