"""Reads a pack: ``policy.yaml`` and ``clauses.yaml`` of a folder, or the same texts by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from huiyin.policy import declared, duties, limits, rules, schema
from huiyin.policy.clauses import ClausesFile
from huiyin.policy.errors import PackError, PackErrors
from huiyin.policy.lint import lint
from huiyin.policy.pack import CLAUSES_FILE, FILES, POLICY_FILE, Pack
from huiyin.policy.wording import explain_problem
from huiyin.policy.yaml_text import Positions, read_yaml


def load_pack(folder: Path) -> Pack:
    """Read and check the pack in ``folder``. Raises PackErrors with every place that is wrong."""
    sources: dict[str, str] = {}
    for path in (folder / name for name in FILES if (folder / name).is_file()):
        try:
            sources[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problem = {"value": str(error.reason)}
            raise PackErrors([explain_problem("not_text", str(path), 1, 1, problem)]) from error
    # A file that is missing is reported there, beside the mistakes of the other.
    return parse_pack(sources, folder=folder)


def parse_pack(sources: Mapping[str, str], *, folder: Path | None = None) -> Pack:
    """Read and check a pack from its texts. Raises PackErrors."""
    pack = read_pack(sources, folder=folder)
    errors = [finding for finding in lint(pack) if finding.level == "error"]
    if errors:
        raise PackErrors(errors)
    return pack


def read_pack(sources: Mapping[str, str], *, folder: Path | None = None) -> Pack:
    """Read a pack's form without judging its sense. Raises PackErrors."""
    errors: list[PackError] = []
    policy, policy_positions = _read(schema.Policy.of, sources, POLICY_FILE, folder, errors)
    clauses, clause_positions = _read(
        ClausesFile.model_validate, sources, CLAUSES_FILE, folder, errors
    )
    if errors or policy is None or clauses is None:
        raise PackErrors(errors)
    return Pack(
        id=policy.policy,
        folder=folder,
        policy=policy,
        clauses=MappingProxyType(clauses.by_id()),
        sections=MappingProxyType(dict(clauses.sections)),
        sources=MappingProxyType({name: sources[name] for name in FILES}),
        positions=MappingProxyType({POLICY_FILE: policy_positions, CLAUSES_FILE: clause_positions}),
    )


def _read(
    build: Any,
    sources: Mapping[str, str],
    name: str,
    folder: Path | None,
    errors: list[PackError],
) -> tuple[Any, Positions]:
    shown = str(folder / name) if folder else name
    positions = Positions(file=shown)
    if name not in sources:
        errors.append(explain_problem("missing_file", shown, 1, 1, {"value": name}))
        return None, positions
    try:
        data, positions = read_yaml(sources[name], shown)
        if not isinstance(data, Mapping):
            raise PackErrors([positions.error("no_mapping", ())])
        return build(data), positions
    except PackErrors as found:
        errors.extend(found.errors)
    except ValidationError as found:
        errors.extend(_explain(found, positions))
    return None, positions


def _explain(found: ValidationError, positions: Positions) -> list[PackError]:
    """Every wrong place once; of several readings of one place ours explains it best."""
    by_place: dict[tuple[int, int], PackError] = {}
    for problem in found.errors(include_url=False):
        error = _explain_one(problem, positions)
        place = (error.line, error.column)
        is_better = (
            problem["type"] != "model_type" and by_place.get(place, error).code == "wrong_form"
        )
        if place not in by_place or is_better:
            by_place[place] = error
    return list(by_place.values())


_OWN_CODES = {
    "not_a_length", "not_a_percentage", "not_a_cadence", "not_a_moment", "share_over_100",
    "bad_condition", "two_clocks", "no_clock", "no_owner", "two_owners", "no_proof", "empty_guard",
    "one_opener", "not_with_opener", "since_needs_length", "score_each", "two_limits",
    "list_needs_population",
}  # fmt: skip


def _explain_one(problem: Any, positions: Positions) -> PackError:
    loc: tuple[str | int, ...] = problem["loc"]
    kind = problem["type"]
    if kind == "extra_forbidden":
        return _unknown_key(loc, positions)
    if kind == "missing":
        return positions.error("missing_key", loc[:-1], of_key=True, value=loc[-1])
    if kind in _OWN_CODES:
        context = {"value": "", "opener": "", **problem.get("ctx", {})}
        return positions.error(kind, loc, **context)
    example = _EXAMPLES.get(kind) or _EXAMPLES.get(str(loc[-1]) if loc else "", _NO_EXAMPLE)
    given = problem["input"]
    return positions.error(
        "wrong_form",
        loc,
        value=given if isinstance(given, (str, int, float, bool)) else loc[-1] if loc else "",
        reason_zh=_REASONS.get(kind, "{msg}").format(msg=problem["msg"], **problem.get("ctx", {})),
        reason_en=problem["msg"],
        example_zh=example[0],
        example_en=example[1],
    )


# What the reader of types says, in Chinese; each of our own kinds has its example.
_REASONS: Mapping[str, str] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "这里要写整数"),
    "int_parsing_size": "数太大",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_type": "这里要写文字",
    "string_pattern_mismatch": "有不能用的字符",
    **dict.fromkeys(("bool_type", "bool_parsing"), "这里要写是或否"),
    "literal_error": "只能是 {expected} 之一",
    **dict.fromkeys(("tuple_type", "list_type"), "这里要写一个列表"),
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "mapping_type", "dict_type"), "这里要写几行“键: 值”"
    ),
    **dict.fromkeys(
        (
            "one_type",
            "one_length",
            "or_reason_needs_signature",
            "limit_needs_date",
            "min_over_max",
            "held_by_needs_person",
        ),
        "几处不相配",
    ),
}
_NO_EXAMPLE = ("请参照语言说明", "see the reference of the language")
_EXAMPLES = {
    "one_type": (
        "写 `choice: {a: 甲}`、`choice_ordered: …` 或 `type: text` 三者之一",
        "write one of `choice: {a: A}`, `choice_ordered: …` or `type: text`",
    ),
    "one_length": (
        "写 `within: 3d`、`{setting: x}`、`{same_as: duty}` 或 `{pick: field, …}` 之一",
        "write one of `within: 3d`, `{setting: x}`, `{same_as: duty}`, `{pick: field, …}`",
    ),
    "or_reason_needs_signature": (
        "`or_reason` 只用于 `type: signature`", "`or_reason` goes with `type: signature` only"
    ),
    "limit_needs_date": (
        "`earliest` 和 `latest` 只用于 `type: date`",
        "`earliest` and `latest` go with `type: date` only",
    ),
    "held_by_needs_person": (
        "`held_by` 只用于 `type: person`", "`held_by` goes with `type: person` only"
    ),
    "min_over_max": ("`min` 不能大于 `max`", "`min` cannot be more than `max`"),
    "greater_than_equal": ("请写在限度之内的整数", "write a whole number within the limits"),
    "less_than_equal": ("请写在限度之内的整数", "write a whole number within the limits"),
    "title": ("例如写 `title: 维修回访`", "write for example `title: Repair visit`"),
    "bool_parsing": ("写 `true` 或 `false`", "write `true` or `false`"),
    "int_parsing": ("写整数，例如 `1`", "write a whole number, for example `1`"),
    "literal_error": ("请用列出的词之一", "use one of the words named"),
    "string_pattern_mismatch": (
        "编号只用小写字母、数字和下划线，例如 `repair_visit`",
        "ids are lower-case letters, digits and underscores, for example `repair_visit`",
    ),
}  # fmt: skip

_PLACES: Sequence[tuple[tuple[str, ...], type[BaseModel], tuple[str, ...]]] = (
    ((), schema.Policy, schema.LATER_POLICY),
    (("document",), schema.Document, ()),
    (("customers",), schema.Customers, ()),
    (("customers", "fields", "*"), declared.FormField, ()),
    (("roles", "*"), declared.Role, ()),
    (("parties", "*"), schema.Party, ()),
    (("settings", "*"), declared.Setting, ()),
    (("subjects", "*"), declared.Subject, ()),
    (("subjects", "*", "fields", "*"), declared.FormField, ()),
    (("forms", "*"), declared.Form, schema.LATER_FIELD),
    (("forms", "*", "fields", "*"), declared.FormField, schema.LATER_FIELD),
    (("forms", "*", "fields", "*", "prefill"), declared.Prefill, ()),
    (("forms", "*", "fields", "*", "latest"), declared.Latest, ()),
    (("tables", "*"), rules.Table, ()),
    (("tables", "*", "rows", "*"), rules.Row, ()),
    (("duties", "*"), duties.Duty, schema.LATER_DUTY),
    (("duties", "*", "within"), limits.Within, ()),
    (("duties", "*", "owed_by"), duties.OwedBy, ()),
    (("duties", "*", "quota"), duties.Quota, ()),
    (("duties", "*", "draw"), duties.Draw, ()),
    (("duties", "*", "extend"), limits.Extend, ()),
    (("duties", "*", "proof"), duties.Proof, schema.LATER_PROOF),
    (("duties", "*", "late", "*"), limits.Late, ()),
    (("guards", "*"), rules.Guard, ("unless", "after")),
    (("scores", "*"), rules.Score, ()),
    (("indicators", "*"), rules.Indicator, ()),
)
_HIDDEN = {"key", "lengths", "roles"}


def _unknown_key(loc: Sequence[str | int], positions: Positions) -> PackError:
    word = str(loc[-1])
    allowed, later = _words_at(loc[:-1])
    if word in later:
        return positions.error("not_in_this_version", loc, of_key=True, value=word)
    nearest = difflib.get_close_matches(word, allowed, n=1)
    return positions.error(
        "unknown_key",
        loc,
        of_key=True,
        value=word,
        allowed=", ".join(allowed) or "-",
        nearest=nearest[0] if nearest else "",
    )


def _words_at(loc: Iterable[str | int]) -> tuple[list[str], tuple[str, ...]]:
    place = tuple(loc)
    for pattern, model, later in _PLACES:
        if len(pattern) == len(place) and all(
            wanted in ("*", step) for wanted, step in zip(pattern, place, strict=True)
        ):
            hidden = _HIDDEN if pattern else set()
            fields = model.model_fields.items()
            return [f.alias or name for name, f in fields if name not in hidden], later
    return [], ()


__all__ = ["Pack", "load_pack", "parse_pack", "read_pack"]
