"""Feature files as plain values: the official Gherkin parser in, scenarios with their steps out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _
from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from huiyin.scenarios.errors import FeatureError, Misused

Kind = Literal["given", "when", "then"]
KINDS: Mapping[str, Kind] = {"Context": "given", "Action": "when", "Outcome": "then"}
KEYWORDS: Mapping[Kind, str] = {"given": "假如", "when": "当", "then": "那么"}


@dataclass(frozen=True, slots=True)
class Table:
    """The table below a step."""

    rows: tuple[tuple[str, ...], ...]

    def pairs(self) -> list[tuple[str, str]]:
        """Rows of two columns: a title and its value."""
        if any(len(row) != 2 for row in self.rows):
            raise Misused(_("此处的表格每行应为两列：名称 | 值"))
        return [(row[0], row[1]) for row in self.rows]

    def records(self) -> list[dict[str, str]]:
        """A heading and the rows below it."""
        heading, *rows = self.rows
        return [dict(zip(heading, row, strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    text: str
    table: Table | None
    line: int

    def __str__(self) -> str:
        return KEYWORDS[self.kind] + self.text


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, or one row of an outline, with its background steps in front."""

    name: str
    tags: frozenset[str]
    steps: tuple[Step, ...]
    path: Path
    line: int

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def read(paths: Sequence[Path]) -> list[Scenario]:
    """All scenarios of these files, in their order. Raises FeatureError."""
    return [one for path in paths for one in parse(path.read_text("utf-8"), path)]


def of_pack(folder: Path) -> list[Scenario]:
    """All scenarios that lie beside a pack's rules."""
    return read(sorted((folder / "scenarios").glob("*.feature")))


def parse(text: str, path: Path) -> list[Scenario]:
    """The scenarios of one feature file; outlines are expanded. Raises FeatureError."""
    try:
        document: Any = Parser().parse(text)
    except CompositeParserException as error:
        raise FeatureError(path, [_place(one) for one in error.errors]) from None
    except ParserError as error:
        raise FeatureError(path, [_place(error)]) from None
    document["uri"] = str(path)
    lines = dict(_lines(document))
    return [_scenario(pickle, lines, path) for pickle in Compiler().compile(document)]


def _place(error: Any) -> tuple[int, int, str]:
    where = error.location
    text = str(error).partition("): ")[2] or str(error)
    return where["line"], where.get("column", 1), text


def _lines(node: Any) -> Iterator[tuple[str, int]]:
    """Line numbers by the parser's ids; a pickle only carries the ids."""
    if isinstance(node, dict):
        if "id" in node and "location" in node:
            yield node["id"], node["location"]["line"]
        for child in node.values():
            yield from _lines(child)
    elif isinstance(node, list):
        for child in node:
            yield from _lines(child)


def _scenario(pickle: Any, lines: Mapping[str, int], path: Path) -> Scenario:
    return Scenario(
        name=pickle["name"],
        tags=frozenset(tag["name"].removeprefix("@") for tag in pickle["tags"]),
        steps=tuple(_step(step, lines) for step in pickle["steps"]),
        path=path,
        line=lines[pickle["astNodeIds"][-1]],
    )


def _step(step: Any, lines: Mapping[str, int]) -> Step:
    cells = step.get("argument", {}).get("dataTable", {}).get("rows")
    table = None
    if cells is not None:
        table = Table(tuple(tuple(cell["value"] for cell in row["cells"]) for row in cells))
    return Step(KINDS.get(step["type"], "given"), step["text"], table, lines[step["astNodeIds"][0]])
