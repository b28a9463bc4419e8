"""What 设置 shows: people with their posts, units, packs on disk, settings with their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.accounts.models import Person, Post, Unit
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import SettingChange
from huiyin.adoption.packs import installed


@dataclass(frozen=True)
class PersonRow:
    name: str
    number: str
    posts: tuple[str, ...]
    login: str


def people(viewer: Viewer, *, now: datetime, zone: ZoneInfo) -> list[PersonRow]:
    """Whom the viewer may see of the firm, with the posts held today; two statements."""
    today = now.astimezone(zone).date()
    posts: dict[int, list[str]] = {}
    for post in Post.objects.held(today).select_related("position", "unit").order_by("id"):
        posts.setdefault(post.person_id, []).append(f"{post.unit.name} {post.position.words}")
    rows = (
        Person.objects.visible_to(viewer).in_firm(today).select_related("user").order_by("number")
    )
    return [
        PersonRow(
            row.name,
            row.number,
            tuple(posts.get(row.pk, ())),
            row.user.username if row.user else _("不登录"),
        )
        for row in rows
    ]


def units() -> Sequence[Unit]:
    return list(Unit.objects.order_by("path"))


def role_titles(language: str) -> dict[tuple[int, str], str]:
    """(adoption, role) → title and what is visited, for the meters."""
    return {
        (adoption.id, key): role.title.say(language)
        for adoption, pack in adoptions.current()
        for key, role in pack.policy.roles.items()
    }


def settings_rows(language: str) -> list[dict[str, Any]]:
    """Every setting of the packs in force: value, default, owner, reason, last change."""
    found = []
    for adoption, pack in adoptions.current():
        values = adoptions.settings_of(pack.id, pack)
        changes = _last_changes(pack.id)
        for key, setting in pack.policy.settings.items():
            owner = pack.policy.roles.get(setting.owner)
            found.append(
                {
                    "policy": pack.policy.title.say(language),
                    "title": setting.title.say(language),
                    "value": adoptions.in_words(values.get(key, ""), language),
                    "default": setting.default or "",
                    "owner": owner.title.say(language) if owner else setting.owner,
                    "why": setting.why.say(language) if setting.why else "",
                    "clauses": tuple(setting.clauses),
                    "policy_id": pack.id,
                    "change": changes.get(key),
                    "adoption": adoption,
                }
            )
    return found


def _last_changes(policy: str) -> dict[str, SettingChange]:
    rows = SettingChange.objects.filter(policy=policy).order_by("key", "-id").distinct("key")
    return {row.key: row for row in rows.select_related("changed_by__as_person")}


def packs(language: str) -> list[tuple[str, str]]:
    """Packs that are installed, as choices."""
    return [(pack.id, pack.policy.title.say(language)) for pack in installed()]
