"""Handing a record over, and consenting to more time: sent twice, done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import people_around
from huiyin.core import idempotency
from huiyin.core.errors import Invalid
from huiyin.obligations.extending import extend
from huiyin.obligations.models import Obligation
from huiyin.obligations.recipients import recipients
from huiyin.records import services as records
from huiyin.records.models import Handover, Record
from huiyin.records.queries import form_of, known_about
from huiyin.ui.fields import GivenSignature


@dataclass(frozen=True)
class Given:
    """How the record was handed over, as the page sent it; ``to`` is one of those offered."""

    to: str
    channel: str
    receipt: GivenSignature
    happened_at: datetime
    way: str
    late_reason: str


@dataclass(frozen=True)
class Handing:
    """A record with everybody who may receive it."""

    record: Record
    now: datetime

    @cached_property
    def offered(self) -> list[tuple[int, str]]:
        """Whom the policy names; where it names nobody, who works there."""
        record = self.record
        values = known_about(record.about_id) | record.values
        found = recipients(record.adoption, record.form, record.about, values, now=self.now)
        return found or people_around(record.about.unit_id, at=self.now)

    def context(self, post: Mapping[str, str], errors: Mapping[str, Any]) -> dict[str, Any]:
        names = dict(self.offered)
        reached = self.record.handovers.order_by("id")
        [only] = [*names] if len(names) == 1 else [""]
        return {
            "record": self.record,
            "title": form_of(self.record).title.say(get_language() or "zh"),
            "offered": self.offered,
            "chosen": post.get("to", only),
            "channels": list(Handover.Channel.choices),
            "reached": [(names.get(each.to_id, each.to.label), each) for each in reached],
            "errors": errors,
            "post": post,
        }


@transaction.atomic
def hand_over(handing: Handing, given: Given, *, key: str, by: int, now: datetime) -> None:
    """Hand the record over. The same ``key`` again does nothing more.

    Raises Invalid by field, Refused by a policy, Conflict for a key used for something else.
    """
    record = handing.record
    to = {str(target): target for target, _name in handing.offered}.get(given.to)
    if to is None:
        raise Invalid({"to": [_("请选择接收方。")]})
    said = [record.pk, to, given.channel, given.way, given.receipt.image, given.receipt.reason]
    if key and idempotency.once(key, by, idempotency.digest_of(said), now=now):
        return
    handed = records.hand_over(
        record,
        to=to,
        by=by,
        now=now,
        channel=given.channel,
        receipt=given.receipt,
        way=given.way,
        late_reason=given.late_reason,
        happened_at=given.happened_at,
    )
    if key:
        idempotency.keep(key, by, str(handed.pk))


@transaction.atomic
def consent(row: Obligation, *, reason: str, key: str, by: int, now: datetime) -> None:
    """Give an obligation the longer limit. The same ``key`` again gives no more time.

    Raises what ``extend`` raises, and Conflict for a key used for something else.
    """
    if key and idempotency.once(key, by, idempotency.digest_of([row.pk, reason]), now=now):
        return
    extend(row, reason=reason, consented_by=by, by=by, now=now)
    if key:
        idempotency.keep(key, by, str(row.pk))
