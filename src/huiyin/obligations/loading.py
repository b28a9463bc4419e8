"""Answers what a decision asks: a handful of set-based statements, whatever the number of facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from django.db.models import QuerySet

from huiyin.accounts.queries import holders as posts_held
from huiyin.adoption.models import Adoption
from huiyin.ledger import models as ledger
from huiyin.obligations.models import Obligation, ShareCount, ShareItem
from huiyin.policy.clocks import period_end
from huiyin.policy.facts import Fact
from huiyin.policy.state import (
    InForce,
    Needs,
    OpenObligation,
    RoleCount,
    RoleIn,
    ShareKey,
    State,
)
from huiyin.policy.state import ShareCount as PureCount
from huiyin.policy.state import ShareItem as PureItem


def as_facts(rows: Sequence[ledger.Fact]) -> list[Fact]:
    """Ledger rows as the engine reads them; the units of their targets come in one statement."""
    units = dict(
        ledger.Target.objects.filter(id__in={row.target_id for row in rows}).values_list(
            "id", "unit_id"
        )
    )
    return [
        Fact(
            id=row.id,
            kind=row.kind,
            target=row.target_id,
            unit=units[row.target_id],
            by=row.by_id,
            happened=row.happened_at,
            known=row.known_at,
            recorded=row.recorded_at,
            values=row.values,
            voids=row.voids_id,
            live=row.live,
        )
        for row in rows
    ]


def as_open(row: Obligation, unit: int | None) -> OpenObligation:
    """A stored obligation as the engine reads it."""
    return OpenObligation(
        id=row.id,
        adoption=row.adoption_id,
        duty=row.duty,
        line=row.line,
        clauses=tuple(row.clauses),
        target=row.target_id,
        unit=unit,
        opener=row.opener_id,
        roles=tuple(row.owed_roles),
        holder=row.holder_id,
        excluded=row.excluded_id,
        recipient=row.recipient_id,
        ordinal=row.ordinal,
        opened=row.opened_at,
        due=row.due_at,
        level=row.level,
        values=row.values,
        period=row.period.lower if row.period else None,
        missed=row.missed,
        done=row.state not in ("open", "blocked"),
        since=row.opener.happened_at if row.opener else None,
        blocked=row.blocked_by,
    )


def state_for(adoption: Adoption, in_force: InForce, needs: Needs, *, now: datetime) -> State:
    """Load what ``needs`` names. Open obligations and share counters are locked until commit."""
    counted = _items(needs.items, adoption).values()
    keys = needs.shares | {key for found in counted for key, _item in found}
    counts = _locked_counts(in_force, keys)
    return State(
        holders=holders_for(adoption, needs.holders, at=now),
        open=_locked_open(Obligation.objects.filter(adoption=adoption), needs),
        shares={key: pure_count(row) for key, row in counts.items()},
        # Read behind the lock: a period that closed meanwhile allotted some of them once more.
        items=_items(needs.items, adoption),
    )


def state_for_act(adoption: Adoption, needs: Needs, *, now: datetime) -> State:
    """What a guard asks: history and open work, whichever version of the policy they are from."""
    policy = adoption.policy_version.policy
    return State(
        holders=holders_for(adoption, needs.holders, at=now),
        open=_locked_open(Obligation.objects.filter(policy=policy), needs),
        met=_met(policy, needs.met),
        seen=_seen(needs.seen),
    )


def holders_for(
    adoption: Adoption, wanted: Iterable[RoleIn], *, at: datetime
) -> dict[RoleIn, tuple[int, ...]]:
    """Persons in post for pack roles in units, through the firm's own positions."""
    wanted = set(wanted)
    if not wanted:
        return {}
    positions = adoption.role_map
    found = posts_held(
        {positions.get(role, role) for role, _unit in wanted},
        {unit for _role, unit in wanted},
        at=at,
    )
    return {(role, unit): found.get((positions.get(role, role), unit), ()) for role, unit in wanted}


def _locked_open(among: QuerySet[Obligation], needs: Needs) -> tuple[OpenObligation, ...]:
    # Locked in id order: of two records that meet the same obligation, the second finds it done.
    if not needs.open_about and not needs.opened_by:
        return ()
    about = among.filter(target__in=needs.open_about, state__in=["open", "blocked"])
    opened = among.filter(opener__in=needs.opened_by).exclude(state="voided")
    rows = list(about.select_related("opener").order_by("id").select_for_update(of=("self",)))
    if needs.opened_by:
        known = {row.id for row in rows}
        rows += [
            row
            for row in opened.select_related("opener")
            .order_by("id")
            .select_for_update(of=("self",))
            if row.id not in known
        ]
    units = dict(
        ledger.Target.objects.filter(id__in={row.target_id for row in rows}).values_list(
            "id", "unit_id"
        )
    )
    return tuple(as_open(row, units[row.target_id]) for row in rows)


def _locked_counts(in_force: InForce, keys: frozenset[ShareKey]) -> Mapping[ShareKey, ShareCount]:
    """The counter rows of the wanted periods, made where missing and locked in one order."""
    if not keys:
        return {}
    ShareCount.objects.bulk_create(
        [
            ShareCount(
                adoption_id=adoption,
                duty=duty,
                period=period,
                ends_at=_end_of(period, duty, in_force),
            )
            for adoption, duty, period in sorted(keys)
        ],
        ignore_conflicts=True,
    )
    rows = (
        ShareCount.objects.filter(
            adoption=in_force.adoption,
            duty__in={duty for _a, duty, _p in keys},
            period__in={period for _a, _d, period in keys},
        )
        .order_by("id")
        .select_for_update()
    )
    return {(row.adoption_id, row.duty, row.period): row for row in rows}


def _end_of(period: date, duty: str, in_force: InForce) -> datetime:
    """The first instant after the duty's period that begins on ``period``, in the firm's zone."""
    share = in_force.policy.duties[duty].share
    assert share is not None  # only a share has counters
    return datetime.combine(period_end(period, share.per), time.min, in_force.zone)


def pure_count(row: ShareCount) -> PureCount:
    return PureCount(roles={role: RoleCount(*numbers) for role, numbers in row.counts.items()})


def _items(
    facts: frozenset[int], adoption: Adoption
) -> dict[int, tuple[tuple[ShareKey, PureItem], ...]]:
    found: dict[int, tuple[tuple[ShareKey, PureItem], ...]] = {}
    rows = ShareItem.objects.filter(fact__in=facts, count__adoption=adoption).select_related(
        "count"
    )
    for row in rows if facts else ():
        key = (row.count.adoption_id, row.count.duty, row.count.period)
        found[row.fact_id] = (*found.get(row.fact_id, ()), (key, pure_item(row)))
    return found


def pure_item(row: ShareItem) -> PureItem:
    return PureItem(
        fact=row.fact_id,
        target=row.target_id,
        period=row.count.period,
        eligible=tuple(row.eligible),
        allotted=tuple(row.allotted),
    )


def _met(policy: str, wanted: frozenset[tuple[str, int]]) -> frozenset[tuple[str, int]]:
    if not wanted:
        return frozenset()
    rows = Obligation.objects.filter(
        policy=policy,
        duty__in={duty for duty, _target in wanted},
        target__in={target for _duty, target in wanted},
        # Whoever may release from a duty releases from the gate that waits for it, too.
        state__in=["done", "waived"],
    )
    return frozenset(rows.values_list("duty", "target_id")) & wanted


def _seen(wanted: frozenset[tuple[str, int]]) -> frozenset[tuple[str, int]]:
    if not wanted:
        return frozenset()
    rows = ledger.Fact.objects.filter(
        kind__in={kind for kind, _target in wanted},
        target__in={target for _kind, target in wanted},
        voided_by=None,
    )
    return frozenset(rows.values_list("kind", "target_id")) & wanted
