"""What is said to whoever sits at the machine, in its language, before Django is there."""

from __future__ import annotations

import os
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


def language() -> str:
    """That of the machine: on an English one everything that starts the house is in English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh-hans" if next(filter(None, named), "").startswith("zh") else "en"


def gettext(text: str) -> str:
    return _told(language()).gettext(text)


@cache
def _told(language: str) -> NullTranslations:
    # Messages are written in Chinese, which therefore has no catalogue.
    return translation("django", CATALOGUES, [language], fallback=True)
