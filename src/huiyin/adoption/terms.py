"""What a setting may be, by its type: a length, a number, a percentage, or a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from huiyin.core.errors import Invalid
from huiyin.policy.declared import Setting, SettingRef
from huiyin.policy.lengths import NotALength, NotAPercentage, parse_length, parse_percent
from huiyin.policy.loading import Pack
from huiyin.policy.schema import Policy

TEXT_LENGTH = 200

_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,4})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")


def require_setting_value(pack: Pack, key: str, value: str) -> None:
    """A value of the type that the pack declares. Raises Invalid: what, where, how to write it."""
    wrong = problem(pack.policy.settings[key], value, whole=key in _counted(pack.policy))
    if wrong:
        raise Invalid({key: [wrong]})


def problem(setting: Setting, value: str, *, whole: bool) -> str:
    """Why the value does not fit the setting; empty if it does. ``whole``: no fraction of one."""
    given = {"value": value[:40]}
    if setting.type == "length":
        if _is_length(value):
            return ""
        return _("“%(value)s”不是一段时间，例如写 24h、3d、5wd、2w、1mo 或 eod。") % given
    if setting.type == "percent":
        if _is_part(value):
            return ""
        return _("“%(value)s”不是百分比，例如写 30%%，最多 100%%。") % given
    if setting.type == "number":
        if whole and _WHOLE.fullmatch(value) is None:
            return _("“%(value)s”不是整数，例如写 18。") % given
        if _NUMBER.fullmatch(value) is None:
            return _("“%(value)s”不是数字，例如写 18 或 2.5。") % given
        return ""
    if not value.strip() or "\0" in value or len(value) > TEXT_LENGTH:
        return _("请写 1 至 %(most)s 个字。") % {"most": TEXT_LENGTH}
    return ""


def _is_length(value: str) -> bool:
    try:
        parse_length(value)
    except NotALength:
        return False
    return True


def _is_part(value: str) -> bool:
    """Whether it is a percentage of a whole, and not more."""
    try:
        return parse_percent(value) <= 1
    except NotAPercentage:
        return False


def _counted(policy: Policy) -> set[str]:
    """The settings that count something: so many times, so many points."""
    return set(_whole(policy))


def _whole(policy: Policy) -> Iterator[str]:
    for duty in policy.duties.values():
        if duty.quota is not None and isinstance(duty.quota.at_least, SettingRef):
            yield duty.quota.at_least.setting
    for score in policy.scores.values():
        if isinstance(score.points, SettingRef):
            yield score.points.setting
