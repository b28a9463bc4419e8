"""What a setting may be when a firm settles it: its type, and what its rules can count with."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.core.errors import Invalid
from huiyin.policy.declared import Setting, SettingRef
from huiyin.policy.loading import Pack
from huiyin.policy.schema import Policy
from huiyin.policy.settled import fault_of, is_nothing, is_whole, limits_set
from huiyin.policy.wording import explain_problem

TEXT_LENGTH = 200


def require_setting_value(pack: Pack, key: str, value: str) -> None:
    """A value of the type that the pack declares. Raises Invalid: what, where, how to write it."""
    setting = pack.policy.settings[key]
    if fault := fault_of(setting, value):
        found = explain_problem(fault, "", 0, 0, {"value": value[:40]})
        raise Invalid({key: [found.words(get_language() or "zh")]})
    if key in limits_set(pack.policy.duties.values()) and is_nothing(setting, value):
        found = explain_problem("zero_length", "", 0, 0, {"value": value[:40]})
        raise Invalid({key: [found.words(get_language() or "zh")]})
    if wrong := _wrong(setting, value, is_count=key in _counted(pack.policy)):
        raise Invalid({key: [wrong]})


def _wrong(setting: Setting, value: str, *, is_count: bool) -> str:
    """What a pack's author would not write, but somebody at a form may."""
    given = {"value": value[:40]}
    if setting.type == "number" and is_count and not is_whole(value):
        return _("“%(value)s”不是整数，例如写 18。") % given
    if "\0" in value or len(value) > TEXT_LENGTH:
        return _("请写 1 至 %(most)s 个字。") % {"most": TEXT_LENGTH}
    return ""


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
