"""How words stand beside one another in the language of the page: 甲、乙 or A, B."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def listed(words: Iterable[object]) -> str:
    """Names or numbers in a row."""
    return _("、").join(map(str, words))


def chained(words: Iterable[object]) -> str:
    """Parts of one statement."""
    return _("，").join(map(str, words))


def sentences(words: Iterable[object]) -> str:
    """Statements in a row."""
    return _("；").join(map(str, words))


def in_turn(first: object, second: object) -> str:
    """Two whole sentences, one after the other."""
    return _("%(first)s%(second)s") % {"first": first, "second": second}


def explained(head: object, more: object) -> str:
    """A word and what is said of it."""
    return _("%(head)s：%(more)s") % {"head": head, "more": more}


def bracketed(words: object, aside: object) -> str:
    """Words and, after them, what is said by the way."""
    return _("%(words)s（%(aside)s）") % {"words": words, "aside": aside}
