"""Where the leaves of each rule stand in its plain data, and of which kind each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Keys = tuple[str | int, ...]
Found = Iterator[tuple[Keys, str, Any]]
Walker = Callable[[Keys, Any], Found]
Raw = Mapping[str, Any]


def _parts(raw: Raw, walkers: Mapping[str, Walker], keys: Keys = ()) -> Found:
    """The leaves of a mapping, part by part; parts that are no leaves have no walker."""
    for key, walker in walkers.items():
        if key in raw:
            yield from walker((*keys, key), raw[key])


def _plain(kind: str) -> Walker:
    """A part that is one leaf."""

    def walk_plain(keys: Keys, raw: Any) -> Found:
        yield keys, kind, raw

    return walk_plain


def _value(kind: str) -> Walker:
    """A value, or the setting in which it stands."""

    def walk_value(keys: Keys, raw: Any) -> Found:
        if isinstance(raw, Mapping):
            yield (*keys, "setting"), f"{kind}_setting", raw["setting"]
        else:
            yield keys, kind, raw

    return walk_value


def _several(kind: str) -> Walker:
    """One leaf, or a list of them."""

    def walk_several(keys: Keys, raw: Any) -> Found:
        if isinstance(raw, list):
            for number, each in enumerate(raw):
                yield (*keys, number), kind, each
        else:
            yield keys, kind, raw

    return walk_several


def _each_key(kind: str) -> Walker:
    def walk_keys(keys: Keys, raw: Any) -> Found:
        for key, value in raw.items():
            yield (*keys, key), kind, value

    return walk_keys


def _on(keys: Keys, raw: Any) -> Found:
    if isinstance(raw, Mapping):
        for mode, facts in raw.items():
            yield (*keys, mode), "opener_mode", mode
            yield from _several("opener_of_several")((*keys, mode), facts)
    elif isinstance(raw, list):
        yield from _several("opener_of_several")(keys, raw)
    else:
        yield keys, "opener", raw


def _start(keys: Keys, raw: Any) -> Found:
    if isinstance(raw, Mapping):
        parts = {"fact": _plain("start_fact"), "time": _plain("clock_start")}
        yield from _parts(raw, parts, keys)
    else:
        yield keys, "clock_start", raw


def _within(keys: Keys, raw: Any) -> Found:
    if not isinstance(raw, Mapping):
        yield keys, "length", raw
        return
    kinds = {"pick": "pick", "setting": "setting_ref", "same_as": "same_as"}
    for key, value in raw.items():
        if key == "from":
            yield from _start((*keys, "from"), value)
        elif isinstance(value, Mapping):
            yield (*keys, key, "setting"), "setting_ref", value["setting"]
        else:
            yield (*keys, key), kinds.get(key, "length"), value


def _share(keys: Keys, raw: Raw) -> Found:
    kinds = {"per": "period", "each": "each", "not": "exclusion"}
    for key, value in raw.items():
        yield (*keys, key), kinds.get(key, "share"), value


def _owed_by(keys: Keys, raw: Any) -> Found:
    if not isinstance(raw, Mapping):
        yield keys, "person" if "." in raw else "role", raw
        return
    parts = {
        "any_of": _several("role_of_several"),
        "role": _plain("role"),
        "person": _plain("person"),
        "head_of": _plain("head_of"),
        "not": _plain("exclusion"),
    }
    yield from _parts(raw, parts, keys)


def _population(keys: Keys, raw: Any) -> Found:
    if not isinstance(raw, Mapping):
        yield keys, "population", raw
    elif "of" in raw:
        parts = {"of": _plain("population"), "where": _condition, "during": _plain("during")}
        yield from _parts(raw, parts, keys)
    else:
        [(kind, where)] = raw.items()
        yield (*keys, kind), "population", kind
        if isinstance(where, Mapping) and where:
            yield from _condition((*keys, kind), where)


def _condition(keys: Keys, raw: Any) -> Found:
    for key, value in raw.items():
        here = (*keys, key)
        if key in ("any", "all"):
            for number, item in enumerate(value):
                yield from _condition((*here, number), item)
        elif key == "not":
            yield from _condition(here, value)
        else:
            kind = _kind_of_test(key, value)
            yield here, kind, value
            if kind in ("items", "total") and "where" in value:
                yield from _condition((*here, "where"), value["where"])


def _kind_of_test(key: str, value: Any) -> str:
    if key in ("met", "seen", "never"):
        return "history"
    if key in ("none", "every", "some") and isinstance(value, Mapping):
        return "items"
    if isinstance(value, Mapping) and "of" in value:
        return "total" if key in ("sum", "count") else "span"
    return "test"


def _require(keys: Keys, raw: Any) -> Found:
    """What a guard demands: a field, something met or seen, or a condition."""
    for number, item in enumerate([raw] if isinstance(raw, Mapping) else raw):
        here = keys if isinstance(raw, Mapping) else (*keys, number)
        if isinstance(item, Mapping) and not (len(item) == 1 and {"met", "seen"} & set(item)):
            yield from _condition(here, item)
        else:
            yield here, "demand", item


def _acts(keys: Keys, raw: Any) -> Found:
    if isinstance(raw, list):
        yield from _several("act_of_several")(keys, raw)
    else:
        yield keys, "act", raw


def _rows(keys: Keys, raw: Any) -> Found:
    for number, row in enumerate(raw):
        yield from _parts(row, {"when": _condition, "give": _plain("given")}, (*keys, number))


def _late(keys: Keys, raw: Any) -> Found:
    for number, step in enumerate(raw):
        parts = {"after": _plain("late_after"), "tell": _several("recipient")}
        yield from _parts(step, parts, (*keys, number))


def _part_of_whole(keys: Keys, raw: Any) -> Found:
    """An indicator's part: a population of its own, or a condition on the whole's rows."""
    own = not isinstance(raw, Mapping) or "of" in raw
    yield from (_population if own else _condition)(keys, raw)


def _fields(keys: Keys, raw: Any) -> Found:
    for name, field in raw.items():
        if field.get("required") is True:
            yield (*keys, name, "required"), "required", True
        yield from _parts(field, _FIELD, (*keys, name))


def _all(walkers: Mapping[str, Walker]) -> Walker:
    """A mapping all of whose parts are leaves."""
    return lambda keys, raw: _parts(raw, walkers, keys)


_DUTY: Mapping[str, Walker] = {
    "on": _on,
    "where": _condition,
    "every": _value("cadence"),
    "once": _plain("once"),
    "since": _plain("since"),
    "until": _plain("until"),
    "before": _plain("before"),
    "lead": _value("lead"),
    "over": _population,
    "draw": _all({"share": _value("share"), "least": _plain("bound")}),
    "quota": _all(
        {
            "at_least": _value("bound"),
            "per": _value("cadence"),
            "of": _plain("counted_fact"),
            "where": _condition,
            "distinct": _plain("distinct"),
            "pool": _population,
            "when_pool_smaller": _plain("pool_rule"),
            "leave": _plain("leave_rule"),
        }
    ),
    "times": _plain("times"),
    "want": _plain("want"),
    "joined": _plain("joined"),
    "level": _plain("level"),
    "each": _plain("each_of"),
    "within": _within,
    "from": _start,
    "at": _plain("stated_deadline"),
    "by": _plain("by_moment"),
    "off": _plain("off"),
    "roll": _plain("roll"),
    "share": _share,
    "extend": _all(
        {
            "until": _plain("length"),
            "from": _plain("extend_from"),
            "consent": _plain("role"),
            "reason": _plain("wording"),
        }
    ),
    "owed_by": _owed_by,
    "channel": _several("channel"),
    "proof": _all(
        {
            "record": _plain("proving_form"),
            "fact": _plain("proving_fact"),
            "sent_to": _several("sent_to"),
            "signed_by": _each_key("signed_by"),
            "by": _plain("role_of_proof"),
            "other_than": _plain("exclusion"),
            "same": _several("same"),
            "where": _condition,
        }
    ),
    "late": _late,
    "tell": _several("recipient"),
}
_GUARD: Mapping[str, Walker] = {
    "before": _acts,
    "where": _condition,
    "require": _require,
    "deny": _condition,
}
_TABLE: Mapping[str, Walker] = {
    "on": _on,
    "rows": _rows,
    "all_rows": _plain("all_rows"),
    "ask": _plain("role"),
}
_SCORE: Mapping[str, Walker] = {
    "on": _plain("opener"),
    "every": _value("cadence"),
    "each": _plain("role"),
    "where": _condition,
    "account": _plain("wording"),
    "points": _value("points"),
    "to": _owed_by,
    "once_per": _several("once_per"),
    "unless": _several("unless"),
    "contest": _plain("contest"),
    "confirm": _plain("role_of_proof"),
}
_INDICATOR: Mapping[str, Walker] = {
    "per": _plain("period"),
    "whole": _population,
    "part": _part_of_whole,
    "at_least": _plain("rate"),
    "at_most": _plain("rate"),
    "less_than": _plain("rate"),
    "strength": _plain("wording"),
    "beside": _several("wording"),
}
_FIELD: Mapping[str, Walker] = {
    "required_if": _condition,
    "raises": _each_key("raises"),
    "prefill": _each_key("prefill"),
    "by": _several("writer"),
    "list_of": _population,
    "or_reason": _plain("or_reason"),
    "min": _plain("bound"),
    "max": _plain("bound"),
    "earliest": _plain("day_limit"),
    "latest": _plain("day_limit"),
}
_FORM: Mapping[str, Walker] = {"reviews": _plain("reviews"), "fields": _fields}


def _setting(raw: Raw) -> Found:
    if raw.get("default") is not None:
        yield ("default",), f"setting_{raw.get('type', 'length')}", raw["default"]


def _declared(raw: Any) -> Found:
    """A role or a party: that it is there, and how many there may be."""
    yield ("title",), "declared", raw["title"] if isinstance(raw, Mapping) else raw
    if isinstance(raw, Mapping) and "one_per" in raw:
        yield ("one_per",), "one_per", raw["one_per"]


WALKERS: Mapping[str, Callable[[Any], Found]] = {
    "roles": _declared,
    "parties": _declared,
    "settings": _setting,
    "forms": lambda raw: _parts(raw, _FORM),
    "tables": lambda raw: _parts(raw, _TABLE),
    "duties": lambda raw: _parts(raw, _DUTY),
    "guards": lambda raw: _parts(raw, _GUARD),
    "scores": lambda raw: _parts(raw, _SCORE),
    "indicators": lambda raw: _parts(raw, _INDICATOR),
}
