"""How a Chinese name is typed without an input method: by its initials or spelled out.

Every character has one reading here; a surname has its reading as a surname.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from huiyin.core.search import folded

NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2,4}")
"""A person's name; what is longer is a firm's, in which nothing is a surname."""

# What the dictionary reads otherwise, because the character is seldom a surname elsewhere.
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "任": "ren",
    "华": "hua", "盖": "ge", "缪": "miao", "翟": "zhai", "卜": "bu", "覃": "qin", "种": "chong",
    "朴": "piao", "繁": "po", "员": "yun", "秘": "bi", "召": "shao", "洗": "xian", "佴": "nai",
    "句": "gou", "黑": "he", "折": "she", "纪": "ji", "宁": "ning", "乐": "yue", "冼": "xian",
}  # fmt: skip
TWO_CHARACTERS = {
    "尉迟": ("yu", "chi"), "长孙": ("zhang", "sun"), "万俟": ("mo", "qi"),
    "澹台": ("tan", "tai"), "单于": ("chan", "yu"), "令狐": ("ling", "hu"),
}  # fmt: skip
# Variants that stand in names and in no dictionary of readings.
VARIANTS = {"㐂": "xi", "𠮷": "ji"}


def spelled(name: str) -> list[str]:
    """The syllables of a name, ü as v; letters and digits stand for themselves."""
    # The dictionaries take a moment to load, and most processes never write a name.
    from pypinyin import lazy_pinyin

    plain = folded(name)
    surname = _surname(plain)
    rest = plain[len(surname) :]
    read = lazy_pinyin(rest, errors=lambda signs: [VARIANTS.get(sign, sign) for sign in signs])
    return [*surname, *read]


def search_columns(name: str) -> tuple[str, str]:
    """(initials, whole spelling) of a name: ("zs", "zhangsan")."""
    syllables = spelled(name)
    return "".join(_initial(each) for each in syllables), "".join(syllables)


def in_order(people: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """People by name as a roll call goes: by their spelling, whatever the database's collation."""
    return sorted(people, key=lambda each: (spelled(each[1]), each[1], each[0]))


def _surname(plain: str) -> tuple[str, ...]:
    """The syllables of the surname, one for each character; none where it is read as usual."""
    if not NAME.fullmatch(plain):
        return ()
    if plain[:2] in TWO_CHARACTERS and len(plain) > 2:
        return TWO_CHARACTERS[plain[:2]]
    return (SURNAMES[plain[0]],) if plain[0] in SURNAMES else ()


def _initial(syllable: str) -> str:
    """Only a reading is shortened; what was written in letters or digits is typed as it stands."""
    return syllable if not syllable.isalpha() or not syllable.isascii() else syllable[:1]
