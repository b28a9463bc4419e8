"""What customers said about being contacted: facts, the newest of which counts; and who asks.

A customer gives or withdraws his consent for a channel and a purpose, or for all of them. Of all
that he said about a contact the newest counts, whatever it was. Silence is neither: a follow-up
of what the customer ordered needs no consent and ends with his refusal (PIPL art. 13, 15; Civil
Code art. 1033). Earlier contacts stay lawful.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db import connection, models
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts.queries import zone
from huiyin.core.acts import ActContext
from huiyin.core.errors import Refused
from huiyin.ledger.models import Fact
from huiyin.records.contacts import ALL, Channel, Purpose, said_of

GIVEN, WITHDRAWN = "consent.given", "consent.withdrawn"
KINDS = (GIVEN, WITHDRAWN)
NAME = "consent"
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
"""For what reaches into the future every statement counts."""


class How(models.TextChoices):
    """How the firm learned of it."""

    IN_PERSON = "in_person", gettext_lazy("当面")
    PHONE = "phone", gettext_lazy("电话")
    MESSAGE = "message", gettext_lazy("微信或短信")
    LETTER = "letter", gettext_lazy("书面")


FOLLOWUPS = ("followup.plan", "followup.hold")
"""Reach a customer; the record of one that was held is about what was asked for already."""

# A notice is handed over by channels of its own.
HANDED_BY = {"in_person": "visit", "wechat": "message", "sms": "message"}


@dataclass(frozen=True, slots=True)
class Contact:
    """Reaching a customer (behind ``target``) over a channel for a purpose at a moment."""

    target: int
    channel: str
    purpose: str
    at: datetime


def contact_of(context: ActContext) -> Contact | None:
    """Whom the act would reach by what and what for; None where it reaches no customer."""
    values, target = context.values, context.target
    if context.act == "record.send":
        channel, to = str(values.get("record.channel", "")), values.get("record.to")
        if not isinstance(to, int):
            return None
        return Contact(to, HANDED_BY.get(channel, channel), Purpose.NOTICE, context.at)
    if target is None:
        return None
    if context.act == "case.reply" and (channel := values.get("case.reply_channel")):
        return Contact(target, str(channel), Purpose.NOTICE, context.at)
    if context.act in FOLLOWUPS and (channel := values.get("followup.channel")):
        at = LATEST if context.act == "followup.plan" else context.at
        return Contact(target, str(channel), Purpose.FOLLOWUP, at)
    return None


def check(contexts: Sequence[ActContext]) -> dict[int, Refused]:
    """The acts that would reach a customer in a way that he refused.

    Locks the customers until the transaction ends: a withdrawal that is committed first is seen,
    one that comes later waits until the act is written.
    """
    return _refused(contexts, lock=True)


def obstacles(contexts: Sequence[ActContext]) -> dict[int, Refused]:
    """The same without a lock."""
    return _refused(contexts, lock=False)


BEHIND = """
SELECT asked.position, customer.target_id
FROM unnest(%s::int[], %s::bigint[]) AS asked (position, target)
JOIN ledger_target t ON t.id = asked.target
JOIN customers_customer customer ON customer.target_id = coalesce(t.of_customer_id, t.id)
ORDER BY customer.target_id
"""

SAID = """
SELECT asked.position, said.happened_at, said.channel, said.purpose
FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
     AS asked (position, customer, channel, purpose, at)
CROSS JOIN LATERAL (
    SELECT f.kind, f.happened_at, f.values ->> 'consent.channel' AS channel,
           f.values ->> 'consent.purpose' AS purpose
    FROM ledger_fact f
    WHERE f.target_id = asked.customer AND f.kind IN ('consent.given', 'consent.withdrawn')
      AND f.values ->> 'consent.channel' IN ('all', asked.channel)
      AND f.values ->> 'consent.purpose' IN ('all', asked.purpose)
      AND f.happened_at <= asked.at
      AND NOT EXISTS (SELECT FROM ledger_fact v WHERE v.voids_id = f.id)
    ORDER BY f.happened_at DESC, f.id DESC LIMIT 1
) AS said
WHERE said.kind = 'consent.withdrawn'
"""


def _refused(contexts: Sequence[ActContext], *, lock: bool) -> dict[int, Refused]:
    asked = {
        position: contact
        for position, context in enumerate(contexts)
        if (contact := contact_of(context)) is not None
    }
    if not asked:
        return {}
    with connection.cursor() as cursor:
        statement = BEHIND + ("FOR SHARE OF customer" if lock else "")
        cursor.execute(statement, [list(asked), [each.target for each in asked.values()]])
        behind = dict(cursor.fetchall())
        if not behind:
            return {}
        reached = [(position, customer, asked[position]) for position, customer in behind.items()]
        # A statement of its own: it sees what was committed while the lock was waited for.
        cursor.execute(
            SAID,
            [
                [position for position, _customer, _contact in reached],
                [customer for _position, customer, _contact in reached],
                [contact.channel for _position, _customer, contact in reached],
                [contact.purpose for _position, _customer, contact in reached],
                [contact.at for _position, _customer, contact in reached],
            ],
        )
        found = cursor.fetchall()
    here = zone() if found else UTC
    return {
        position: _refusal(since, channel, purpose, here)
        for position, since, channel, purpose in found
    }


def _refusal(since: datetime, channel: str, purpose: str, here: tzinfo) -> Refused:
    message = _(
        "客户已于 %(moment)s 撤回同意（%(what)s），不能再这样联系。"
        "请改用客户没有拒绝的方式，或在客户重新同意后登记。"
    ) % {
        "moment": localtime(since, here).strftime("%Y-%m-%d %H:%M"),
        "what": said_of(channel, purpose),
    }
    what = {"consent.channel": channel, "consent.purpose": purpose}
    return Refused([], message, rule=NAME, since=since, withdrawn=what)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel and a purpose stand by all that the customer said: ``given withdrawn ""``."""

    channel: str
    purpose: str
    state: str


def statements(customer: int) -> list[Fact]:
    """All that the customer said that was not taken back, the newest first."""
    rows = Fact.objects.standing().about([customer]).filter(kind__in=KINDS)
    return list(rows.order_by("-happened_at", "-id"))


def history(customer: int) -> list[Fact]:
    """All that was taken down, with notes and with what took it back, the newest first."""
    rows = Fact.objects.about([customer]).filter(kind__in=KINDS)
    return list(
        rows.select_related("note", "voided_by", "voided_by__note").order_by("-happened_at", "-id")
    )


def standings(said: Sequence[Fact]) -> Iterator[tuple[str, list[Standing]]]:
    """Purpose by purpose, each channel; ``said`` comes with the newest first."""
    for purpose, title in Purpose.choices:
        yield str(title), [_standing(said, channel, purpose) for channel in Channel.values]


def refused_channels(said: Sequence[Fact], purpose: str) -> list[str]:
    """The titles of the channels that are refused for a purpose."""
    return [
        str(title)
        for channel, title in Channel.choices
        if _standing(said, channel, purpose).state == "withdrawn"
    ]


def _standing(said: Iterable[Fact], channel: str, purpose: str) -> Standing:
    for fact in said:
        if _covers(fact.values, channel, purpose):
            return Standing(channel, purpose, fact.kind.rpartition(".")[2])
    return Standing(channel, purpose, "")


def _covers(values: Mapping[str, Any], channel: str, purpose: str) -> bool:
    return values["consent.channel"] in (ALL, channel) and values["consent.purpose"] in (
        ALL,
        purpose,
    )
