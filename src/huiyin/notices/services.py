"""Telling people, once each, and logging what was copied and delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from huiyin.accounts.models import Leave
from huiyin.accounts.queries import zone
from huiyin.core.transactions import joins
from huiyin.ledger.services import NewFact, record
from huiyin.notices.messages import require_template
from huiyin.notices.models import Notice
from huiyin.notices.routing import route
from huiyin.notices.sight import insert_notices

COPIED = "message.copied"
DELIVERED = "message.delivered"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a person (`recipient_id`, `about_id` are targets) about a target.

    `template` names an entry of `messages.TEMPLATES`, `params` its titles, labels and moments
    (ISO text), never a phone number. The same `key` is told once, however often it is sent.
    """

    recipient_id: int
    about_id: int
    template: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""
    clause: str = ""


@joins
def tell(messages: Sequence[Message], *, now: datetime) -> int:
    """Tell people, and queue the mail about it; returns how many messages were new.

    What is told to somebody on leave is told to his deputy too, who learns for whom. Raises LookupError for an unknown template.
    """
    for message in messages:
        require_template(message.template)
    distinct = {message.key: message for message in messages}
    on = now.astimezone(zone()).date() if distinct else now.date()
    told = [*distinct.values(), *_to_deputies(distinct.values(), on=on)]
    written = insert_notices(told, on=on, now=now)
    route(written, now=now)
    return len(written)


def _to_deputies(messages: Collection[Message], *, on: date) -> list[Message]:
    """The same for the deputies of those who are away; of these by number, never by name."""
    away = Leave.objects.filter(
        person__in={message.recipient_id for message in messages},
        deputy__isnull=False,
        from_on__lte=on,
        to_on__gte=on,
    )
    deputies = {
        person: (deputy, number)
        for person, deputy, number in away.values_list("person", "deputy", "person__number")
    }
    return [
        replace(
            message,
            recipient_id=deputies[message.recipient_id][0],
            key=f"{message.key}:deputy",
            params={**message.params, "stands_for": deputies[message.recipient_id][1]},
        )
        for message in messages
        if message.recipient_id in deputies
    ]


@transaction.atomic
def mark_read(notice_ids: Sequence[int], *, by: int, now: datetime) -> int:
    """The recipient has seen them; another's notices and those read before stay as they are."""
    return Notice.objects.to(by).unread().filter(pk__in=notice_ids).update(read_at=now)


@transaction.atomic
def mark_all_read(*, by: int, upto: int, now: datetime) -> int:
    """Everything told to the person so far, up to the newest notice that he was shown."""
    return Notice.objects.to(by).unread().filter(pk__lte=upto).update(read_at=now)


@transaction.atomic
def mark_delivered(notice: Notice, *, by: int, now: datetime) -> None:
    """The message reached its receiver over the clerk's own channel: once, with a fact."""
    changed = Notice.objects.filter(pk=notice.pk, delivered_at=None).update(delivered_at=now)
    if changed:
        notice.delivered_at = now
        _log(DELIVERED, notice.about_id, {"notice": notice.pk}, by=by, now=now)


@transaction.atomic
def log_copy(about: int, *, by: int, now: datetime) -> None:
    _log(COPIED, about, {}, by=by, now=now)


@transaction.atomic
def log_delivery(about: int, *, by: int, now: datetime) -> None:
    """A copied message about a target, which is no notice, reached its receiver."""
    _log(DELIVERED, about, {}, by=by, now=now)


def _log(kind: str, about: int, values: dict[str, Any], *, by: int, now: datetime) -> None:
    record([NewFact(kind, about, by, by, happened_at=now, known_at=now, values=values)], now=now)
