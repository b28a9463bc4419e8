"""What a firm may write into a setting: by its type, as lint and the page of settings both ask."""

from __future__ import annotations

import re

from huiyin.policy.declared import Setting
from huiyin.policy.lengths import NotALength, NotAPercentage, parse_length, parse_percent

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


def is_whole(text: str) -> bool:
    """Whether something can be counted with it."""
    return re.fullmatch(r"-?[0-9]{1,9}", text) is not None
