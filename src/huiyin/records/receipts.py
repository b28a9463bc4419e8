"""What proves that a written notice reached somebody: his signature, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from django.utils.translation import gettext as _

from huiyin.core.errors import Invalid
from huiyin.core.punctuation import explained, sentences
from huiyin.core.words import wrong_words
from huiyin.records import backdating, keeping
from huiyin.records.keeping import Evidence
from huiyin.records.models import Handover, Record
from huiyin.ui.fields import GivenSignature


class Delivery(TypedDict):
    """To whom, how and when a record was handed over; ``receipt``: signed, or refused and why.

    ``way`` says in words how, where the channel is none of those that have a name;
    ``late_reason`` why it is entered so long after; ``stated`` further values of the fact.
    """

    to: int
    channel: str
    happened_at: datetime
    receipt: NotRequired[GivenSignature | None]
    way: NotRequired[str]
    late_reason: NotRequired[str]
    stated: NotRequired[Mapping[str, Any]]


def of(delivery: Delivery, record: Record, *, now: datetime) -> Evidence:
    """The receiver's signature or refusal. Raises Invalid field by field."""
    given = delivery.get("receipt")
    evidence, errors = keeping.decoded({"receipt": given} if given else {}, {})
    in_person = delivery["channel"] == Handover.Channel.IN_PERSON
    if delivery["channel"] not in Handover.Channel.values:
        raise Invalid({"channel": [_("请选择送达方式。")]})
    if in_person and not errors and not evidence.signatures:
        raise Invalid({"receipt": [_("当面送达须由接收人签名，或写明拒签的缘由。")]})
    if "receipt" in evidence.reasons and not evidence.reasons["receipt"].strip():
        raise Invalid({"receipt": [_("请写明拒签的缘由。")]})
    unnamed = delivery["channel"] == Handover.Channel.OTHER
    missing = _("送达方式选“其他”的，请写明是怎么送到的。")
    if unnamed and (wrong := wrong_words(_way(delivery), missing=missing)):
        raise Invalid({"way": wrong})
    errors |= backdating.wrong_reason(
        delivery.get("late_reason", ""),
        of=record.form, about=record.about_id, happened_at=delivery["happened_at"], now=now,
    )  # fmt: skip
    if errors:
        raise Invalid(errors)
    return evidence


def _way(delivery: Delivery) -> str:
    return delivery.get("way", "").strip() if delivery["channel"] == Handover.Channel.OTHER else ""


def state(evidence: Evidence) -> str:
    """``record.receipt`` of the fact: signed, refused or none."""
    if "receipt" not in evidence.signatures:
        return "none"
    return "signed" if evidence.signatures["receipt"] else "refused"


def words(delivery: Delivery, evidence: Evidence) -> str:
    """The note of the fact: how it went where the channel has no name, why not signed, why late."""
    late = delivery.get("late_reason", "").strip()
    said = [_way(delivery), evidence.reasons.get("receipt", "")]
    return sentences(filter(None, [*said, late and explained(_("补录"), late)]))
