"""Longer limits by consent. One function is one use case and one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.errors import Conflict, Refused
from huiyin.core.words import require_reason
from huiyin.ledger import models as ledger_models
from huiyin.ledger import services as ledger
from huiyin.notices import services as notices
from huiyin.obligations import loading
from huiyin.obligations.answering import require_owed
from huiyin.obligations.applying import apply_effects
from huiyin.obligations.guards import language
from huiyin.obligations.models import Obligation
from huiyin.policy.effects import Refusal
from huiyin.policy.extending import consent_needs, extended
from huiyin.policy.lengths import say_length

EXTENDED, ASKED = "obligation.extended", "obligation.extension_asked"
DECLINED = "obligation.extension_declined"


@dataclass(frozen=True, slots=True)
class Longer:
    """A longer limit that the policy knows: how long, the consent of which role, who holds it."""

    until: str
    role: str
    consenters: tuple[int, ...]
    clauses: tuple[str, ...]


def longer(row: Obligation, *, now: datetime) -> Longer | None:
    """The extension that an obligation may still get, or None; ``row`` has target and adoption."""
    pack = adoptions.pack_of(row.adoption.policy_version_id)
    duty = pack.policy.lines[row.duty]
    too_late = row.due_at is not None and now > row.due_at
    if duty.extend is None or too_late or row.state not in ("open", "blocked"):
        return None
    wanted = {(duty.extend.consent, row.target.unit_id)}
    held = loading.holders_for(row.adoption, wanted, at=now)
    persons = {person for each in held.values() for person in each} - {row.holder_id}
    return Longer(
        until=say_length(duty.extend.until, language()),
        role=pack.policy.roles[duty.extend.consent].title.say(language()),
        consenters=tuple(sorted(persons)),
        clauses=duty.clauses_at("extend"),
    )


@transaction.atomic
def ask_extension(obligation: Obligation, *, reason: str, by: int, now: datetime) -> None:
    """Ask for the longer limit: whoever may consent is told, with the reason; nothing moves yet.

    Raises Invalid without a reason, Refused where the policy knows none any more or for somebody
    who does not owe it, Conflict when it was asked for already.
    """
    reason = require_reason(reason, missing=_("请写明延期的原因。"))
    row = Obligation.objects.select_related("target", "adoption").select_for_update(of=("self",))
    row = row.get(pk=obligation.pk)
    found = longer(row, now=now)
    if found is None or not found.consenters:
        raise Refused(row.clauses, _("制度没有可以申请的延期，或期限已过。"), rule=row.duty)
    require_owed(row, by, now=now, refusal=_("延期由承办人申请。"))
    if _asked(row).exists():
        raise Conflict(_("已经申请过延期，请等候答复。"), code="extension_asked")
    [fact] = ledger.append([_asking(row, by=by, reason=reason, now=now)], now=now)
    notices.tell([_message(row, person, found, fact) for person in found.consenters], now=now)


def asked_for(row: Obligation) -> Sequence[ledger_models.Fact]:
    """The requests for a longer limit that nobody has answered, newest first."""
    return list(_asked(row).select_related("note", "by__as_person").order_by("-id"))


def _asked(row: Obligation) -> QuerySet[ledger_models.Fact]:
    about = ledger_models.Fact.objects.filter(
        target=row.target_id, values__contains={"obligation.id": row.pk}
    )
    answered = about.filter(kind__in=[EXTENDED, DECLINED], id__gt=OuterRef("id"))
    return about.filter(~Exists(answered), kind=ASKED)


@transaction.atomic
def decline_extension(obligation: Obligation, *, reason: str, by: int, now: datetime) -> None:
    """Say no to whoever asked for a longer limit; he is told why, and the limit stays.

    Raises Invalid without a reason, Refused for somebody who could not consent either, Conflict
    when nobody waits for an answer.
    """
    reason = require_reason(reason, missing=_("请写明不同意的原因。"))
    row = Obligation.objects.select_related("target", "adoption").select_for_update(of=("self",))
    row = row.get(pk=obligation.pk)
    found = longer(row, now=now)
    if found is None or by not in found.consenters:
        raise Refused(row.clauses, _("只有可以同意延期的人可以不同意。"), rule=row.duty)
    asked = asked_for(row)
    if not asked:
        raise Conflict(_("没有等候答复的延期申请，请刷新页面。"), code="nothing_asked")
    declined = replace(_asking(row, by=by, reason=reason, now=now), kind=DECLINED)
    [fact] = ledger.append([declined], now=now)
    notices.tell(
        [
            replace(_message(row, person, found, fact), template="extension_declined")
            for person in {each.by_id for each in asked if each.by_id is not None}
        ],
        now=now,
    )


def _asking(row: Obligation, *, by: int, reason: str, now: datetime) -> ledger.NewFact:
    return ledger.NewFact(
        kind=ASKED,
        target_id=row.target_id,
        by_id=by,
        recorded_by_id=by,
        happened_at=now,
        known_at=now,
        values={"obligation.id": row.id},
        note=reason,
    )


def _message(
    row: Obligation, person: int, found: Longer, fact: ledger_models.Fact
) -> notices.Message:
    title = adoptions.pack_of(row.adoption.policy_version_id).policy.lines[row.duty].title
    return notices.Message(
        recipient_id=person,
        about_id=row.target_id,
        template="extension_asked",
        key=f"extension:{fact.pk}:{person}",
        params={
            "place": row.target.label,
            "matter": title.model_dump() if title else row.duty,
            "obligation": row.pk,
        },
        policy=row.policy,
        clause=next(iter(found.clauses), ""),
    )


@transaction.atomic
def extend(
    obligation: Obligation, *, reason: str, consented_by: int, by: int, now: datetime
) -> datetime:
    """Give an obligation the longer limit that its policy knows, by consent; the new due moment.

    The first due moment is kept. Raises Invalid without a reason, Refused where the policy has no
    extension, its time is over, or whoever consents may not; Conflict when it is settled.
    """
    reason = require_reason(reason, missing=_("请写明延期的原因。"))
    row = (
        Obligation.objects.waiting()
        .select_related("opener", "target", "adoption")
        .select_for_update(of=("self",))
        .filter(id=obligation.id)
        .first()
    )
    if row is None:
        raise Conflict(_("这项义务已经有了结果，请刷新页面。"), code="obligation_settled")
    in_force = adoptions.as_in_force(row.adoption)
    waiting = loading.as_open(row, row.target.unit_id)
    wanted = consent_needs(in_force.policy.lines[row.duty], waiting)
    holders = loading.holders_for(row.adoption, wanted, at=now)
    found = extended(in_force, waiting, consented_by=consented_by, holders=holders, now=now)
    if isinstance(found, Refusal):
        raise Refused(
            list(found.clauses), found.message[language()], rule=row.duty, adoption=row.adoption_id
        )
    [fact] = ledger.append(
        [_fact(row, found.due, consented_by=consented_by, by=by, reason=reason, now=now)], now=now
    )
    apply_effects(row.adoption, [replace(found, fact=fact.id)], now=now)
    return found.due


def _fact(
    row: Obligation, due: datetime, *, consented_by: int, by: int, reason: str, now: datetime
) -> ledger.NewFact:
    return ledger.NewFact(
        kind=EXTENDED,
        target_id=row.target_id,
        by_id=consented_by,
        recorded_by_id=by,
        happened_at=now,
        known_at=now,
        values={
            "obligation.id": row.id,
            "obligation.due": row.due_at.isoformat() if row.due_at else None,
            "obligation.new_due": due.isoformat(),
        },
        note=reason,
    )
