"""YAML as plain text with places: every scalar stays as written, every path knows its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

MAX_CHARACTERS = 256 * 1024
MAX_DEPTH = 8
MAX_NODES = 10_000  # keys and values: a map that translates five thousand texts
POSITION = re.compile(r"[1-9][0-9]{0,2}")

Path = tuple[str | int, ...]
Place = tuple[int, int]


class YamlTrouble(Exception):
    """The text is not the YAML that is read here; lines and columns count from 1."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(problem)
        self.line, self.column, self.problem = line, column, problem


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a YAML text, and where each key or value of it stands."""

    content: object
    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """The place of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def key_place(self, path: Path) -> Place:
        """The place of the key at `path`."""
        return self.keys.get(path) or self.place(path)


def read_yaml(text: str) -> Document:
    """Read one mapping. Aliases are refused: a map needs none, and a bomb is made of them."""
    if len(text) > MAX_CHARACTERS:
        raise YamlTrouble(1, 1, "> 256 KB")
    try:
        _look_over(text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlTrouble(line, 1, f"U+{ord(text[error.start]):04X}") from error
    except ReaderError as error:
        before = text.encode()[: error.position].decode()  # the position counts bytes
        line = before.count("\n") + 1
        raise YamlTrouble(line, 1, f"U+{ord(text[len(before)]):04X}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlTrouble(line, column, str(error.problem or error.context)) from error
    keys: dict[Path, Place] = {}
    values: dict[Path, Place] = {}
    content = _content(node, (), keys, values) if node else None
    return Document(content, keys, values)


def _look_over(text: str) -> None:
    """Refuse what costs too much to build, event by event. Raises YamlTrouble."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        nodes += isinstance(event, NodeEvent)
        if isinstance(event, AliasEvent):
            raise YamlTrouble(*_at(event), f"*{event.anchor}")
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            found = f"{depth} > {MAX_DEPTH}" if depth > MAX_DEPTH else f"{nodes} > {MAX_NODES}"
            raise YamlTrouble(*_at(event), found)


def _at(thing: Node | Event) -> Place:
    return thing.start_mark.line + 1, thing.start_mark.column + 1


Places = dict[Path, Place]


def _content(node: Node, path: Path, keys: Places, values: Places) -> object:
    values[path] = _at(node)
    if isinstance(node, MappingNode):
        return _mapping(node, path, keys, values)
    if isinstance(node, SequenceNode):
        return [
            _content(item, (*path, index), keys, values) for index, item in enumerate(node.value)
        ]
    return _scalar(node)


def _mapping(node: MappingNode, path: Path, keys: Places, values: Places) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or key.value in found:
            raise YamlTrouble(*_at(key), str(key.value))
        inner = (*path, key.value)
        keys[inner] = _at(key)
        found[key.value] = _content(value, inner, keys, values)
    return found


def _scalar(node: ScalarNode) -> str | int | None:
    # A bare number may be the position of a column; a quoted one is always text.
    if not node.style and POSITION.fullmatch(node.value):
        return int(node.value)
    if not node.style and node.value in ("", "~", "null"):
        return None
    return node.value
