"""Reading feature files."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyin.scenarios.errors import FeatureError, Misused
from huiyin.scenarios.features import Table, parse

OUTLINE = """# language: zh-CN
功能: 时限
  背景:
    假如现在是 "2026-03-02 09:00"

  @B.2.c @慢
  场景大纲: 到 <时刻>
    当时间到 "<时刻>"
      | 甲 | 乙 |
    那么"B.2.c" 对 "WX-1" 为 "<状态>"
    例子:
      | 时刻             | 状态 |
      | 2026-03-05 24:00 | 待办 |
      | 2026-03-06 09:00 | 逾期未办 |
"""


def test_an_outline_becomes_one_scenario_for_each_row_with_its_background() -> None:
    first, second = parse(OUTLINE, Path("a.feature"))

    assert first.name == "到 2026-03-05 24:00"
    assert first.tags == {"B.2.c", "慢"}
    assert [step.kind for step in first.steps] == ["given", "when", "then"]
    assert second.steps[2].text == '"B.2.c" 对 "WX-1" 为 "逾期未办"'


def test_places_are_lines_of_the_file() -> None:
    first, second = parse(OUTLINE, Path("a.feature"))

    assert (first.line, second.line) == (13, 14)
    assert [step.line for step in second.steps] == [4, 8, 10]


def test_a_table_goes_with_its_step() -> None:
    first, _second = parse(OUTLINE, Path("a.feature"))

    assert first.steps[1].table == Table((("甲", "乙"),))
    assert first.steps[2].table is None


def test_and_takes_the_kind_of_the_step_before() -> None:
    [scenario] = parse(
        '# language: zh-CN\n功能: 甲\n  场景: 乙\n    当时间到 "x"\n    并且时间到 "y"\n',
        Path("a.feature"),
    )

    assert [step.kind for step in scenario.steps] == ["when", "when"]


def test_what_is_not_gherkin_is_named_with_its_place() -> None:
    text = "# language: zh-CN\n功能: 甲\n  场景: 乙\n    假如丙\n    如果下雨\n"

    with pytest.raises(FeatureError) as caught:
        parse(text, Path("a.feature"))

    assert caught.value.places[0][:2] == (5, 5)
    assert "a.feature:5:5" in str(caught.value)


def test_a_table_of_three_columns_is_no_list_of_fields() -> None:
    with pytest.raises(Misused):
        Table((("甲", "乙", "丙"),)).pairs()
