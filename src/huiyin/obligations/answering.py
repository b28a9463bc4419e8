"""A person says what a decision table could not. One function is one use case and transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.core.punctuation import listed
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import Obligation


@transaction.atomic
def answer(
    obligation: Obligation, *, results: Sequence[str], reason: str, by: int, now: datetime
) -> Fact:
    """Decide what a table gives for the target of the obligation that asks for it.

    States ``<table>.answered``; what the results open runs from the fact that raised the question.
    Raises NotFound when it asks for nothing, Invalid without a reason or for an unknown result,
    Refused for somebody who was not asked, Conflict when it is settled.
    """
    reason = require_reason(reason, missing=_("请写明判定的理由。"))
    in_force = adoptions.as_in_force(obligation.adoption)
    table = in_force.policy.tables.get(obligation.duty)
    if table is None:
        raise NotFound
    unknown = [result for result in results if result not in table.results]
    if unknown or not results:
        known = listed(title.zh for title in table.results.values())
        raise Invalid({"results": [_("请从这些结果中选择：%s。") % known]})
    _require_asked(obligation, by, now=now)
    row = (
        Obligation.objects.waiting()
        .select_related("opener")
        .select_for_update(of=("self",))
        .filter(id=obligation.id)
        .first()
    )
    if row is None or row.opener is None:
        raise Conflict(_("这项义务已经有了结果，请刷新页面。"), code="obligation_settled")
    moments = {
        f"{table.key}.happened": row.opener.happened_at.isoformat(),
        f"{table.key}.known": row.opener.known_at.isoformat(),
    }
    [fact] = ledger.record(
        [
            ledger.NewFact(
                kind=f"{table.key}.answered",
                target_id=row.target_id,
                by_id=by,
                recorded_by_id=by,
                happened_at=now,
                known_at=now,
                values={**row.values, **moments, table.field: list(dict.fromkeys(results))},
                note=reason,
            )
        ],
        now=now,
    )
    return fact


def _require_asked(obligation: Obligation, by: int, *, now: datetime) -> None:
    unit = obligation.target.unit_id
    wanted = {(role, unit) for role in obligation.owed_roles}
    held = holders_for(obligation.adoption, wanted, at=now)
    if by != obligation.holder_id and not any(by in persons for persons in held.values()):
        raise Refused(obligation.clauses, _("这一项须由制度规定的人来判定。"), rule=obligation.duty)
