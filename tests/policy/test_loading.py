"""A pack that cannot be read says where, what is wrong, and what to write instead."""

import re
from pathlib import Path
from typing import Any

import pytest

from huiyin.policy.errors import PackErrors
from huiyin.policy.loading import load_pack, parse_pack
from huiyin.policy.schema import Policy
from huiyin.policy.yaml_text import MAX_CHARACTERS, read_yaml
from tests.policy.small_pack import CLAUSES, POLICY, broken, errors_of, parse, place_of
from tests.policy.wide_pack import wide
from tests.policy.worlds import pack


def test_a_good_pack_is_read() -> None:
    pack = parse()

    assert (pack.id, list(pack.clauses)) == ("small", ["1.a", "1.b", "1.c", "1.d"])
    assert pack.clauses["1.d"].declarative
    assert pack.clauses["1.a"].section == "1"
    assert pack.policy.duties["check"].clauses_at("within.big") == ("1.b",)
    assert POLICY in pack.source and CLAUSES in pack.source


@pytest.mark.parametrize(
    ("before", "after", "code", "at"),
    [
        ("within: 24h", "within: 7 dais", "not_a_length", "7 dais"),
        ("else: 7d", "else: 7dd", "not_a_length", "7dd"),
        ("clerk: 30%", "clerk: 130%", "share_over_100", "130%"),
        ("clerk: 30%", "clerk: a third", "not_a_percentage", "a third"),
        ("    owed_by: head", "    owned_by: head", "unknown_key", "owned_by: head"),
        ("  pay_last:\n", "  pay_last:\n    unles: x\n", "unknown_key", "unles"),
        ("    on: check.missed", "    every: month\n    on: check.missed", "one_opener", "every: month"),
        ("    on: check.missed", "    every: monthly", "not_a_cadence", "monthly"),
        ("    on: check.missed", "    attempts: 3\n    on: check.missed", "not_in_this_version", "attempts"),
        ("guards:", "scope: {}\nguards:", "not_in_this_version", "scope"),
        ("    on: job.done", "    since: job.done\n    on: job.done", "not_with_opener", "since"),
        ("    on: job.done", "    on: job.done\n    quota: 18", "wrong_form", "18"),
        ("    on: job.done", "    times: 2\n    on: job.done", "not_with_opener", "times"),
        ("proof: {record: report}", "proof: {record: report, told: x}", "not_in_this_version", "told"),
        ("  clerk: 文员", "  clerk: 文员\n  clerk: 职员", "duplicate_key", "clerk: 职员"),
        ("policy: small", "policy: &a small", "anchor", "&a small"),
        ("policy: small", "policy: *a", "anchor", "*a"),
        ("policy: small", "policy: !!python/name:os.system small", "custom_tag", "!!python"),
        ("where: {job.size: big}", "where: {job.size: {like: b}}", "bad_condition", "{job.size: {like"),
        ("where: {job.size: big}", "where: big", "bad_condition", "big\n    require"),
        ("    title: 报告\n", "", "missing_key", "report:\n    about"),
        ("type: signature", "type: sign", "wrong_form", "sign,"),
        ("type: signature", "type: signature, earliest: filed", "wrong_form", "{title: 签名"),
        ("note: {title: 备注, type: text}", "note: {title: 备注, type: text, held_by: head}", "wrong_form", "{title: 备注"),
        ("per: month", "per: week", "wrong_form", "week"),
        ("required: true, raises", "required: maybe, raises", "wrong_form", "maybe"),
        ("proof: {fact: job.paid}", "proof: {}", "no_proof", "{}"),
        ("    owed_by: head\n", "", "no_owner", "on: check.missed"),
        ("    within: 24h\n", "", "no_clock", "on: check.missed"),
        ("    within: 24h\n", "    within: 24h\n    at: job.note\n", "two_clocks", "on: check.missed"),
        ("require: [job.note, {met: check}]", "before: case.close", "duplicate_key", "before: case.close\n    clauses"),
        ("policy: small", "policy: [small", "not_yaml", ": 小制度"),
        ("policy: small", "policy: sm\x07all", "not_text", "policy"),
        ("acknowledge: [1.d]", "acknowledge: [1.d]\n---\nx: 1", "many_documents", "---"),
        ("acknowledge: [1.d]", "? {a: b}\n: c", "key_not_text", "{a: b}"),
        ("acknowledge: [1.d]", "acknowledge: " + "[" * 30 + "]" * 30, "too_deep", "[" * 6 + "]"),
    ],
)  # fmt: skip
def test_a_wrong_pack_says_where_and_what(before: str, after: str, code: str, at: str) -> None:
    policy = broken(before, after)

    errors = errors_of(policy)

    assert [error.code for error in errors] == [code]
    assert (errors[0].line, errors[0].column) == place_of(policy, at)
    assert str(errors[0]).startswith(f"policy.yaml:{errors[0].line}:{errors[0].column}  ")


def test_an_error_names_the_value_and_the_right_form_in_both_languages() -> None:
    error = errors_of(broken("within: 24h", "within: 7 dais"))[0]

    assert error.say("en") == (
        "policy.yaml:36:13  `7 dais` is not a length of time;"
        " write for example `24h`, `2d`, `15wd`, `1w`, `3mo` or `eod`, a hundred years at most"
    )
    assert "“7 dais”不是时限" in error.say("zh-hans")


def test_a_misspelt_word_is_answered_with_the_nearest_one() -> None:
    error = errors_of(broken("    owed_by: head", "    owned_by: head"))[0]

    assert "did you mean `owed_by`?" in str(error)


def test_all_errors_are_told_at_once_in_the_order_of_the_text() -> None:
    policy = broken("within: 24h", "within: 7 dais").replace("clerk: 30%", "clerk: x%")

    assert [error.code for error in errors_of(policy)] == ["not_a_percentage", "not_a_length"]


def test_wrong_clauses_are_told_with_their_own_file() -> None:
    errors = errors_of(clauses=CLAUSES.replace("zh: 甲, ", ""))

    assert [(e.file, e.code) for e in errors] == [("clauses.yaml", "missing_key")]
    assert (errors[0].line, errors[0].column) == place_of(CLAUSES, "1.a")


def test_a_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )

    with pytest.raises(PackErrors) as found:
        read_yaml(bomb, "bomb.yaml")

    assert [(e.code, e.line, e.column) for e in found.value.errors] == [("anchor", 1, 4)]


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(PackErrors) as found:
        read_yaml("x" * (MAX_CHARACTERS + 1), "huge.yaml")

    assert found.value.errors[0].code == "file_too_large"


def test_ids_lengths_and_times_stay_text() -> None:
    data, _ = read_yaml(
        "on: yes\n1.10: {a: 24:00, b: 0012, c: 1e5, d: 12, e: true, f: null, g: '7'}\n", "x.yaml"
    )

    assert data == {
        "on": "yes",
        "1.10": {"a": "24:00", "b": "0012", "c": "1e5", "d": 12, "e": True, "f": None, "g": "7"},
    }


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")

    with pytest.raises(PackErrors) as found:
        load_pack(tmp_path)

    assert found.value.errors[0].code == "missing_file"
    assert found.value.errors[0].file.endswith("clauses.yaml")


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_bytes(POLICY.encode("gb18030"))

    with pytest.raises(PackErrors) as found:
        load_pack(tmp_path)

    assert found.value.errors[0].code == "not_text"


def test_a_policy_written_out_reads_back_the_same() -> None:
    pack = parse()
    again = parse_pack({"policy.yaml": pack.policy.to_source(), "clauses.yaml": CLAUSES})

    assert again.policy == pack.policy


def fits(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether a value has the form that the schema describes; the part of JSON Schema we use."""
    if "$ref" in schema:
        return fits(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return any(fits(value, one, whole) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    types = {"object": dict, "array": list, "string": (str, int), "integer": int, "boolean": bool}
    kind = schema.get("type")
    if kind == "null":
        return value is None
    if kind and not isinstance(value, types[kind]):
        return False
    if kind == "string" and not re.search(schema.get("pattern", ""), str(value)):
        return False
    if kind == "array":
        return all(fits(item, schema.get("items", {}), whole) for item in value)
    return kind != "object" or fits_object(value, schema, whole)


def fits_object(value: dict[str, Any], schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    if set(schema.get("required", ())) - set(value):
        return False
    patterns = [*schema.get("patternProperties", {}).values()]
    others = patterns[0] if patterns else schema.get("additionalProperties", True)
    parts = ((schema.get("properties", {}).get(key, others), item) for key, item in value.items())
    return all(part is True or (part and fits(item, part, whole)) for part, item in parts)


def test_editors_get_a_schema_that_takes_our_packs_and_refuses_wrong_ones() -> None:
    schema = Policy.model_json_schema()

    assert fits(pack().policy.raw, schema, schema)
    assert fits(parse().policy.raw, schema, schema)
    assert fits(wide().policy.raw, schema, schema)
    for before, after in [
        ("within: 24h", "within: 7 dais"),
        ("owed_by: head", "owned_by: head"),
        ("clerk: 30%", "clerk: a third"),
        ("big: 2d", "big: 2x"),
        ("per: month", "per: week"),
        ("    title: 报告\n", ""),
        ("type: signature", "type: sign"),
    ]:
        wrong, _ = read_yaml(broken(before, after), "policy.yaml")
        assert not fits(wrong, schema, schema), after
