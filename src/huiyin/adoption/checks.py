"""What must hold before a pack comes into force: roles held, terms settled, no clash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import held_positions
from huiyin.adoption.calendars import work_calendar
from huiyin.adoption.clashes import clashes
from huiyin.adoption.demands import counting_workdays, required_roles, unset_settings
from huiyin.adoption.models import PolicyVersion
from huiyin.core.errors import NotFound, Refused
from huiyin.core.punctuation import listed
from huiyin.policy.loading import Pack, parse_pack


def require_adoptable(
    pack: Pack,
    role_map: Mapping[str, str],
    settings: Mapping[str, str],
    *,
    beside: Sequence[Pack] = (),
    at: datetime,
) -> None:
    """Raise Refused naming each unset setting, unheld role and missing calendar with its clauses.

    ``beside``: the packs in force, none of which may say something else of the same thing.
    """
    problems = (
        _unset(pack, settings)
        + _unheld(pack, role_map, at=at)
        + _without_calendar(pack, settings)
        + clashes(pack, beside)
    )
    if problems:
        raise Refused(
            clauses=list(
                dict.fromkeys(clause for _text, clauses in problems for clause in clauses)
            ),
            message="\n".join(text for text, _clauses in problems),
            rule="adoption",
        )


def _unset(pack: Pack, settings: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (
            _("参数“%(title)s”（%(key)s）还没有定，条款 %(clauses)s 要用到它。请先写明取值和理由。")
            % {
                "title": pack.policy.settings[key].title.say(get_language() or "zh"),
                "key": key,
                "clauses": listed(clauses),
            },
            clauses,
        )
        for key, clauses in unset_settings(pack.policy).items()
        if key not in settings
    ]


def _unheld(
    pack: Pack, role_map: Mapping[str, str], *, at: datetime
) -> list[tuple[str, tuple[str, ...]]]:
    required = required_roles(pack.policy)
    held = held_positions({role_map.get(role, role) for role in required}, at=at)
    return [
        (
            _("角色“%(title)s”（%(key)s）没有人担任，条款 %(clauses)s 要用到它。请先指定担任的人。")
            % {
                "title": pack.policy.roles[role].title.say(get_language() or "zh"),
                "key": role,
                "clauses": listed(clauses),
            },
            clauses,
        )
        for role, clauses in required.items()
        if role_map.get(role, role) not in held
    ]


def _without_calendar(pack: Pack, settings: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    clauses = counting_workdays(pack.policy, settings)
    if not clauses or work_calendar().confirmed:
        return []
    text = _(
        "条款 %s 按工作日计算期限，而公司的工作日历还没有确认任何一年。请先在“工作日历”里导入并确认。"
    )
    return [(text % listed(clauses), clauses)]


def pack_with_setting(policy: str, key: str) -> Pack:
    """The newest stored version of a policy; raises NotFound for it or for the setting."""
    version = PolicyVersion.objects.filter(policy=policy).order_by("-version", "-id").first()
    if version is None:
        raise NotFound
    pack = parse_pack(version.sources)
    if key not in pack.policy.settings:
        raise NotFound
    return pack
