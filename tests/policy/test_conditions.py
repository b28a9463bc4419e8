"""Three answers: yes, no, and undecidable where a value is empty."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.policy.conditions import Met, NotACondition, fields_of, parse_condition
from huiyin.policy.matching import Around, matches, missing_fields

ORDERS = {"truck.grade": ("c15", "c20", "c25")}


def holds(tree: dict[str, Any], **values: Any) -> bool | None:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return matches(parse_condition(tree), named, Around(orders=ORDERS))


@pytest.mark.parametrize(
    ("tree", "value", "answer"),
    [
        ({"a.x": "leak"}, "leak", True),
        ({"a.x": "leak"}, "other", False),
        ({"a.x": ["leak", "other"]}, "other", True),
        ({"a.x": ["leak", "other"]}, "safety", False),
        ({"a.x": {"ne": "leak"}}, "leak", False),
        ({"a.x": {"lt": 5}}, 4, True),
        ({"a.x": {"lt": 5}}, 5, False),
        ({"a.x": {"le": 5}}, 5, True),
        ({"a.x": {"gt": 5, "le": 10}}, 10, True),
        ({"a.x": {"gt": 5, "le": 10}}, 5, False),
        ({"a.x": {"ge": "2.5"}}, 2.5, True),
        ({"a.x": 1}, True, False),
        ({"a.x": True}, True, True),
        ({"a.x": True}, 1, False),
        ({"a.x": 1}, "1", True),
        ({"a.x": "text"}, 1, False),
        ({"a.x": {"lt": "2026-03-05"}}, "2026-03-04", True),
        ({"a.x": {"eq": "2026-03-05T08:00:00+08:00"}}, "2026-03-05T00:00:00+00:00", True),
        ({"a.x": 3}, [1, 3], True),
        ({"a.x": {"ne": 3}}, [1, 3], False),
        ({"a.x": [7, 8]}, [1, 3], False),
        ({"a.x": 0}, 0, True),
        ({"a.x": False}, False, True),
    ],
)
def test_a_value_is_compared_by_its_type(tree: dict[str, Any], value: Any, answer: bool) -> None:
    assert holds(tree, a__x=value) is answer


@pytest.mark.parametrize("empty", [None, "", "  ", []])
@pytest.mark.parametrize(
    "tree", [{"a.x": "leak"}, {"a.x": {"ne": "leak"}}, {"not": {"a.x": "leak"}}, {"a.x": {"lt": 1}}]
)
def test_an_empty_value_is_undecidable_never_a_no(tree: dict[str, Any], empty: Any) -> None:
    assert holds(tree, a__x=empty) is None
    assert holds(tree) is None


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
        (False, False, False, False),
    ],
)
def test_all_and_any_know_three_answers(
    left: bool | None, right: bool | None, both: bool | None, either: bool | None
) -> None:
    parts = [{"a.x": True}, {"a.y": True}]

    assert holds({"all": parts}, a__x=left, a__y=right) is both
    assert holds({"any": parts}, a__x=left, a__y=right) is either
    assert holds({"a.x": True, "a.y": True}, a__x=right, a__y=left) is both


def test_a_field_is_compared_with_another_field() -> None:
    tree = {"truck.part": {"ne": "pour.part"}}

    assert holds(tree, truck__part="slab", pour__part="wall") is True
    assert holds(tree, truck__part="slab", pour__part="slab") is False
    assert holds(tree, truck__part="slab") is None


@pytest.mark.parametrize(
    ("grade", "answer"), [("c15", True), ("c20", False), ("c25", False), ("c99", None)]
)
def test_ordered_choices_are_compared_by_their_place(grade: str, answer: bool | None) -> None:
    assert holds({"truck.grade": {"below": "c20"}}, truck__grade=grade) is answer


def test_history_is_undecidable_where_nobody_answers_for_it() -> None:
    condition = parse_condition({"met": "revisit"})

    assert matches(condition, {}) is None
    assert matches(condition, {}, Around(history=lambda leaf: leaf == Met("revisit"))) is True


@pytest.mark.parametrize(
    "tree",
    [{}, [], "x", {"field": 1}, {"a.x": {}}, {"a.x": {"like": 1}}, {"a.x": []}, {"any": []},
     {"a.x": None}, {"a.x": {"in": 1}}, {"a.x": {"eq": [1]}}, {"met": ["a"]}],
)  # fmt: skip
def test_what_is_no_condition_is_refused(tree: Any) -> None:
    with pytest.raises(NotACondition):
        parse_condition(tree)


def test_missing_fields_are_named_in_the_order_of_the_text() -> None:
    condition = parse_condition({"a.x": 1, "any": [{"b.y": "c.z"}, {"a.x": 2}]})

    assert list(fields_of(condition)) == ["a.x", "b.y", "c.z", "a.x"]
    assert missing_fields(condition, {"b.y": 1}) == ("a.x", "c.z")


values = st.sampled_from([None, "leak", "other", 0, 1, True])
leaf = st.builds(lambda f, v: {f: v}, st.sampled_from(["a.x", "a.y"]), st.sampled_from(["leak", 1]))
trees = st.recursive(
    leaf,
    lambda t: (
        st.builds(lambda i: {"not": i}, t)
        | st.builds(lambda i: {"any": i}, st.lists(t, min_size=1, max_size=3))
        | st.builds(lambda i: {"all": i}, st.lists(t, min_size=1, max_size=3))
    ),
    max_leaves=6,
)


@settings(max_examples=30, deadline=None)
@given(tree=trees, x=values, y=values)
def test_filling_an_empty_value_never_turns_an_answer(tree: Any, x: Any, y: Any) -> None:
    """What was decided in spite of an empty value stays so, whatever the value turns out to be."""
    before = matches(parse_condition(tree), {"a.x": x})
    after = matches(parse_condition(tree), {"a.x": x, "a.y": y})

    assert before is None or after is before


@settings(max_examples=30, deadline=None)
@given(tree=trees, x=values, y=values)
def test_de_morgan_holds_with_three_answers(tree: Any, x: Any, y: Any) -> None:
    given_values = {"a.x": x, "a.y": y}
    other = {"a.x": "leak"}
    neither = {"all": [{"not": tree}, {"not": other}]}
    not_either = {"not": {"any": [tree, other]}}

    assert matches(parse_condition(neither), given_values) is matches(
        parse_condition(not_either), given_values
    )
