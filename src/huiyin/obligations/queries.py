"""Page-sized reads of obligations: 今日, one obligation, what is about a target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from huiyin.accounts.queries import Held, acting_posts
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core.once import once
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.policy.duties import Duty

PAGE = 50


@dataclass(frozen=True)
class Group:
    """A part of 今日: the first rows and how many there are."""

    rows: Sequence[Obligation]
    count: int


@dataclass(frozen=True)
class Meter:
    """A role's part in a share this month: done, allotted and needed of the items it may take."""

    adoption: int
    duty: str
    role: str
    done: int
    allotted: int
    items: int
    needed: int
    share: Fraction

    @property
    def percent(self) -> Fraction:
        return Fraction(self.done * 100, self.items) if self.items else Fraction(0)


@dataclass(frozen=True)
class Today:
    """Somebody's work: late, due until midnight, the rest of the week, what comes later.

    ``suggested`` is due later still, and meant for today or an earlier day.

    ``blocked`` is what nobody may do now: no work of today's, and no miss.
    """

    late: Group
    due_today: Group
    this_week: Group
    suggested: Group
    blocked: Group
    later: int

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.late, self.due_today, self.this_week, self.suggested, self.blocked

    @property
    def count(self) -> int:
        return self.late.count + self.due_today.count


def mine(person: int, *, now: datetime) -> QuerySet[Obligation]:
    """What a person owes that still waits."""
    return Obligation.objects.waiting().filter(owed_by(person, now=now))


def owed_by(person: int, *, now: datetime) -> Q:
    """Rows held by a person, or without a holder for anyone of a role that he holds there.

    So are those of everybody for whom he stands in. No day begins within a quarter of an hour of
    any zone, so all pieces of a page mean the same posts.
    """
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return once(("owed by", person, quarter), lambda: _owed_by(person, now=now))


def _owed_by(person: int, *, now: datetime) -> Q:
    acting = acting_posts(person, at=now)
    pools = [_pool({person, absent}, posts) for absent, posts in acting.items()]
    return reduce(or_, pools, Q(holder__in=list(acting)))


def _pool(persons: Collection[int], posts: Iterable[Held]) -> Q:
    """Rows without a holder whose role the posts give in the target's unit.

    Never those from which one of the persons is excluded.
    """
    units: dict[str, set[int]] = defaultdict(set)
    for post in posts:
        units[post.position].update(post.unit_ids)
    if not units:
        return Q(pk__in=[])
    found = Q(pk__in=[])
    # Ended ones too: open work keeps its version.
    for adoption, role_map in Adoption.objects.decided().values_list("id", "role_map"):
        for role, position in role_map.items():
            if position in units:
                found |= Q(
                    adoption=adoption,
                    owed_roles__contains=[role],
                    target__unit__in=units[position],
                )
    return Q(holder=None) & found & (Q(excluded=None) | ~Q(excluded__in=persons))


def today(person: int, *, now: datetime, zone: ZoneInfo) -> Today:
    """今日 of one person in the firm's zone: groups by due moment, counts true to the lists."""
    midnight = end_of_day(now, zone)
    week = midnight + timedelta(days=6 - now.astimezone(zone).weekday())
    every = mine(person, now=now).select_related("target", "adoption")
    rows, blocked = every.free(), every.obstructed()
    late = rows.filter(due_at__lt=now)
    due = rows.filter(due_at__gte=now, due_at__lte=midnight)
    soon = rows.filter(due_at__gt=midnight, due_at__lte=week)
    meant = Q(due_at__gt=week, plan_on__lte=now.astimezone(zone).date())
    free = Q(obstructed_by="")
    counts = every.aggregate(
        late=Count("id", filter=free & Q(due_at__lt=now)),
        due=Count("id", filter=free & Q(due_at__gte=now, due_at__lte=midnight)),
        soon=Count("id", filter=free & Q(due_at__gt=midnight, due_at__lte=week)),
        suggested=Count("id", filter=free & meant),
        blocked=Count("id", filter=~free),
        all=Count("id"),
    )
    return Today(
        late=Group(_first(late), counts["late"]),
        due_today=Group(_first(due), counts["due"]),
        this_week=Group(_first(soon), counts["soon"]),
        suggested=Group(
            _first(rows.filter(meant)) if counts["suggested"] else [], counts["suggested"]
        ),
        blocked=Group(_first(blocked) if counts["blocked"] else [], counts["blocked"]),
        later=counts["all"] - sum(n for key, n in counts.items() if key != "all"),
    )


def _first(rows: QuerySet[Obligation]) -> list[Obligation]:
    return list(rows.order_by("due_at", "id")[:PAGE])


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(local, time.min, zone)


def count_now(person: int, *, now: datetime, zone: ZoneInfo) -> int:
    """The number beside 今日: late, or due until midnight."""
    return mine(person, now=now).free().filter(due_at__lte=end_of_day(now, zone)).count()


def about(target: int, viewer: Viewer) -> QuerySet[Obligation]:
    """Every obligation about a target, newest first."""
    return (
        Obligation.objects.visible_to(viewer)
        .about(target)
        .select_related("adoption", "holder__as_person")
        .order_by("-id")
    )


def meters(*, now: datetime) -> list[Meter]:
    """The shares of the running month: per role what was done, allotted and is needed."""
    running = adoptions.current()
    months = {
        now.astimezone(ZoneInfo(adoption.time_zone)).date().replace(day=1)
        for adoption, _pack in running
    }
    counts = ShareCount.objects.filter(
        adoption__in=[adoption for adoption, _pack in running], period__in=months
    )
    packs = {adoption.id: pack for adoption, pack in running}
    done = _done({pack.id for pack in packs.values()}, months)
    return [
        meter
        for count in counts.order_by("adoption_id", "duty")
        for meter in _meters_of(packs[count.adoption_id].policy.duties[count.duty], count, done)
    ]


Done = Mapping[tuple[int, str, date], int]


def _done(policies: set[str], months: set[date]) -> Done:
    rows = Obligation.objects.filter(
        policy__in=policies, period__startswith__in=months, state="done"
    )
    return {
        (adoption, line, month): done
        for adoption, line, month, done in rows.values_list(
            "adoption_id", "line", "period__startswith"
        ).annotate(Count("id"))
    }


def _meters_of(duty: Duty, count: ShareCount, done: Done) -> Iterator[Meter]:
    assert duty.share is not None  # only a share is counted
    for role, part in duty.share.roles.items():
        items, allotted = count.counts.get(role, (0, 0))
        yield Meter(
            adoption=count.adoption_id,
            duty=count.duty,
            role=role,
            done=done.get((count.adoption_id, f"{count.duty}.share.{role}", count.period), 0),
            allotted=allotted,
            items=items,
            needed=ceil(part * items),
            share=part,
        )
