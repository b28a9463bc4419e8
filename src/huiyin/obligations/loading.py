"""Answers what a decision asks: a handful of set-based statements, whatever the number of facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, prefetch_related_objects

from huiyin.accounts.queries import heads_of, positions_of
from huiyin.accounts.queries import holders as posts_held
from huiyin.adoption.models import Adoption, Party
from huiyin.adoption.queries import pack_of
from huiyin.ledger import models as ledger
from huiyin.obligations import histories
from huiyin.obligations.models import Obligation, ShareCount, ShareItem
from huiyin.policy.calendar import DAY
from huiyin.policy.clocks import period_end
from huiyin.policy.facts import Fact
from huiyin.policy.needs import needs_behind
from huiyin.policy.periods import Period
from huiyin.policy.rhythms import proves_since
from huiyin.policy.state import (
    PARTY,
    Decided,
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


def as_facts(rows: Sequence[ledger.Fact], adoption: Adoption | None = None) -> list[Fact]:
    """Ledger rows as the engine reads them; targets that do not come with them are asked for.

    ``adoption`` tells by which of its roles a post is known.
    """
    prefetch_related_objects(rows, "target")
    roles = _roles_by_position(adoption) if adoption is not None else {}
    return [
        Fact(
            id=row.id,
            kind=row.kind,
            target=row.target_id,
            unit=row.target.unit_id,
            by=row.by_id,
            happened=row.happened_at,
            known=row.known_at,
            recorded=row.recorded_at,
            values=_with_roles(row.values, roles),
            voids=row.voids_id,
            live=row.live,
            owner=row.target.owner_id,
            customer=row.target.customer_behind,
        )
        for row in rows
    ]


def _roles_by_position(adoption: Adoption) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for role, position in adoption.role_map.items():
        found[position].append(role)
    return found


def _with_roles(values: dict[str, Any], roles: Mapping[str, list[str]]) -> dict[str, Any]:
    """A post is known to a policy by its own roles, not by the firm's positions."""
    position = values.get("post.position")
    return values if position is None else {**values, "post.role": roles.get(position, [])}


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
        waived=row.state == "waived",
        since=_since(row),
        blocked=row.blocked_by,
        needed=row.needed,
        settled_by=row.settled_by_id,
        met=row.met_fact_id,
        stated_missed=row.missed_fact_id,
    )


def _since(row: Obligation) -> datetime | None:
    """What happened earlier proves nothing: before the opener, or before it was time for it."""
    if row.opener is not None:
        return row.opener.happened_at
    if row.period is None:
        return None
    period = Period(row.period.lower, row.period.upper)
    zone = ZoneInfo(row.adoption.time_zone)
    duty = pack_of(row.adoption.policy_version_id).policy.duties.get(row.duty)
    if duty is None:
        return period.starts(zone)
    return proves_since(duty, period, row.due_at, zone)


def state_for(
    adoption: Adoption,
    in_force: InForce,
    needs: Needs,
    *,
    now: datetime,
    deciding: Sequence[Fact] = (),
) -> State:
    """Load what ``needs`` names, and what the facts ``deciding`` ask behind what they meet.

    Targets whose history decides, share counters and obligations are locked until commit, in this
    order: of two decisions about one target the second sees what the first has brought about.
    """
    if deciding:
        _lock_targets(needs)
    among = Obligation.objects.filter(adoption=adoption)
    falling = _falling(among, adoption, needs.opened_by)
    counted = _items(falling.facts, adoption)
    keys = needs.shares | {key for found in counted.values() for key, _item in found}
    counts = _locked_counts(in_force, keys)
    if counted:  # a period that closed before we had its counter opened more
        falling = _falling(among, adoption, needs.opened_by)
    opened = _locked_open(among, needs, falling)
    if deciding and opened:
        needs |= needs_behind([in_force], deciding, opened)
    policy = adoption.policy_version.policy
    facts = [fact.id for fact in deciding]
    return State(
        holders=holders_for(adoption, needs.holders, at=now),
        heads=heads_of(needs.heads, at=now),
        roles_of=roles_held(adoption, needs.roles_of, at=now),
        open=opened,
        shares={key: pure_count(row) for key, row in counts.items()},
        # Read behind the lock: a period that closed meanwhile allotted some of them once more.
        items=_items(falling.facts, adoption),
        existing=histories.existing(policy, needs.existing),
        met=histories.met(policy, needs.met),
        seen=histories.seen(needs.seen, facts),
        firsts=histories.firsts(needs.firsts, facts),
        given=histories.given(adoption, needs.given),
        decided=falling.decided,
        things=histories.things(needs.things),
        counted=histories.counted({each.id for each in opened if each.needed is not None}),
        bookings=histories.bookings(policy, needs.bookings, falling.facts),
    )


def state_for_act(adoption: Adoption, needs: Needs, *, now: datetime) -> State:
    """What a guard asks: history and open work, whichever version of the policy they are from."""
    policy = adoption.policy_version.policy
    return State(
        holders=holders_for(adoption, needs.holders, at=now),
        roles_of=roles_held(adoption, needs.roles_of, at=now),
        open=_locked_open(Obligation.objects.filter(policy=policy), needs),
        met=histories.met(policy, needs.met),
        seen=histories.seen(needs.seen),
        things=histories.things(needs.things),
    )


def _lock_targets(needs: Needs) -> None:
    """Two facts at once about one target, of which one decides what the other brings about."""
    voided = ledger.Fact.objects.filter(id__in=needs.opened_by).values("target")
    about = Q(id__in=needs.history) | (Q(id__in=voided) if needs.opened_by else Q())
    if needs.history or needs.opened_by:
        rows = ledger.Target.objects.filter(about).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id"))


def holders_for(
    adoption: Adoption, wanted: Iterable[RoleIn], *, at: datetime
) -> dict[RoleIn, tuple[int, ...]]:
    """Persons in post for pack roles in units, through the firm's own positions; and parties."""
    wanted = set(wanted)
    roles = {pair for pair in wanted if not pair[0].startswith(PARTY)}
    found = _parties(adoption) if roles != wanted else {}
    if not roles:
        return found
    positions = adoption.role_map
    posts = posts_held(
        {positions.get(role, role) for role, _unit in roles},
        {unit for _role, unit in roles},
        at=at,
    )
    held = {(role, unit): posts.get((positions.get(role, role), unit), ()) for role, unit in roles}
    return found | held


def _parties(adoption: Adoption) -> dict[RoleIn, tuple[int, ...]]:
    rows = Party.objects.filter(policy=adoption.policy_version.policy)
    return {(f"{PARTY}{key}", None): (id,) for key, id in rows.values_list("key", "target_id")}


def roles_held(
    adoption: Adoption, persons: Collection[int], *, at: datetime
) -> dict[int, frozenset[str]]:
    """The pack roles that each person holds somewhere in the firm."""
    by_position = _roles_by_position(adoption)
    return {
        person: frozenset(role for position in held for role in by_position.get(position, ()))
        for person, held in positions_of(persons, at=at).items()
    }


@dataclass(frozen=True, slots=True)
class Falling:
    """All that hangs on facts which are being voided: engine facts with them, and obligations."""

    facts: frozenset[int] = frozenset()
    obligations: frozenset[int] = frozenset()
    decided: Mapping[int, tuple[Decided, ...]] = field(default_factory=dict)


def _locked_open(
    among: QuerySet[Obligation], needs: Needs, falling: Falling = Falling()
) -> tuple[OpenObligation, ...]:
    """What is open about the targets, the quotas that count, and all that voided facts lead to.

    Locked in id order: of two records that meet the same obligation, the second finds it done.
    """
    if not needs.open_about and not falling.obligations and not needs.quotas:
        return ()
    wanted = Q(target__in=needs.open_about, state__in=["open", "blocked"])
    if needs.quotas:
        wanted |= _counting(needs.quotas)
    rows = among.filter(wanted | Q(id__in=falling.obligations)).exclude(state="voided")
    rows = rows.select_related("opener", "adoption", "target").order_by("id")
    found = list(rows.select_for_update(of=("self",)))
    return tuple(as_open(row, row.target.unit_id) for row in found)


def _counting(quotas: Collection[tuple[int, date]]) -> Q:
    """The quotas of persons in whose periods something happened; done ones go on counting."""
    days = [day for _person, day in quotas]
    return Q(
        target__in={person for person, _day in quotas},
        needed__isnull=False,
        period__overlap=(min(days), max(days) + DAY),
    )


def _falling(among: QuerySet[Obligation], adoption: Adoption, voided: Collection[int]) -> Falling:
    """What voided facts lead to, down the chain of engine facts: a statement or two for each link."""
    ids: set[int] = set()
    decided: dict[int, tuple[Decided, ...]] = {}
    waiting, done = set(voided), set[int]()
    while waiting:
        linked = (
            Q(opener__in=waiting) | Q(settled_by__in=waiting) | Q(quota_items__fact__in=waiting)
        )
        rows = among.filter(linked).exclude(state="voided").distinct()
        stated: set[int | None] = set()
        for id, met, missed in rows.values_list("id", "met_fact_id", "missed_fact_id"):
            ids.add(id)
            stated |= {met, missed}
        here = histories.decided(adoption, waiting)
        decided |= here
        stated |= {each.id for found in here.values() for each in found}
        done |= waiting
        waiting = {fact for fact in stated if fact is not None} - done
    return Falling(frozenset(done), frozenset(ids), decided)


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
