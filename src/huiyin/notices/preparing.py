"""What a delivery whose turn it is comes to: a mail, a later moment, or nothing and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone, translation

from huiyin.accounts.queries import zone as firm_zone
from huiyin.accounts.visibility import viewer_for
from huiyin.ledger.visibility import Viewer
from huiyin.notices.kinds import Way, due_of, kind_of
from huiyin.notices.letters import Envelope, addressed, letter_of
from huiyin.notices.models import Delivery, MailChannel, MailPreference, Notice
from huiyin.notices.routing import NO_ADDRESS, TURNED_OFF
from huiyin.notices.schedule import single_turn
from huiyin.notices.smtp import Server

CHANNEL_OFF, LEFT = "channel_off", "left"
OUT_OF_SIGHT, READ_ALREADY = "out_of_sight", "read_already"


@dataclass(frozen=True, slots=True)
class Ready:
    """The mail as it goes out; `left_out`: routes whose notice is not in it, with the reason."""

    server: Server
    message: EmailMessage
    to: str
    left_out: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Later:
    """It is quiet until `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing is sent, for this reason; `left_out` as in Ready."""

    reason: str
    left_out: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a delivery is to, as he and the firm are set up now."""

    preference: MailPreference
    channel: MailChannel
    viewer: Viewer
    zone: ZoneInfo


def prepare(delivery: Delivery, *, now: datetime) -> Ready | Later | Dropped:
    """Everything is judged at the moment of sending: channel, address, sight, quiet hours."""
    reader = _reader(delivery, now)
    if isinstance(reader, Dropped):
        return reader
    notices = list(
        Notice.objects.filter(routes__delivery=delivery)
        .with_sight(reader.viewer)
        .annotate(route=F("routes__pk"))
        .order_by("created_at", "id")
    )
    reasons = {notice.route: _left_out(notice, reader) for notice in notices}
    kept = [notice for notice in notices if not reasons[notice.route]]
    left_out = tuple((route, reason) for route, reason in reasons.items() if reason)
    if not kept:
        return Dropped(next(iter(reasons.values()), READ_ALREADY), left_out)
    if delivery.kind == Delivery.Kind.SINGLE:
        quiet = reader.preference.quiet(reader.channel)
        turn = single_turn(now, due=due_of(kept[0].params), quiet=quiet, zone=reader.zone)
        if turn.at > now:
            return Later(turn.at)
    return _ready(delivery, kept, reader, left_out, now)


def server_of(channel: MailChannel) -> Server:
    """A channel's row as the connection needs it."""
    return Server(
        host=channel.host,
        port=channel.port,
        security=channel.security,
        sender=channel.sender_address,
        username=channel.username,
        password=channel.password,
    )


def _reader(delivery: Delivery, now: datetime) -> Reader | Dropped:
    channel = MailChannel.objects.filter(active=True).first()
    if channel is None:
        return Dropped(CHANNEL_OFF)
    zone = firm_zone()
    viewer = viewer_for(delivery.recipient_id, now.astimezone(zone).date())
    if viewer.person_id is None:
        return Dropped(LEFT)
    preference = MailPreference.objects.filter(pk=delivery.recipient_id).first()
    if preference is None or not preference.address:
        return Dropped(NO_ADDRESS)
    return Reader(preference, channel, viewer, zone)


def _left_out(notice: Any, reader: Reader) -> str:
    if notice.hidden:
        return OUT_OF_SIGHT
    if notice.read_at is not None:
        return READ_ALREADY
    kind = kind_of(notice.template, notice.params, reader.zone)
    return TURNED_OFF if reader.preference.way_for(kind) == Way.NONE else ""


def _ready(
    delivery: Delivery,
    notices: list[Any],
    reader: Reader,
    left_out: tuple[tuple[int, str], ...],
    now: datetime,
) -> Ready:
    channel, to = reader.channel, reader.preference.address
    envelope = Envelope(
        sender_name=channel.sender_name,
        sender=channel.sender_address,
        to=to,
        message_id=delivery.message_id,
        at=now,
    )
    with translation.override(reader.preference.language), timezone.override(reader.zone):
        letter = letter_of(notices, base_url=channel.base_url, now=now)
        message = addressed(letter, envelope)
    return Ready(server_of(channel), message, to, left_out)
