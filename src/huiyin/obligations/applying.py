"""Writes what a decision asked for, one statement per kind, inside the facts' transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.core.copying import copy_rows, reserve_ids
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.notices import services as notices
from huiyin.obligations.models import Obligation, Question, ShareCount, ShareItem
from huiyin.policy.clocks import period_end
from huiyin.policy.effects import (
    Ask,
    Cancel,
    Count,
    Discharge,
    Effect,
    Emit,
    LookAgain,
    Open,
    Seat,
    Tell,
)
from huiyin.policy.schema import Duty, Policy


@dataclass
class Applied:
    """What one application wrote: real ids behind the refs of the decision."""

    facts: dict[int, int] = field(default_factory=dict)
    obligations: dict[int, int] = field(default_factory=dict)

    def fact(self, ref: int) -> int:
        return self.facts.get(ref, ref)

    def obligation(self, ref: int) -> int:
        return self.obligations.get(ref, ref)


def apply_effects(adoption: Adoption, effects: Sequence[Effect], *, now: datetime) -> Applied:
    """Write the effects of one adoption. The order between kinds keeps every foreign key whole."""
    by_type: dict[type, list] = defaultdict(list)
    for effect in effects:
        by_type[type(effect)].append(effect)
    applied = Applied()
    _emit(by_type[Emit], applied, now=now)
    _open(adoption, by_type[Open], applied, now=now)
    _discharge(by_type[Discharge], applied)
    _cancel(by_type[Cancel], applied)
    _count(adoption, by_type[Count])
    _look_again(by_type[LookAgain], applied)
    dues = {effect.ref: effect.due for effect in by_type[Open]}
    _tell(adoption, by_type[Tell], applied, dues, now=now)
    _ask(adoption, by_type[Ask], now=now)
    return applied


def _emit(effects: Sequence[Emit], applied: Applied, *, now: datetime) -> None:
    if not effects:
        return
    facts = ledger.append(
        [
            ledger.NewFact(
                kind=effect.kind,
                target_id=effect.target,
                by_id=effect.by,
                recorded_by_id=None,
                happened_at=effect.happened,
                known_at=max(effect.happened, now),
                values=dict(effect.values),
            )
            for effect in effects
        ],
        now=now,
    )
    applied.facts.update((effect.ref, fact.id) for effect, fact in zip(effects, facts, strict=True))


OPEN_COLUMNS = (
    "id",
    "adoption_id",
    "policy",
    "duty",
    "line",
    "clauses",
    "target_id",
    "opener_id",
    "period",
    "owed_roles",
    "holder_id",
    "excluded_id",
    "recipient_id",
    "ordinal",
    "values",
    "opened_at",
    "due_at",
    "provisional",
    "state",
    "next_look_at",
    "level",
    "missed",
    "blocked_by",
)


def _open(adoption: Adoption, effects: Sequence[Open], applied: Applied, *, now: datetime) -> None:
    if not effects:
        return
    ids = reserve_ids(Obligation, len(effects))
    applied.obligations.update(zip((effect.ref for effect in effects), ids, strict=True))
    policy = pack_of(adoption.policy_version_id).policy
    copy_rows(
        Obligation,
        OPEN_COLUMNS,
        [
            _open_row(effect, identity, adoption.id, policy, applied, now)
            for effect, identity in zip(effects, ids, strict=True)
        ],
    )


def _open_row(
    effect: Open, identity: int, adoption: int, policy: Policy, applied: Applied, now: datetime
) -> tuple:
    return (
        identity,
        adoption,
        policy.policy,
        effect.duty,
        effect.line,
        list(effect.why.clauses),
        effect.target,
        None if effect.opener is None else applied.fact(effect.opener),
        _period(policy.duties[effect.duty], effect.period),
        list(effect.roles),
        effect.holder,
        effect.excluded,
        effect.recipient,
        effect.ordinal,
        dict(effect.values),
        now,
        effect.due,
        effect.provisional,
        "blocked" if effect.blocked else "open",
        None if effect.blocked else effect.next_look,
        0,
        False,
        effect.blocked,
    )


def _period(duty: Duty, first: date | None) -> tuple[date, date] | None:
    """The period of a share: ``[first day, first day of the next one)``."""
    if first is None or duty.share is None:
        return None
    return first, period_end(first, duty.share.per)


def _discharge(effects: Sequence[Discharge], applied: Applied) -> None:
    # The rows were locked when they were read, so every one of them is still open.
    _update_many(
        "update obligations_obligation o set state = 'done', done_at = v.happened,"
        " done_recorded_at = v.recorded, settled_by_id = v.fact, next_look_at = null"
        " from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])"
        " as v(id, fact, happened, recorded)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [applied.obligation(effect.obligation) for effect in effects],
        [applied.fact(effect.fact) for effect in effects],
        [effect.happened for effect in effects],
        [effect.recorded for effect in effects],
    )


def _cancel(effects: Sequence[Cancel], applied: Applied) -> None:
    _update_many(
        "update obligations_obligation o set state = 'voided', settled_by_id = v.fact,"
        " next_look_at = null from unnest(%s::bigint[], %s::bigint[]) as v(id, fact)"
        " where o.id = v.id and o.state <> 'voided'",
        [applied.obligation(effect.obligation) for effect in effects],
        [applied.fact(effect.fact) for effect in effects],
    )


def _look_again(effects: Sequence[LookAgain], applied: Applied) -> None:
    _update_many(
        "update obligations_obligation o set next_look_at = v.at, level = v.level,"
        " missed = v.missed"
        " from unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::bool[])"
        " as v(id, at, level, missed) where o.id = v.id and o.state = 'open'",
        [applied.obligation(effect.obligation) for effect in effects],
        [effect.at for effect in effects],
        [effect.level for effect in effects],
        [effect.missed for effect in effects],
    )


def apply_seats(seats: Iterable[Seat | None]) -> int:
    """Write who has the obligations now; returns how many changed."""
    changed = [each for each in seats if each is not None]
    _update_many(
        "update obligations_obligation o set holder_id = v.holder, blocked_by = v.blocked,"
        " state = case v.blocked when '' then 'open' else 'blocked' end,"
        # The sweep looks at its due moment again; what was looked at keeps its turn.
        " next_look_at = case when v.blocked <> '' then null"
        " when o.state = 'blocked' then o.due_at else o.next_look_at end"
        " from unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(id, holder, blocked)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [each.obligation for each in changed],
        [each.holder for each in changed],
        [each.blocked for each in changed],
    )
    return len(changed)


def _update_many(statement: str, ids: list[int], *columns: list) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids, *columns])


def _count(adoption: Adoption, effects: Sequence[Count]) -> None:
    if not effects:
        return
    rows = {
        (row.duty, row.period): row
        for row in ShareCount.objects.filter(
            adoption=adoption,
            duty__in={effect.duty for effect in effects},
            period__in={effect.period for effect in effects},
        )
    }
    for effect in effects:
        _add(rows[effect.duty, effect.period].counts, effect)
    for effect in effects:
        if effect.sign < 0:  # a void after the period's end may leave arrears: it closes again
            rows[effect.duty, effect.period].closed = False
    ShareCount.objects.bulk_update(rows.values(), ["counts", "closed"])
    # At a period's end an item that was counted is allotted to one more role.
    again = [effect for effect in effects if effect.allotted and not effect.eligible]
    entered = [effect for effect in effects if effect.sign > 0 and effect not in again]
    if entered:
        copy_rows(
            ShareItem,
            ("count_id", "fact_id", "target_id", "eligible", "allotted"),
            [
                (
                    rows[effect.duty, effect.period].id,
                    effect.fact,
                    effect.target,
                    list(effect.eligible),
                    list(effect.allotted),
                )
                for effect in entered
            ],
        )
    _allot_again(rows, again)
    left = [effect.fact for effect in effects if effect.sign < 0]
    if left:
        ShareItem.objects.filter(
            count__in=[row.id for row in rows.values()], fact__in=left
        ).delete()


def _allot_again(rows: Mapping[tuple[str, date], ShareCount], effects: Sequence[Count]) -> None:
    if not effects:
        return
    more: dict[tuple[int, int], tuple[str, ...]] = defaultdict(tuple)
    for effect in effects:
        more[rows[effect.duty, effect.period].id, effect.fact] += effect.allotted
    items = list(
        ShareItem.objects.filter(
            count__in={count for count, _fact in more}, fact__in={fact for _count, fact in more}
        )
    )
    for item in items:
        item.allotted = [*item.allotted, *more.get((item.count_id, item.fact_id), ())]
    ShareItem.objects.bulk_update(items, ["allotted"])


def _add(counts: dict[str, list[int]], effect: Count) -> None:
    for role in {*effect.eligible, *effect.allotted}:
        items, allotted = counts.get(role, (0, 0))
        taken = effect.sign if role in effect.allotted else 0
        counts[role] = [items + (effect.sign if role in effect.eligible else 0), allotted + taken]


def _tell(
    adoption: Adoption,
    effects: Sequence[Tell],
    applied: Applied,
    dues: Mapping[int, datetime | None],
    *,
    now: datetime,
) -> None:
    if not effects:
        return
    policy = adoption.policy_version.policy
    labels = dict(
        Target.objects.filter(id__in={effect.about for effect in effects}).values_list(
            "id", "label"
        )
    )
    pack = pack_of(adoption.policy_version_id).policy
    notices.tell(
        [
            notices.Message(
                recipient_id=effect.person,
                about_id=effect.about,
                policy=policy,
                clause=effect.why.clauses[0] if effect.why.clauses else "",
                template=TEMPLATES[effect.template],
                params=_params(effect, labels[effect.about], pack)
                | _opened(effect, applied, dues.get(effect.obligation)),
                key=effect.key,
            )
            for effect in effects
        ],
        now=now,
    )


TEMPLATES = {"opened": "obligation_due", "overdue": "obligation_late"}
"""The notice that says what a Tell effect means."""


def _params(effect: Tell, label: str, pack: Policy) -> dict[str, object]:
    duty = pack.duties[str(effect.values["duty"])]
    # In every language: who reads it is not who caused it.
    matter = duty.title.model_dump() if duty.title else duty.key
    found = {**effect.values, "place": label, "matter": matter}
    role = str(effect.values.get("role", ""))
    title = getattr(pack.roles.get(role) or pack.fields.get(role), "title", None)
    return found | {"role_title": title.model_dump()} if title else found


def _opened(effect: Tell, applied: Applied, due: datetime | None) -> dict[str, object]:
    """Which obligation it is about, and the deadline of one that this decision opened."""
    known = effect.obligation is not None
    found = {"obligation": applied.obligation(effect.obligation)} if known else {}
    return found | {"due": due.isoformat()} if due else found


def _ask(adoption: Adoption, effects: Sequence[Ask], *, now: datetime) -> None:
    Question.objects.bulk_create(
        [
            Question(
                adoption=adoption,
                rule=effect.rule,
                clauses=list(effect.why.clauses),
                target_id=effect.target,
                missing=effect.missing,
                key=effect.key,
                asked_at=now,
            )
            for effect in effects
        ],
        ignore_conflicts=True,
    )
