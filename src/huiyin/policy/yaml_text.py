"""Reads the YAML of a pack with the position of every key and value.

Only what a pack needs is let in: mappings, lists and scalars. Anchors, aliases, custom tags,
duplicate keys, deep nesting and huge files are refused before anything is built from them.
Ids, lengths and times stay text; plain whole numbers, ``true``, ``false`` and ``null`` do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from huiyin.policy.errors import PackError, PackErrors
from huiyin.policy.wording import explain_problem

MAX_CHARACTERS = 512 * 1024
MAX_DEPTH = 24
MAX_NODES = 20_000  # keys and values; the largest pack has an eighth

Path = tuple[str | int, ...]
Place = tuple[int, int]
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None}


@dataclass(frozen=True, slots=True)
class Positions:
    """Where everything stands in one file; lines and columns count from 1."""

    file: str
    keys: Mapping[Path, Place] = field(default_factory=dict)
    values: Mapping[Path, Place] = field(default_factory=dict)

    def place(self, path: Sequence[str | int], *, of_key: bool = False) -> Place:
        """The place of the deepest part of ``path`` that the file really has."""
        here: Path = ()
        for step in path:
            if (*here, step) in self.values:
                here = (*here, step)
        if of_key and here in self.keys:
            return self.keys[here]
        return self.values.get(here, (1, 1))

    def error(
        self, code: str, path: Sequence[str | int], *, of_key: bool = False, **values: object
    ) -> PackError:
        """A finding at ``path``; the words come from the table of problems."""
        line, column = self.place(path, of_key=of_key)
        return explain_problem(code, self.file, line, column, values)


def read_yaml(text: str, file: str) -> tuple[Any, Positions]:
    """The data of one YAML text and where it stands. Raises PackErrors with the place."""
    if len(text) > MAX_CHARACTERS:
        problem = {"size": len(text), "limit": MAX_CHARACTERS}
        raise PackErrors([explain_problem("file_too_large", file, 1, 1, problem)])
    reader = _Reader(file)
    try:
        return reader.document(yaml.parse(text, Loader=yaml.CSafeLoader)), reader.positions
    except (ReaderError, UnicodeEncodeError) as error:
        raise PackErrors(
            [explain_problem("not_text", file, 1, 1, {"value": error.reason})]
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = getattr(error, "problem", None) or str(error)
        raise PackErrors(
            [explain_problem("not_yaml", file, line, column, {"value": reason})]
        ) from error


class _Reader:
    def __init__(self, file: str) -> None:
        self._keys: dict[Path, Place] = {}
        self._values: dict[Path, Place] = {}
        self._file = file
        self._nodes = 0
        self.positions = Positions(file=file, keys=self._keys, values=self._values)

    def document(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse("many_documents", event)
                following = next(events)
                if not isinstance(following, DocumentEndEvent):
                    data = self._node(following, events, ())
        return data

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        self._check(event, path)
        self._values[path] = _place(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        return _scalar(event)

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            self._check(event, path)
            if not isinstance(event, ScalarEvent):
                raise self._refuse("key_not_text", event)
            key = event.value
            if key in found:
                raise self._refuse("duplicate_key", event, value=key)
            place = _place(event)
            found[key] = self._node(next(events), events, (*path, key))
            self._keys[(*path, key)] = place
        return found

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            found.append(self._node(event, events, (*path, len(found))))
        return found

    def _check(self, event: Any, path: Path) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self._refuse("anchor", event, value=event.anchor)
        if getattr(event, "tag", None):
            raise self._refuse("custom_tag", event, value=str(event.tag))
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._refuse("too_many_nodes", event, limit=MAX_NODES)
        if len(path) > MAX_DEPTH:
            raise self._refuse("too_deep", event, limit=MAX_DEPTH)

    def _refuse(self, code: str, event: Any, **values: object) -> PackErrors:
        return PackErrors([explain_problem(code, self._file, *_place(event), values)])


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(event: ScalarEvent) -> str | int | bool | None:
    text: str = event.value
    if event.style in ("'", '"', "|", ">"):
        return text
    if text == "":
        return None
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.fullmatch(text) else text
