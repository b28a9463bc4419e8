"""Map files: which column of a firm's table means what. YAML, typed, mistakes named with a place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from huiyin.core.punctuation import listed
from huiyin.imports.errors import MapProblem, MapRefused
from huiyin.imports.yaml_text import MAX_DEPTH, MAX_NODES, Document, YamlTrouble, read_yaml
from huiyin.imports.yaml_text import Path as PathInMap

EXCEL = "excel"
"""In `dates`: a bare number is a spreadsheet's day number."""


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _known_zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("Asia/Shanghai") from error
    return value


def _date_format(value: object) -> object:
    if value == EXCEL:
        return value
    sample = datetime(2026, 11, 23, 14, 30, 5, tzinfo=UTC)
    try:
        text = sample.strftime(str(value))
        datetime.strptime(text, str(value)).replace(tzinfo=UTC)
    except (ValueError, TypeError) as error:
        raise ValueError("%Y-%m-%d %H:%M:%S") from error
    if text == value:
        raise ValueError("%Y-%m-%d %H:%M:%S")
    return value


Columns = Annotated[list[str | int], BeforeValidator(_as_list), Field(min_length=1)]
Zone = Annotated[str, BeforeValidator(_known_zone)]
DateFormat = Annotated[str, BeforeValidator(_date_format)]


class Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=False
    )


class Source(Strict):
    """Where one value comes from: a column (name, other names, or position from 1) or a constant.

    Or several columns: ``join`` puts them one after the other, ``with`` a sign between.
    ``values`` translates what stands in the file; ``else`` is for everything it does not name,
    ``default`` for an empty cell, ``front`` is put before whatever stands there. What no rule translates stays as it stands and is checked.
    """

    column: Columns | None = None
    join: Annotated[list[str | int], Field(min_length=1)] | None = None
    between: str = Field(default="-", alias="with", max_length=10)
    constant: str | None = None
    values: dict[str, str] = {}
    otherwise: str | None = Field(default=None, alias="else")
    default: str | None = None
    front: str = Field(default="", max_length=100)
    required: bool | None = None
    dates: list[DateFormat] = []

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if sum(given is not None for given in (self.column, self.join, self.constant)) != 1:
            raise ValueError("column | join | constant")
        return self

    @property
    def titles(self) -> list[str | int]:
        """Every column that is named, by whichever way."""
        return [*(self.column or ()), *(self.join or ())]


class Condition(Strict):
    """A row is refused when this holds: one value before or after another, or one of some texts."""

    value: str
    before: str | None = None
    after: str | None = None
    one_of: list[str] = []
    because: str = ""

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(map(bool, (self.before, self.after, self.one_of))) != 1:
            raise ValueError("before | after | one_of")
        return self


class ImportMap(Strict):
    """The whole map. ``kind`` is the kind of thing within what is imported, for example `repair`.

    ``header``: false where there is none, or the number of the row where it stands.
    """

    what: str = Field(alias="import")
    kind: str = ""
    header: bool | Annotated[int, Field(ge=1)] = True
    sheet: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    time_zone: Zone | None = None
    dates: list[DateFormat] = []
    ambiguous: Literal["refuse", "earlier", "later"] = "refuse"
    columns: Annotated[dict[str, Source], Field(min_length=1)]
    refuse: list[Condition] = []


@dataclass(frozen=True, slots=True)
class MapFile:
    """A map as read from a file, with the places of its parts and the digest of its text."""

    name: str
    map: ImportMap
    document: Document
    digest: str

    def problem(self, path: PathInMap, message: str, remedy: str = "") -> MapProblem:
        line, column = self.document.place(path)
        return MapProblem(self.name, line, column, message, remedy)


def load_map(path: Path) -> MapFile:
    """Read a map file. Raises MapRefused with every mistake at its place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("映射文件不是 UTF-8 文本。")
        remedy = _("请把它另存为 UTF-8。")
        raise MapRefused([MapProblem(path.name, 1, 1, message, remedy)]) from error
    return parse_map(text, name=path.name)


def parse_map(text: str, *, name: str) -> MapFile:
    """The same from a text. Raises MapRefused."""
    try:
        document = read_yaml(text)
        found = ImportMap.model_validate(document.content)
    except YamlTrouble as trouble:
        message = _("不是可读的 YAML：%(problem)s") % {"problem": trouble.problem}
        remedy = _("每个键只写一次，不用锚点和别名，最多 %(depth)d 层、%(nodes)d 个键和值。") % {
            "depth": MAX_DEPTH,
            "nodes": MAX_NODES,
        }
        problem = MapProblem(name, trouble.line, trouble.column, message, remedy)
        raise MapRefused([problem]) from trouble
    except ValidationError as error:
        raise MapRefused(list(_problems(name, document, error))) from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    loaded = MapFile(name, found, document, digest)
    problems = list(_unknown_names(loaded)) + list(_names_without_header(loaded))
    if problems:
        raise MapRefused(problems)
    return loaded


def _problems(name: str, document: Document, error: ValidationError) -> Iterator[MapProblem]:
    for found in error.errors():
        path = tuple(found["loc"])
        unknown = found["type"] == "extra_forbidden"
        line, column = document.key_place(path) if unknown else document.place(path)
        yield MapProblem(name, line, column, *_explained(found, path))


def _explained(found: Any, path: PathInMap) -> tuple[str, str]:
    where = ".".join(str(part) for part in path) or _("整个文件")
    match found["type"]:
        case "extra_forbidden":
            near = get_close_matches(str(path[-1]), _keys(), n=1)
            hint = _("是不是 `%(near)s`？") % {"near": near[0]} if near else ""
            return _("`%(where)s` 不是认识的键。") % {"where": where}, hint
        case "missing":
            return _("缺少 `%(where)s`。") % {"where": where}, ""
        case "value_error":
            right = str(found["ctx"]["error"])
            return (
                _("`%(where)s` 的值 %(value)r 不对。") % {"where": where, "value": found["input"]},
                _("请写例如 `%(right)s`。") % {"right": right},
            )
    shown = found["input"] if isinstance(found["input"], str | int) else "…"
    message = _("`%(where)s` 的值 `%(value)s` 不对。") % {"where": where, "value": shown}
    return message, _("请照 docs/import.md 里这个键的说明改写。")


def _keys() -> list[str]:
    models = (ImportMap, Source, Condition)
    return [field.alias or key for model in models for key, field in model.model_fields.items()]


def _unknown_names(loaded: MapFile) -> Iterator[MapProblem]:
    for index, condition in enumerate(loaded.map.refuse):
        for key in ("value", "before", "after"):
            named = getattr(condition, key)
            if named is not None and named not in loaded.map.columns:
                yield loaded.problem(
                    ("refuse", index, key),
                    _("`%(name)s` 不在 columns 里。") % {"name": named},
                    _("可用：%(names)s。") % {"names": listed(loaded.map.columns)},
                )


def _names_without_header(loaded: MapFile) -> Iterator[MapProblem]:
    if loaded.map.header:
        return
    for name, source in loaded.map.columns.items():
        for column in source.titles:
            if isinstance(column, str):
                yield loaded.problem(
                    ("columns", name, "join" if source.join else "column"),
                    _("没有表头的文件里，列 `%(column)s` 不能用名字。") % {"column": column},
                    _("请写列号，例如 `column: 5`。"),
                )
