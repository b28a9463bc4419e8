"""Page-sized reads of obligations: whose they are, what is about a target, how far shares are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from huiyin.accounts.posts import Held
from huiyin.accounts.standing import acting
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.policy.duties import Duty


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
    def part(self) -> Fraction:
        """Done of all that the role may take."""
        return Fraction(self.done, self.items) if self.items else Fraction(0)


def mine(person: int, *, now: datetime) -> QuerySet[Obligation]:
    """What a person owes that still waits."""
    return Obligation.objects.waiting().filter(owed_by(person, now=now))


def owed_by(person: int, *, now: datetime) -> Q:
    """Rows held by a person, or without a holder for anyone of a role that he holds there.

    So are those of everybody for whom he stands in.
    """
    posts = acting(person, now=now)
    pools = [_pool({person, absent}, held) for absent, held in posts.items()]
    return reduce(or_, pools, Q(holder__in=list(posts)))


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
    for adoption in adoptions.known():
        for role, position in adoption.role_map.items():
            if position in units:
                found |= Q(
                    adoption=adoption.id,
                    owed_roles__contains=[role],
                    target__unit__in=units[position],
                )
    return Q(holder=None) & found & (Q(excluded=None) | ~Q(excluded__in=persons))


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
    return meters_of(share_counts(now=now))


def share_counts(*, now: datetime) -> QuerySet[Any]:
    """What was counted of the shares of the running month, with how many were done of each line."""
    running = adoptions.current()
    months = {
        now.astimezone(ZoneInfo(adoption.time_zone)).date().replace(day=1)
        for adoption, _pack in running
    }
    done = (
        Obligation.objects.filter(
            policy__in={pack.id for _adoption, pack in running},
            period__startswith=OuterRef("period"),
            adoption=OuterRef("adoption"),
            duty=OuterRef("duty"),
            state="done",
        )
        .values("line")
        .annotate(count=Count("id"))
    )
    return (
        ShareCount.objects.filter(
            adoption__in=[adoption.id for adoption, _pack in running], period__in=months
        )
        .annotate(done=ArraySubquery(done.values_list(JSONObject(line="line", count="count"))))
        .order_by("adoption_id", "duty")
        .values("adoption_id", "duty", "counts", "done")
    )


def meters_of(counts: Iterable[Mapping[str, Any]]) -> list[Meter]:
    """The meters that rows of ``share_counts`` come to."""
    packs = {adoption.id: pack for adoption, pack in adoptions.current()}
    return [
        meter
        for count in counts
        for meter in _meters_of(packs[count["adoption_id"]].policy.duties[count["duty"]], count)
    ]


def _meters_of(duty: Duty, count: Mapping[str, Any]) -> Iterator[Meter]:
    assert duty.share is not None  # only a share is counted
    done = {each["line"]: each["count"] for each in count["done"]}
    for role, part in duty.share.roles.items():
        items, allotted = count["counts"].get(role, (0, 0))
        yield Meter(
            adoption=count["adoption_id"],
            duty=count["duty"],
            role=role,
            done=done.get(f"{count['duty']}.share.{role}", 0),
            allotted=allotted,
            items=items,
            needed=ceil(part * items),
            share=part,
        )
