"""What a person chose for the columns of a file, and the map that comes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.core.errors import Invalid
from huiyin.core.punctuation import listed
from huiyin.imports import guessing
from huiyin.imports.binding import normal
from huiyin.imports.models import ImportBatch, RememberedMap
from huiyin.imports.uploads import Head
from huiyin.imports.values import Expected

HISTORY = "history"
FEW = 24
"""Names in a column of units that are none of ours: with more of them it is no column of our units."""

TRANSLATED = 50
"""The same in a column that somebody named because it tells the unit: every building its zone."""


def own_titles() -> tuple[str, ...]:
    """Titles of the columns that we add to a file of rows: their number, why refused, why in doubt."""
    return (_("原来的行号"), pgettext("refused row", "拒绝的原因"), _("待核对的原因"))


@dataclass(frozen=True)
class Choices:
    """What was chosen: where the header stands, which column (from 1) is what, what stands for all.

    ``values`` translates texts of the file, by name; ``between`` stands between joined columns.
    ``beside``: by name a column that tells this too, beside what it is itself. ``front``: the
    estate whose name goes before every number of the file.
    """

    header: int
    titles: Sequence[str]
    columns: Mapping[int, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    between: str = "-"
    mode: str = HISTORY
    beside: Mapping[str, int] = field(default_factory=dict)
    front: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"columns": {str(at): name for at, name in self.columns.items()}}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Choices:
        columns = {int(at): name for at, name in kept["columns"].items()}
        return cls(**{**kept, "columns": columns})

    def positions(self, name: str) -> list[int]:
        """Where it stands: the columns that are it, else the one that tells it too."""
        own = [at for at, each in sorted(self.columns.items()) if each == name]
        return own or [self.beside[name]] if name in self.beside else own


def header_digest(titles: Sequence[str]) -> str:
    """The same for files with the same columns; those that we add ourselves do not count."""
    ours = {normal(title) for title in own_titles()}
    bare = [title for title in map(normal, titles) if title not in ours]
    while bare and not bare[-1]:
        bare.pop()
    return hashlib.sha256(json.dumps(bare, ensure_ascii=False).encode()).hexdigest()


def proposed(batch: ImportBatch, expected: Mapping[str, Expected]) -> Choices:
    """What was chosen for this batch; else for a file with the same header; else what titles say."""
    if batch.choices:
        return Choices.of(batch.choices)
    head = Head.of(batch.head)
    titles = head.titles(head.header)
    known = RememberedMap.objects.filter(
        what=batch.what, kind=batch.kind, header_digest=header_digest(titles)
    ).first()
    if known is not None:
        return _moved(Choices.of(known.choices), head.header, titles, expected)
    return at_header(batch, head.header, expected)


def at_header(batch: ImportBatch, header: int, expected: Mapping[str, Expected]) -> Choices:
    """What the titles of a row say, and what stands in the columns; a person may name another row."""
    head = Head.of(batch.head)
    titles = head.titles(header)
    columns = guessing.guess(titles, head.values, expected)
    alone = {
        name: next(iter(wanted.choices))
        for name, wanted in expected.items()
        if wanted.constant and len(wanted.choices) == 1
    }
    constants = {name: key for name, key in alone.items() if name not in columns.values()}
    beside = guessing.beside(columns, head.values, expected)
    return Choices(header, titles, columns, constants, beside=beside)


def with_values(choices: Choices, values: Mapping[str, Mapping[str, str]]) -> Choices:
    """The same with other translations."""
    return replace(choices, values=values)


def _moved(
    known: Choices, header: int, titles: Sequence[str], expected: Mapping[str, Expected]
) -> Choices:
    """The same choices where the columns now stand."""
    places: dict[tuple[str, int], int] = {}
    for at, title in enumerate(map(normal, titles), 1):
        places[title, sum(each == title for each, _nth in places)] = at
    seen: dict[str, int] = {}
    columns, beside = {}, {}
    for at, title in enumerate(map(normal, known.titles), 1):
        nth = seen[title] = seen.get(title, -1) + 1
        name = known.columns.get(at)
        if (title, nth) not in places:
            continue
        place = places[title, nth]
        if name in expected:
            columns[place] = name
        beside |= {each: place for each, told in known.beside.items() if told == at}
    constants = {name: text for name, text in known.constants.items() if name in expected}
    return replace(
        known, header=header, titles=titles, columns=columns, constants=constants, beside=beside
    )


def untranslated(
    choices: Choices, head: Head, expected: Mapping[str, Expected]
) -> dict[str, list[str]]:
    """Texts in columns of choices that are none of them, by name: somebody has to say what they mean.

    A column with more of them than one would go through is left: its rows are refused one by one.
    """
    found: dict[str, list[str]] = {}
    for name, wanted in expected.items():
        places = choices.positions(name)
        if len(places) != 1 or not 0 < places[0] <= len(head.values):
            continue
        texts = [text for text in head.values[places[0] - 1] if _is_foreign(text, wanted)]
        most = TRANSLATED if name in choices.beside else FEW
        if texts and (wanted.type == "choice" or len(texts) <= most):
            found[name] = texts
    return found


def _is_foreign(text: str, wanted: Expected) -> bool:
    """Whether a text of the file says nothing as it stands."""
    if wanted.type == "choice":
        return text not in {*wanted.choices, *wanted.choices.values()}
    return wanted.names_one is not None and not wanted.names_one(text)


def map_text(
    choices: Choices, what: str, kind: str, expected: Mapping[str, Expected], *, sheet: str = ""
) -> str:
    """The map file that says the same, for the command line too. Raises Invalid by field."""
    _refuse_wrong(choices, expected)
    columns: dict[str, Any] = {}
    for name, wanted in expected.items():
        places = choices.positions(name)
        if not places:
            continue
        named = [_named(choices.titles, at) for at in places]
        if len(named) == 1:
            columns[name] = {"column": named[0]}
        else:
            columns[name] = {"join": named, "with": choices.between}
        if wanted.fronts and choices.front:
            columns[name]["front"] = choices.front + choices.between
        if values := choices.values.get(name):
            columns[name]["values"] = dict(values)
    for name, text in choices.constants.items():
        if name not in columns:
            columns[name] = {"constant": text}
    said: dict[str, Any] = {"import": what, "header": choices.header, "columns": columns}
    if kind:
        said["kind"] = kind
    if sheet:
        said["sheet"] = sheet
    # JSON is YAML; a text in quotes stays a text, a bare number is a position.
    return json.dumps(said, ensure_ascii=False, indent=2)


def _named(titles: Sequence[str], at: int) -> str | int:
    """A column by its title, or by its position where the title does not tell it apart."""
    title = titles[at - 1] if at <= len(titles) else ""
    same = [each for each in titles if normal(each) == normal(title)]
    return title if title and len(same) == 1 else at


def fronts(expected: Mapping[str, Expected]) -> list[str]:
    """The names one of which may be put before the numbers of a file."""
    return sorted({text for wanted in expected.values() for text in wanted.fronts})


def _refuse_wrong(choices: Choices, expected: Mapping[str, Expected]) -> None:
    errors: dict[str, list[str]] = {}
    for at, name in choices.columns.items():
        if name not in expected:
            errors[f"column-{at}"] = [_("请从列出的内容中选择。")]
    for name, wanted in expected.items():
        places = choices.positions(name)
        if len(places) > 1 and not wanted.joins:
            shown = listed(choices.titles[at - 1] or at for at in places)
            message = _("“%(name)s”只能来自一列，现在选了：%(columns)s。")
            errors[f"column-{places[-1]}"] = [message % {"name": wanted.title, "columns": shown}]
        if wanted.required and not places and not choices.constants.get(name):
            message = _("没有一列是“%(name)s”，它是必需的。") % {"name": wanted.title}
            errors.setdefault("", []).append(message)
    errors |= _wrong_elsewhere(choices, expected)
    if errors:
        raise Invalid(errors)


def _wrong_elsewhere(choices: Choices, expected: Mapping[str, Expected]) -> dict[str, list[str]]:
    """The same of what another column tells, and of what stands for all rows."""
    errors: dict[str, list[str]] = {}
    if choices.front and choices.front not in fronts(expected):
        errors["front"] = [_("请从列出的内容中选择。")]
    for name, at in choices.beside.items():
        wanted = expected.get(name)
        if wanted is None or not wanted.one_of or not 0 < at <= len(choices.titles):
            errors[f"beside-{name}"] = [_("请从列出的内容中选择。")]
    for name, text in choices.constants.items():
        wanted = expected.get(name)
        known = wanted and ({*wanted.choices} | {*wanted.one_of})
        if wanted is None or not wanted.constant or (known and text not in known):
            errors[f"constant-{name}"] = [_("请从列出的内容中选择。")]
    return errors
