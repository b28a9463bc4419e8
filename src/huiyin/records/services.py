"""Filing forms, mending them by a new version, handing them over, printing them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoption
from huiyin.adoption.models import Adoption
from huiyin.core import acts, idempotency
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.core.locks import lock_all
from huiyin.core.transactions import joins
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.ledger.models import SKEW, Target
from huiyin.policy.declared import Form
from huiyin.policy.forms import format_number
from huiyin.records import backdating, keeping, queries, receipts
from huiyin.records.answers import Answers, Sent, amended, answered
from huiyin.records.lists import listed
from huiyin.records.models import Handover, Record
from huiyin.records.numbering import take
from huiyin.records.printing import papers
from huiyin.records.printing.material import Asked
from huiyin.records.printing.papers import Imprint
from huiyin.records.queries import PRINTED
from huiyin.records.receipts import Delivery
from huiyin.ui.fields import GivenSignature

WHY_AMENDED = "amended-why"
"""The reason of an amendment among its fields; no field of a form is called so."""


class Filling(TypedDict):
    """Who filled a form in, about what, and what was answered. All ids are targets'.

    ``given`` are the answers as they came (text by field key); ``present`` the persons who were
    there, ``by`` if empty; ``values`` typed values about the target that no fact states yet;
    ``known`` what the facts state of it, where that was read before in the same transaction;
    ``stated`` further ones that the record's fact tells; ``reviews`` the record that is reviewed;
    ``late_reason`` why it is entered so long after it was done.
    """

    about: int
    by: int
    recorded_by: int
    present: Sequence[int]
    given: Mapping[str, Any]
    signatures: Mapping[str, GivenSignature]
    photos: Mapping[str, Sequence[bytes]]
    happened_at: datetime
    customer: NotRequired[int | None]
    values: NotRequired[Mapping[str, Any]]
    known: NotRequired[queries.Known]
    stated: NotRequired[Mapping[str, Any]]
    reviews: NotRequired[Record | None]
    late_reason: NotRequired[str]


@joins
def file_record(
    form_key: str, *, now: datetime, key: str | None = None, **filling: Unpack[Filling]
) -> Record:
    """File a form: number it, keep its evidence, state ``record.filed`` about its target.

    The same ``key`` again returns the same record. Raises NotFound for an unknown form, Invalid
    field by field, Refused by the policies in force, Conflict for a key used for another body.
    """
    if key and (earlier := _earlier(key, form_key, filling, now)):
        return earlier
    _refuse_future("happened_at", filling["happened_at"], now)
    adopted, form = adoption.form(form_key)
    before = filling.get("known") or queries.known(filling["about"])
    target, at = before.target, filling["happened_at"]
    answers = _answers(adopted, form, target, filling, now)
    reviewed = filling.get("reviews")
    present = list(dict.fromkeys(filling["present"])) or [filling["by"]]
    _refuse_own_review(form, reviewed, target, [filling["by"], *present])
    stated = {
        **filling.get("stated", {}),
        **answers.values,
        "record.form": form_key,
        "record.present": present,
        **({"record.of": reviewed.pk} if reviewed else {}),
    }
    known = {**before.values, **filling.get("values", {})}
    asked = known | stated | {"record.written": list(answers.written)}
    _ask("record.file", target, filling["by"], at, asked)
    year, serial = take(form_key, now=now, zone=ZoneInfo(adopted.time_zone))
    record = Record.objects.create(
        form=form_key,
        policy=adopted.policy_version.policy,
        adoption=adopted,
        number=format_number(form, year=year, serial=serial),
        about=target,
        customer_id=filling.get("customer") or (target.pk if target.kind == "customer" else None),
        by_id=filling["by"],
        recorded_by_id=filling["recorded_by"],
        happened_at=at,
        recorded_at=now,
        values=answers.values,
        reviews=reviewed,
    )
    keeping.keep_presence(record, present)
    digest = keeping.keep_content(record, answers.texts, answers.evidence)
    fact = _fact("record.filed", record, {**stated, "record.digest": digest})
    ledger.record([replace(fact, note=filling.get("late_reason", "").strip())], now=now)
    if key:
        idempotency.keep(key, filling["recorded_by"], str(record.pk))
    return record


def _answers(
    adopted: Adoption, form: Form, target: Target, filling: Filling, now: datetime
) -> Answers:
    """The answers that hold; a missing reason for the delay is said beside what is wrong in them."""
    sent = Sent(filling["given"], filling["signatures"], filling["photos"])
    at = filling["happened_at"]
    wrong = backdating.wrong_reason(
        filling.get("late_reason", ""), of=form.key, about=target.pk, happened_at=at, now=now
    )
    try:
        found = answered(adopted, form, sent, about=target.kind, at=at)
    except Invalid as invalid:
        raise Invalid({**invalid.errors, **wrong}) from invalid
    if wrong:
        raise Invalid(wrong)
    return listed(adopted, form, found, target, now)


@transaction.atomic
def amend_record(
    record: Record, changes: Sent, *, reason: str, by: int, now: datetime, key: str | None = None
) -> Record:
    """Mend a record by a new version of the same number; the old one stays as it is.

    ``changes`` are all answers, not only the changed ones. A signature attests what it was written
    under, so it is not carried over; photos are. States ``record.amended``, which meets no duty
    and opens none. The same ``key`` again returns the same version. Raises Invalid, Refused, and
    Conflict when another version was made meanwhile, or the record was taken back.
    """
    if key and (earlier := _amended_before(key, record, changes, reason, by, now)):
        return earlier
    form = queries.form_of(record)
    reason, answers = _reasoned(record, form, changes, reason)
    if queries.taken_back([record]):
        raise Conflict(_("这份记录已撤销，不能更改。"), code="record.voided")
    stated = {**answers.values, "record.form": record.form}
    asked = stated | {"record.written": list(answers.written), "record.present": [by]}
    _ask("record.amend", record.about, by, now, asked)
    try:
        # Of two who amend at once, the unique key lets one through.
        with transaction.atomic():
            newer = _next_version(record, answers, by=by, now=now)
    except IntegrityError as error:
        raise Conflict(_("这份记录已有更新的版本，请打开最新版本再更改。")) from error
    keeping.keep_presence(newer, record.presences.values_list("person_id", flat=True))
    photos = keeping.carry_photos(record, newer)
    texts = {**answers.texts, "": reason}
    digest = keeping.keep_content(newer, texts, answers.evidence, behind=photos)
    fact = _fact("record.amended", newer, {**stated, "record.digest": digest})
    ledger.record([replace(fact, happened_at=now, known_at=now)], now=now)
    if key:
        idempotency.keep(key, by, str(newer.pk))
    return newer


def _reasoned(record: Record, form: Form, changes: Sent, reason: str) -> tuple[str, Answers]:
    """The reason and the answers; what is wrong with either is said at once. Raises Invalid."""
    wrong: dict[str, Any] = {}
    try:
        reason = require_reason(reason, missing=_("请写明更改的原因。"))
    except Invalid as invalid:
        wrong = {WHY_AMENDED: invalid.errors["reason"]}
    try:
        answers = amended(record, form, changes)
    except Invalid as invalid:
        raise Invalid({**invalid.errors, **wrong}) from invalid
    if wrong:
        raise Invalid(wrong)
    return reason, answers


def _amended_before(
    key: str, record: Record, changes: Sent, reason: str, by: int, now: datetime
) -> Record | None:
    """The version that the same submission made before."""
    photos = _digests(changes.photos)
    said = ["record.amend", record.pk, dict(changes.given), dict(changes.signatures), photos]
    digest = idempotency.digest_of([*said, reason])
    found = idempotency.once(key, by, digest, now=now)
    return Record.objects.get(pk=int(found)) if found else None


def _digests(photos: Mapping[str, Sequence[bytes]]) -> dict[str, list[str]]:
    return {
        name: [hashlib.sha256(file).hexdigest() for file in files] for name, files in photos.items()
    }


def _next_version(record: Record, answers: Answers, *, by: int, now: datetime) -> Record:
    return Record.objects.create(
        form=record.form,
        policy=record.policy,
        adoption=record.adoption,
        number=record.number,
        version=record.version + 1,
        amends=record,
        about=record.about,
        customer_id=record.customer_id,
        by_id=by,
        recorded_by_id=by,
        happened_at=record.happened_at,
        recorded_at=now,
        values=answers.values,
        reviews=record.reviews,
    )


@transaction.atomic
def hand_over(record: Record, *, by: int, now: datetime, **delivery: Unpack[Delivery]) -> Handover:
    """A written notice is sent when it is handed over; states ``record.sent``.

    In person the receiver signs, or refuses with a reason; other channels may have neither.
    Raises Invalid and Refused.
    """
    _refuse_future("happened_at", delivery["happened_at"], now)
    evidence = receipts.of(delivery, record, now=now)
    stated = {
        **delivery.get("stated", {}),
        **record.values,
        "record.form": record.form,
        "record.to": delivery["to"],
        "record.channel": delivery["channel"],
        "record.receipt": receipts.state(evidence),
    }
    known = queries.known_about(record.about_id) | stated
    _ask("record.send", record.about, by, delivery["happened_at"], known)
    sent = replace(
        _fact("record.sent", record, stated),
        by_id=by,
        recorded_by_id=by,
        happened_at=delivery["happened_at"],
        known_at=delivery["happened_at"],
        note=receipts.words(delivery, evidence),
    )
    [fact] = ledger.record([sent], now=now)
    receipt = evidence.signatures.get("receipt")
    keeping.keep_blobs([receipt] if receipt else [])
    return Handover.objects.create(
        record=record,
        to_id=delivery["to"],
        channel=delivery["channel"],
        handed_at=delivery["happened_at"],
        recorded_at=now,
        by_id=by,
        blob_id=receipt.sha256 if receipt else None,
        refused="receipt" in evidence.reasons,
        fact=fact,
    )


MOST_RECORDS = 200
"""Of one PDF; each is a paper of its own."""
FORM_PRINTED = "form.printed"


@transaction.atomic
def print_records(records: Sequence[Record], imprint: Imprint) -> bytes:
    """The records as one PDF; states ``record.printed`` about the target of each.

    Nobody else prints the same record meanwhile, so no two papers bear the same count. Raises
    Invalid for none, too many, or too many pages.
    """
    if not records:
        raise Invalid({"": [_("请至少选择一份记录。")]})
    if len(records) > MOST_RECORDS:
        raise Invalid({"": [_too_many(len(records))]})
    lock_all(f"print:{record.pk}" for record in records)
    before = queries.printings(records)
    nth = [len(before[record.pk]) + 1 for record in records]
    ledger.record(
        [_printed(record, n, imprint) for record, n in zip(records, nth, strict=True)],
        now=imprint.at,
    )
    return papers.pdf([Asked.filed(record) for record in records], imprint, nth=nth)


def _too_many(chosen: int) -> str:
    said = _("选了 %(chosen)s 份记录，一次最多打印 %(most)s 份，请分几次打印。")
    return said % {"chosen": chosen, "most": MOST_RECORDS}


def _printed(record: Record, nth: int, imprint: Imprint) -> ledger.NewFact:
    by, at = imprint.by.pk, imprint.at
    return ledger.NewFact(
        PRINTED,
        record.about_id,
        by,
        by,
        happened_at=at,
        known_at=at,
        values={
            "record.id": record.pk,
            "record.form": record.form,
            "record.number": record.number,
            "record.version": record.version,
            "record.printing": nth,
        },
    )


@transaction.atomic
def print_empty(form_key: str, imprint: Imprint, *, about: Target | None = None) -> bytes:
    """The empty form, to be filled in by hand; states ``form.printed`` about the target.

    About none it is stated about whoever prints. Raises NotFound for an unknown form, Invalid
    for one that is not about such targets.
    """
    adopted, form = adoption.form(form_key)
    if about is not None and about.kind not in form.about:
        raise Invalid({"": [_("这份表单不能填写在这类对象上。")]})
    by, at = imprint.by.pk, imprint.at
    stated = ledger.NewFact(
        FORM_PRINTED,
        about.pk if about else by,
        by,
        by,
        happened_at=at,
        known_at=at,
        values={"record.form": form_key},
    )
    ledger.record([stated], now=at)
    return papers.pdf([Asked(adopted, form, about)], imprint)


NOT_SAID = ("happened_at", "photos", "known", backdating.FIELD)
"""Of a filling: the same submission may be sent later; pictures are told by their digests."""


def _earlier(key: str, form_key: str, filling: Filling, now: datetime) -> Record | None:
    """The record that the same submission made before; the moment of sending is not part of it."""
    body = {name: value for name, value in filling.items() if name not in NOT_SAID}
    digest = idempotency.digest_of([form_key, body, _digests(filling["photos"])])
    found = idempotency.once(key, filling["recorded_by"], digest, now=now)
    return Record.objects.get(pk=int(found)) if found else None


def _refuse_own_review(
    form: Form, reviewed: Record | None, target: Target, by: Sequence[int]
) -> None:
    """A review is about a record of the right form and of somebody else. Raises Invalid, Refused."""
    if (form.reviews or "") != (reviewed.form if reviewed else "") or (
        reviewed is not None and reviewed.about_id != target.pk
    ):
        raise Invalid({"": [_("审阅单须填写在所审阅的那份记录上。")]})
    if reviewed is not None and {reviewed.by_id, reviewed.recorded_by_id} & set(by):
        raise Refused(
            list(form.clauses_at("reviews")), _("自己的记录须由别人审阅。"), rule=form.key
        )


def _refuse_future(field: str, moment: datetime, now: datetime) -> None:
    if moment > now + SKEW:
        raise Invalid({field: [_("时间在将来，尚未发生的事不能登记。")]})


def _ask(act: str, target: Target, by: int, at: datetime, values: Mapping[str, Any]) -> None:
    acts.check(
        act,
        acts.ActContext(
            act=act, target=target.pk, by=by, at=at, unit=target.unit_id, values=values
        ),
    )


def _fact(kind: str, record: Record, values: Mapping[str, Any]) -> ledger.NewFact:
    return ledger.NewFact(
        kind,
        record.about_id,
        record.by_id,
        record.recorded_by_id,
        happened_at=record.happened_at,
        known_at=record.happened_at,
        values={
            **values,
            "record.id": record.pk,
            "record.number": record.number,
            "record.version": record.version,
        },
    )
