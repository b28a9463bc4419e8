"""阅知: which policies somebody still has to read, and who has read a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from huiyin.accounts.models import Person, Post
from huiyin.accounts.queries import people_of
from huiyin.accounts.standing import acting
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Acknowledgement, Adoption
from huiyin.adoption.packs import Pack


@dataclass(frozen=True)
class Unread:
    """A policy in force that asks to be acknowledged, which the person has not said yet."""

    policy: str
    title: str


def unread(person: int, *, now: datetime, language: str) -> list[Unread]:
    """What somebody has not acknowledged of the versions in force, if it is asked of his posts.

    One statement, and none where nothing is asked.
    """
    held = {post.position for post in acting(person, now=now).get(person, ())}
    asked = [
        (adoption, pack)
        for adoption, pack in adoptions.current()
        if pack.policy.acknowledge and _asked(adoption, pack, held)
    ]
    if not asked:
        return []
    said = Acknowledgement.objects.filter(person=person).values_list("policy_version", flat=True)
    known = set(said)
    return [
        Unread(pack.id, pack.policy.title.say(language))
        for adoption, pack in asked
        if adoption.policy_version_id not in known
    ]


def _asked(adoption: Adoption, pack: Pack, held: set[str]) -> bool:
    """Whether one of the posts is asked; a clause that names no role asks everybody in post."""
    wanted = _positions(adoption, pack)
    return bool(held) and (wanted is None or not wanted.isdisjoint(held))


def _positions(adoption: Adoption, pack: Pack) -> set[str] | None:
    """The positions that have to acknowledge something; None: all."""
    asked = list(pack.policy.acknowledge.values())
    if not all(asked):
        return None
    return {adoption.role_map.get(role, role) for roles in asked for role in roles}


def readers(viewer: Viewer, adoption: Adoption, on: date) -> QuerySet[Any]:
    """Whom the viewer may see of those in post, with when each acknowledged this version.

    `said_at` is empty for who has not.
    """
    said = Acknowledgement.objects.filter(
        person=OuterRef("pk"), policy_version=adoption.policy_version_id
    )
    posts = Post.objects.held(on).filter(person=OuterRef("pk"))
    wanted = _positions(adoption, adoptions.pack_of(adoption.policy_version_id))
    if wanted is not None:
        posts = posts.filter(position__in=wanted)
    return (
        people_of(viewer, on)
        .filter(Exists(posts))
        .annotate(said_at=Subquery(said.values("acknowledged_at")[:1]))
    )


def said_at(person: Person, adoption: Adoption) -> datetime | None:
    """When the person acknowledged the version; None before."""
    rows = Acknowledgement.objects.filter(
        person=person.pk, policy_version=adoption.policy_version_id
    )
    return rows.values_list("acknowledged_at", flat=True).first()


def clauses(pack: Pack, language: str) -> list[tuple[str, str, bool]]:
    """The text in force: (clause, what it says, whether it is one of those to acknowledge)."""
    return [
        (id, clause.say(language), id in pack.policy.acknowledge)
        for id, clause in pack.clauses.items()
    ]
