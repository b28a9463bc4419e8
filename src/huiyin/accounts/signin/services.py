"""What heads of the firm do about logins, and what people do about their own; each is a fact."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts import abilities
from huiyin.accounts.models import Person, User
from huiyin.accounts.queries import viewer_at, zone
from huiyin.accounts.signin import limits, queries
from huiyin.accounts.signin.models import MOST_GRACE_DAYS, Link, RuleChange
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.core.words import require_reason
from huiyin.ledger.services import NewFact, record

LINK_LASTS = timedelta(hours=24)
SECRET_BYTES = 32
LINK_SPENT = gettext_lazy("这个链接已经用过、过期或被新的链接替代，请向给您链接的人再要一个。")
ONLY_HEADS = gettext_lazy("只有管辖整个公司的人（如经理、主管）可以管理登录。")


@transaction.atomic
def give_link(person: Person, *, username: str = "", by: int | None, now: datetime) -> str:
    """The secret of a new one-time link, which nothing keeps: whoever asked passes it on.

    Somebody without a login gets one under `username`, without a password as yet. `by` None is
    the command line. Raises Forbidden for anybody but a head of the firm and for himself, Invalid
    for the name, Conflict when he has left or his login is switched off.
    """
    _require_head(by, person, now=now)
    if person.left_on is not None and person.left_on < now.astimezone(zone()).date():
        raise Conflict(_("此人已离职。"), code="left_already")
    user = User.objects.filter(person=person).first() or _new_login(person, username)
    if not user.is_active:
        raise Conflict(_("此人的登录已停用，请先恢复。"), code="login_off")
    Link.objects.open(now).filter(user=user).update(ended_at=now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    Link.objects.create(
        user=user,
        digest=digest_of(secret),
        given_by_id=by,
        given_at=now,
        expires_at=now + LINK_LASTS,
    )
    purpose = "reset" if user.has_usable_password() else "invitation"
    _state("person.link_given", person, {"link.purpose": purpose}, by=by, now=now)
    return secret


@transaction.atomic
def use_link(digest: str, password: str, *, now: datetime) -> User:
    """Choose the password that a one-time link is for; it ends every session of the login.

    Raises Conflict for a link that is used, run out or replaced, Invalid for a weak password.
    """
    found = queries.usable_link(digest, now=now)
    if found is None:
        raise Conflict(LINK_SPENT, code="link_spent")
    user: User = found.user
    _require_strong(password, user)
    # Of two at once the second finds it used.
    if not Link.objects.open(now).filter(pk=found.pk).update(ended_at=now):
        raise Conflict(LINK_SPENT, code="link_spent")
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user)
    limits.unlock(user.username)
    person = user.person
    _state("person.password_set", person, {"password.by": "link"}, by=person.pk, now=now)
    return user


@transaction.atomic
def switch_login(person: Person, *, on: bool, reason: str, by: int | None, now: datetime) -> None:
    """Switch a login off, or on again; off ends every session at once.

    Raises Forbidden as `give_link` does, Invalid without a reason, Conflict when it is so already.
    """
    _require_head(by, person, now=now)
    reason = require_reason(reason, missing=_("请写明原因。"))
    changed = User.objects.filter(person=person, is_active=not on).update(is_active=on)
    if not changed:
        raise Conflict(_("这个登录已经是这样，请刷新页面。"), code="login_switched_already")
    if not on:
        end_sessions(_login_of(person))
    kind = "person.login_switched_on" if on else "person.login_switched_off"
    _state(kind, person, {}, by=by, now=now, note=reason)


@transaction.atomic
def forget_factors(person: Person, *, reason: str, by: int | None, now: datetime) -> None:
    """Take every second factor off a login, for somebody who lost his; it ends his sessions.

    Raises Forbidden as `give_link` does, Invalid without a reason, Conflict when there is none.
    """
    _require_head(by, person, now=now)
    reason = require_reason(reason, missing=_("请写明原因。"))
    deleted, _models = Authenticator.objects.filter(user=person.user_id).delete()
    if not deleted:
        raise Conflict(_("此人没有启用两步验证。"), code="no_factor")
    end_sessions(_login_of(person))
    values = {"factor.type": "all"}
    _state("person.factor_removed", person, values, by=by, now=now, note=reason)


@transaction.atomic
def change_rule(
    *, heads_need_factor: bool, grace_days: int, reason: str, by: int, now: datetime
) -> RuleChange:
    """Say anew what is asked of heads at the sign-in. Raises Forbidden, Invalid, Conflict."""
    if not abilities.may_settle(viewer_at(by, now)):
        raise Forbidden(ONLY_HEADS)
    reason = require_reason(reason, missing=_("请写明更改的原因。"))
    if not 0 <= grace_days <= MOST_GRACE_DAYS:
        raise Invalid(
            {"grace_days": [_("宽限期须为 0 至 %(most)s 天。") % {"most": MOST_GRACE_DAYS}]}
        )
    before = queries.rule()
    if (before.heads_need_factor, before.grace_days) == (heads_need_factor, grace_days):
        raise Conflict(_("与现行的规定相同，没有更改。"), code="rule_unchanged")
    values = {"rule.heads_need_factor": heads_need_factor, "rule.grace_days": grace_days}
    fact = NewFact("signin.rule_changed", by, by, by, now, now, values=values, note=reason)
    record([fact], now=now)
    return RuleChange.objects.create(
        heads_need_factor=heads_need_factor,
        grace_days=grace_days,
        reason=reason,
        changed_by_id=by,
        changed_at=now,
    )


def state_password_changed(person: Person, *, now: datetime) -> None:
    """Somebody changed his own password."""
    _state("person.password_set", person, {"password.by": "self"}, by=person.pk, now=now)


def state_factor(person: Person, factor: str, *, added: bool, now: datetime) -> None:
    """Somebody set up or took off a second factor of his own: `totp`, `webauthn`, `codes`."""
    kind = "person.factor_added" if added else "person.factor_removed"
    _state(kind, person, {"factor.type": factor}, by=person.pk, now=now)


def digest_of(secret: str) -> str:
    """What is kept of a link's secret; it is long and random, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def end_sessions(user: User) -> None:
    """Sign somebody out everywhere."""
    held = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=held.values("session_key")).delete()
    held.delete()


def _require_head(by: int | None, person: Person, *, now: datetime) -> None:
    if by is None:
        return
    if by == person.pk:
        raise Forbidden(
            _("自己的登录请在“我的登录”中管理；如已无法登录，请另一位管辖公司的人办理。")
        )
    if not abilities.may_settle(viewer_at(by, now)):
        raise Forbidden(ONLY_HEADS)


def _new_login(person: Person, username: str) -> User:
    username = User.normalize_username(username.strip())
    longest = User._meta.get_field("username").max_length or 0
    if not 0 < len(username) <= longest:
        raise Invalid({"username": [_("用户名须有 1 至 %(most)s 个字符。") % {"most": longest}]})
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid({"username": [_("用户名已被使用。")]})
    user = User.objects.create_user(username)
    if not Person.objects.filter(pk=person.pk, user=None).update(user=user):
        raise Conflict(_("此人已有登录账号。"), code="login_exists")
    person.user = user
    return user


def _login_of(person: Person) -> User:
    user: User = User.objects.get(person=person)
    return user


def _require_strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": error.messages}) from error


def _state(
    kind: str,
    person: Person,
    values: dict[str, Any],
    *,
    by: int | None,
    now: datetime,
    note: str = "",
) -> None:
    fact = NewFact(kind, person.pk, by, by, now, now, values=values, note=note)
    record([fact], now=now)
