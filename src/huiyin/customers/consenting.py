"""Taking down what a customer said about being contacted, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.core import idempotency
from huiyin.core.errors import Invalid, NotFound
from huiyin.core.words import wrong_words
from huiyin.customers.consent import GIVEN, KINDS, WITHDRAWN, How
from huiyin.customers.models import Contact, Customer
from huiyin.ledger import services as ledger
from huiyin.ledger.models import SKEW, Fact
from huiyin.records import backdating
from huiyin.records.contacts import CHANNELS, PURPOSES

EVIDENCE = 500


@dataclass(frozen=True, slots=True)
class Statement:
    """What a customer said: ``decision`` is given or withdrawn, channel and purpose may be ``all``.

    ``how`` the firm learned of it, ``evidence`` where that can be looked up; ``contact`` who of
    the customer said it, if it is known; ``late_reason`` why it is taken down only now.
    """

    decision: str
    channel: str
    purpose: str
    how: str
    evidence: str
    happened_at: datetime
    contact: int | None = None
    late_reason: str = ""


@transaction.atomic
def state(customer: Customer, said: Statement, *, by: int, now: datetime, key: str = "") -> None:
    """Take down that consent was given or withdrawn; in force from the moment of this commit.

    What waits about the customer is blocked, or comes free again, in the same transaction. The
    same ``key`` again has no second effect. Raises Invalid by field, Conflict for a key that was
    used for something else.
    """
    _require_whole(customer, said, now)
    if key:
        body = {**asdict(said), "happened_at": None}
        digest = idempotency.digest_of(["consent", customer.pk, body])
        if idempotency.once(key, by, digest, now=now):
            return
    _lock(customer)
    fact = ledger.NewFact(
        KIND[said.decision], customer.pk, by, by,
        happened_at=said.happened_at, known_at=said.happened_at,
        values={
            "consent.channel": said.channel,
            "consent.purpose": said.purpose,
            "consent.how": said.how,
            **({"consent.contact": said.contact} if said.contact else {}),
        },
        note="\n".join(filter(None, [said.evidence.strip(), backdating.said(said.late_reason)])),
    )  # fmt: skip
    ledger.record([fact], now=now)
    if key:
        idempotency.keep(key, by, str(customer.pk))


@transaction.atomic
def take_back(statement: Fact, *, by: int, reason: str, now: datetime) -> None:
    """A statement was taken down wrongly: it no longer counts, and stays in the history.

    Raises Invalid without a reason, Conflict when it was taken back before.
    """
    if statement.kind not in KINDS:
        raise NotFound
    _lock(Customer.objects.get(pk=statement.target_id))
    ledger.void(statement.pk, by=by, reason=reason, now=now)


KIND: Mapping[str, str] = {"given": GIVEN, "withdrawn": WITHDRAWN}


def _lock(customer: Customer) -> None:
    # Who would contact the customer holds him shared until his act is written.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def _require_whole(customer: Customer, said: Statement, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    if said.decision not in KIND:
        errors["decision"] = [_("请选择同意还是撤回同意。")]
    if said.channel not in dict(CHANNELS):
        errors["channel"] = [_("请选择联系方式。")]
    if said.purpose not in dict(PURPOSES):
        errors["purpose"] = [_("请选择联系目的。")]
    if said.how not in How.values:
        errors["how"] = [_("请选择客户怎样表示的。")]
    if said.happened_at > now + SKEW:
        errors["happened_at"] = [_("时间在将来，尚未发生的事不能登记。")]
    missing = _("请写明凭据，例如录音编号或签字的文件。")
    if wrong := wrong_words(said.evidence, missing=missing, most=EVIDENCE):
        errors["evidence"] = wrong
    if said.contact and not Contact.objects.filter(pk=said.contact, customer=customer).exists():
        errors["contact"] = [_("请从列出的联系人中选择。")]
    errors |= backdating.wrong_reason(
        said.late_reason,
        of=KIND.get(said.decision, ""), about=customer.pk, happened_at=said.happened_at, now=now,
    )  # fmt: skip
    if errors:
        raise Invalid(errors)
