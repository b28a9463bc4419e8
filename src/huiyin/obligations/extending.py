"""Longer limits by consent. One function is one use case and one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.errors import Conflict, Refused
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.obligations import loading
from huiyin.obligations.applying import apply_effects
from huiyin.obligations.guards import language
from huiyin.obligations.models import Obligation
from huiyin.policy.effects import Refusal
from huiyin.policy.extending import consent_needs, extended

EXTENDED = "obligation.extended"


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
