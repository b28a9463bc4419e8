"""What a position is called in the language of the page.

A position that was made from a role bears the role's title, which its pack says in other languages
too. Packs are known above: whoever knows them registers here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import get_language

Titles = Mapping[tuple[str, str], str]
"""By code and title of a position: the title in another language."""

Teller = Callable[[str], Titles]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Called in `AppConfig.ready()`; ``teller`` is given a language."""
    if teller not in _tellers:
        _tellers.append(teller)


def title_of(code: str, title: str) -> str:
    """A position's title on this page; as the firm wrote it where it was not taken from a role."""
    language = get_language() or "zh"
    if language.startswith("zh"):
        return title
    for teller in _tellers:
        if (said := teller(language).get((code, title))) is not None:
            return said
    return title
