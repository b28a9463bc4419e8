"""Which way each new notice goes over the firm's mail channel, settled when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from huiyin.accounts.queries import zone as firm_zone
from huiyin.core import crypto
from huiyin.notices.kinds import Way, due_of, kind_of
from huiyin.notices.models import MAIL, Delivery, MailChannel, MailPreference, Route
from huiyin.notices.schedule import single_turn
from huiyin.notices.sight import Written

NO_ADDRESS, TURNED_OFF = "no_address", "turned_off"
"""Why a notice does not go by mail."""


def route(written: Sequence[Written], *, now: datetime) -> None:
    """A route for each notice, and a delivery for each that goes at once.

    In the transaction that writes the notices: what is rolled back is not sent. Nothing is
    queued without a channel in use.
    """
    channel = MailChannel.objects.filter(active=True).first() if written else None
    if channel is None:
        return
    zone = firm_zone()
    people = MailPreference.objects.in_bulk({each.recipient_id for each in written})
    routes: list[Route] = []
    for each in written:
        found = _route(each, people.get(each.recipient_id), zone)
        if found.way == Way.NOW:
            found.delivery = _delivery(each, people[each.recipient_id], channel, zone, now)
        routes.append(found)
    # One statement for all deliveries; it gives them the ids that their routes name.
    Delivery.objects.bulk_create([each.delivery for each in routes if each.delivery is not None])
    Route.objects.bulk_create(routes)


def message_id(key: str, sender: str) -> str:
    """The same for the same key in this firm, and another in every other firm."""
    _name, _at, domain = sender.rpartition("@")
    return f"<{crypto.blind_index('notices_delivery.message_id', key)[:32]}@{domain}>"


def _route(written: Written, preference: MailPreference | None, zone: ZoneInfo) -> Route:
    if preference is None or not preference.address:
        return Route(notice_id=written.id, way=Way.NONE, reason=NO_ADDRESS)
    way = preference.way_for(kind_of(written.template, written.params, zone))
    return Route(notice_id=written.id, way=way, reason=TURNED_OFF if way == Way.NONE else "")


def _delivery(
    written: Written,
    preference: MailPreference,
    channel: MailChannel,
    zone: ZoneInfo,
    now: datetime,
) -> Delivery:
    turn = single_turn(now, due=due_of(written.params), quiet=preference.quiet(channel), zone=zone)
    key = f"{MAIL}:single:{written.id}"
    return Delivery(
        kind=Delivery.Kind.SINGLE,
        key=key,
        recipient_id=written.recipient_id,
        message_id=message_id(key, channel.sender_address),
        reason=turn.reason,
        created_at=now,
        next_try_at=turn.at,
    )
