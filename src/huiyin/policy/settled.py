"""What a firm may write into a setting: by its type, as lint and the page of settings both ask."""

from __future__ import annotations

import re
from collections.abc import Iterable

from huiyin.policy.declared import Setting, SettingRef
from huiyin.policy.duties import Duty
from huiyin.policy.lengths import NotALength, NotAPercentage, parse_length, parse_percent
from huiyin.policy.limits import lengths_of

NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,4})?")


def fault_of(setting: Setting, text: str) -> str | None:
    """The kind of mistake (``not_a_length``) that the text is for the setting, or None."""
    try:
        if setting.type == "length":
            parse_length(text)
        elif setting.type == "percent":
            return None if parse_percent(text) <= 1 else "share_over_100"
        elif setting.type == "number" and NUMBER.fullmatch(text) is None:
            return "not_a_number"
    except NotALength:
        return "not_a_length"
    except NotAPercentage:
        return "not_a_percentage"
    return None if text.strip() else "empty_setting"


def is_nothing(setting: Setting, text: str) -> bool:
    """Whether a length is no time at all: nothing can be done within it."""
    try:
        return setting.type == "length" and parse_length(text).is_nothing
    except NotALength:
        return False


def limits_set(duties: Iterable[Duty]) -> set[str]:
    """The settings within which something has to be done."""
    withins = [duty.within for duty in duties if duty.within is not None]
    lengths = [length for within in withins for length in lengths_of(within).values()]
    named = {within.setting for within in withins if within.setting is not None}
    return named | {length.setting for length in lengths if isinstance(length, SettingRef)}


def is_whole(text: str) -> bool:
    """Whether something can be counted with it."""
    return re.fullmatch(r"-?[0-9]{1,9}", text) is not None
