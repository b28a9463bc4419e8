"""Reads about logins: whose they are, how well they are guarded, where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, Min, OuterRef, QuerySet

from huiyin.accounts.models import Person, Position, Post, User
from huiyin.accounts.queries import zone
from huiyin.accounts.signin.models import Link, RuleChange
from huiyin.ledger.visibility import Viewer

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor; recovery codes only stand in for one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the firm asks at the sign-in, and since which day (in its zone)."""

    heads_need_factor: bool = False
    grace_days: int = 7
    since: date | None = None


def rule() -> Rule:
    """The rule in force; before anybody set one nothing is asked. Two statements."""
    newest = RuleChange.objects.order_by("-id").first()
    if newest is None:
        return Rule()
    since = newest.changed_at.astimezone(zone()).date()
    return Rule(newest.heads_need_factor, newest.grace_days, since)


def rule_changes() -> QuerySet[RuleChange]:
    """Every change, newest first, with who made it."""
    return RuleChange.objects.select_related("changed_by__as_person").order_by("-id")


def person_of(user: User, *, on: date) -> Person | None:
    """Who signs in with this login, as long as he is in the firm on the day."""
    person: Person | None = Person.objects.in_firm(on).filter(user=user.pk).first()
    return person


def factor_due(person: Person, *, on: date) -> date | None:
    """The last day on which the person may work without a second factor; None: nothing is asked.

    Asked of heads that have none, from the rule's day or from that on which they became heads.
    """
    asked = rule()
    if not asked.heads_need_factor or asked.since is None:
        return None
    heads = Post.objects.held(on).filter(person=person.pk, position__scope=Position.Scope.TREE)
    since = heads.aggregate(first=Min("from_on"))["first"]
    if since is None or has_factor(person.user_id):
        return None
    last: date = max(since, asked.since) + timedelta(days=asked.grace_days)
    return last


def has_factor(user_id: int | None) -> bool:
    return Authenticator.objects.filter(user=user_id, type__in=FACTORS).exists()


def has_passkey(user_id: int | None) -> bool:
    return Authenticator.objects.filter(user=user_id, type=Authenticator.Type.WEBAUTHN).exists()


def factors_of(user_id: int | None) -> QuerySet[Authenticator]:
    """The second factors of a login, the oldest first."""
    return Authenticator.objects.filter(user=user_id, type__in=FACTORS).order_by("created_at")


def logins(viewer: Viewer, *, on: date, now: datetime) -> QuerySet[Any]:
    """Everybody of the firm on a day whom the viewer may see, and how his login stands.

    Each has `is_head`, `guarded` (has a second factor) and `has_link`.
    """
    heads = Post.objects.held(on).filter(person=OuterRef("pk"), position__scope=Position.Scope.TREE)
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    links = Link.objects.open(now).filter(user=OuterRef("user"))
    return (
        Person.objects.visible_to(viewer)
        .in_firm(on)
        .select_related("user")
        .annotate(is_head=Exists(heads), guarded=Exists(factors), has_link=Exists(links))
    )


def sessions_of(user: User, *, now: datetime) -> QuerySet[UserSession]:
    """Where somebody is signed in, the last seen first; one statement."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=alive).order_by(
        "-last_seen_at", "-pk"
    )


def usable_link(digest: str, *, now: datetime) -> Link | None:
    """The link with this digest, if it is open and its login switched on, with its person."""
    link: Link | None = (
        Link.objects.open(now)
        .filter(digest=digest, user__is_active=True)
        .select_related("user__person")
        .first()
    )
    return link
