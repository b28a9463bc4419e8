"""A person says what a decision table could not. One function is one use case and transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.core.punctuation import listed
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations.guards import language
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import Obligation


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table asks a person: its title, the results to choose from (key, words), how many."""

    title: str
    results: Sequence[tuple[str, str]]
    several: bool


def asked(obligation: Obligation) -> Asked:
    """The question of the obligation, as its own version puts it. Raises NotFound without one."""
    pack = adoptions.pack_of(obligation.adoption.policy_version_id)
    table = pack.policy.tables.get(obligation.duty)
    if table is None:
        raise NotFound
    results = [(key, title.say(language())) for key, title in table.results.items()]
    return Asked(table.title.say(language()) if table.title else table.key, results, table.all_rows)


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
        known = listed(title.say(language()) for title in table.results.values())
        raise Invalid({"results": [_("请从这些结果中选择：%s。") % known]})
    require_owed(obligation, by, now=now, refusal=_("这一项须由制度规定的人来判定。"))
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


def require_owed(obligation: Obligation, by: int, *, now: datetime, refusal: str) -> None:
    """Refuse whoever neither holds the obligation nor a role that owes it. Raises Refused."""
    unit = obligation.target.unit_id
    wanted = {(role, unit) for role in obligation.owed_roles}
    held = holders_for(obligation.adoption, wanted, at=now)
    if by != obligation.holder_id and not any(by in persons for persons in held.values()):
        raise Refused(obligation.clauses, refusal, rule=obligation.duty)
