"""What people type into a search box, read once for every list; and how the database finds it.

Blanks, punctuation, full-width forms and case do not matter; every other sign stands for itself,
the wildcards of LIKE and of regular expressions included.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Contains

from huiyin.core import phones

MOST = 80
"""Characters of a search that are read; nobody looks for more."""

FEW = 1_000
"""Ids that are worth carrying to the database in a statement."""

# Blanks, dashes, dots, commas, brackets, quotes: what one writes and another leaves out. The same
# signs stand in the migration of `huiyin_folded`.
SEPARATORS = (
    " \t\n\r\v\f\u00ad\u115f\u1160\u200b\u200c\u200d\u2060\ufeff"
    "-‐‒–—―−.。·•・‧,、;:/()[]〔〕【】〈〉《》「」『』'\"‘’“”!?~〜#"
)
_WITHOUT = str.maketrans("", "", SEPARATORS)
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
LETTERS = re.compile(r"(?=.*[a-z])[a-z0-9]{2,}")
TAIL = re.compile(r"[0-9]{4}")


class Folded(Func):
    """A text as it is compared: the SQL twin of ``folded``."""

    function = "huiyin_folded"
    output_field = TextField()


def folded_together(*columns: Any) -> Concat:
    """Columns as one text to compare; no word reaches over the blank between two of them."""
    blank = Value(" ", output_field=TextField())
    parts = [part for column in columns for part in (blank, Folded(column))]
    return Concat(*parts[1:])


class NumbersInOrder(Func):
    """A text to sort by: 2栋 comes before 10栋, for numbers of up to twelve digits."""

    template = (
        "regexp_replace(regexp_replace(%(expressions)s, '([0-9]+)', '000000000000\\1', 'g'),"
        " '0+([0-9]{12,})', '\\1', 'g')"
    )
    output_field = TextField()


class Signs(Func):
    """Every character of a folded text, for a GIN index: one alone is looked for too."""

    function = "huiyin_signs"
    output_field = ArrayField(TextField())


class Pairs(Func):
    """Every pair of neighbours of a folded text, for a GIN index.

    Pairs, because most Chinese names have two or three characters and trigrams need three.
    """

    function = "huiyin_pairs"
    output_field = ArrayField(TextField())


@dataclass(frozen=True, slots=True)
class Query:
    """What a text may mean, all at once: parts of a name, pinyin, a phone or the tail of one.

    ``words`` have all to be contained; the others are empty where the text cannot mean them.
    """

    words: tuple[str, ...] = ()
    letters: str = ""
    phone: str = ""
    tail: str = ""
    blank: bool = False


def read(text: str) -> Query:
    """The one place that decides what a query is. Blank: nothing was asked for."""
    text = text[:MOST]
    if not text.strip():
        return Query(blank=True)
    parts = unicodedata.normalize("NFKC", text).split()
    words = tuple(word for part in parts if (word := folded(part)))
    joined = "".join(words).replace("ü", "v")
    return Query(
        words=words,
        letters=joined if LETTERS.fullmatch(joined) else "",
        phone=_phone(text),
        tail=joined if TAIL.fullmatch(joined) else "",
    )


def folded(text: str) -> str:
    """The text as it is compared: NFKC, small letters, without separators."""
    return unicodedata.normalize("NFKC", text).translate(_WITHOUT).translate(_LOWER)


def contains(words: tuple[str, ...], column: Any = "search") -> Q:
    """Rows whose folded column contains every word; GIN indexes on its signs and pairs find them.

    ``column`` is a name, or the very expression that is indexed.
    """
    compared = F(column) if isinstance(column, str) else column
    signs = [word for word in words if len(word) == 1]
    pairs = [word[at : at + 2] for word in words for at in range(len(word) - 1)]
    found = Q(ArrayContains(Signs(compared), signs)) if signs else Q()
    if pairs:
        found &= Q(ArrayContains(Pairs(compared), pairs))
    for word in words:
        if len(word) > 2:  # of shorter ones the index has said all
            found &= Q(Contains(compared, word))
    return found


def among(column: str, ids: QuerySet[Any]) -> Q:
    """Rows whose column is among the ids that another query finds, as one of several ways.

    Few are looked up first: an OR with a subquery reads the whole table, an OR with ids asks an
    index for each of its ways. Of many every row is one anyway.
    """
    few = list(ids[: FEW + 1])
    return Q(**{f"{column}__in": few if len(few) <= FEW else ids})


def matches(asked: Query, *texts: str) -> bool:
    """The same for a short list that is in memory."""
    places = [folded(text) for text in texts]
    return bool(asked.words) and all(any(word in place for place in places) for word in asked.words)


def _phone(text: str) -> str:
    try:
        return phones.normalize(text)
    except phones.NotAPhone:
        return ""
