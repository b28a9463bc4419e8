"""How steps are matched."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyin.scenarios import steps  # noqa: F401  declares the vocabulary
from huiyin.scenarios.errors import Misused, UndefinedStep
from huiyin.scenarios.features import Kind, Step, Table
from huiyin.scenarios.vocabulary import bind, definitions


def step(kind: Kind, text: str, table: Table | None = None) -> Step:
    return Step(kind, text, table, 1)


@pytest.mark.parametrize(
    "text",
    [
        '"主管" 应在 "2026-03-05 24:00" 前履行 "B.1.c" 对 "WX-1"',
        "“主管” 应在 “2026-03-05 24:00” 前履行 “B.1.c” 对 “WX-1”",
        '"主管"应在"2026-03-05 24:00"前履行"B.1.c"对"WX-1"',
    ],
)
def test_both_kinds_of_quotes_count_and_spaces_do_not(text: str) -> None:
    _definition, values = bind(step("then", text))

    assert (values["who"], values["clause"], values["target"]) == ("主管", "B.1.c", "WX-1")
    assert values["recipient"] is None


def test_target_and_recipient_stand_in_either_order_or_not_at_all() -> None:
    _one, first = bind(step("then", '"甲" 应在 "x" 前履行 "B.4.a" 对 "T" 向 "乙"'))
    _two, second = bind(step("then", '"甲" 应在 "x" 前履行 "B.4.a" 向 "乙" 对 "T"'))
    _three, third = bind(step("then", '"甲" 应在 "x" 前履行 "B.4.a"'))

    assert (first["target"], first["recipient"]) == (second["target"], second["recipient"])
    assert third["target"] is None


def test_a_number_stands_without_quotes() -> None:
    _definition, values = bind(step("then", '"主管" 在 "2026-03" 须履行 "B.1.c" 共 3 项'))

    assert values["count"] == "3"


def test_an_undefined_step_names_what_reads_like_it() -> None:
    with pytest.raises(UndefinedStep) as caught:
        bind(step("then", '"主管" 应于 "2026-03-05 24:00" 前履行 "B.1.c" 对 "WX-1"'))

    assert any("应在" in line for line in caught.value.near)


def test_a_statement_cannot_stand_where_something_happens() -> None:
    with pytest.raises(UndefinedStep):
        bind(step("when", "没有其他义务"))


def test_a_table_below_a_step_that_takes_none_is_refused() -> None:
    with pytest.raises(Misused):
        bind(step("then", "没有其他义务", Table((("甲", "乙"),))))


def test_no_two_steps_read_the_same() -> None:
    seen = [(one.kind, one.wording) for one in definitions()]

    assert len(seen) == len(set(seen))


WORDINGS = {
    "given": [
        '现在是 "2026-03-02 09:00"',
        '启用制度 "property-management"',
        '参数 "整改期限" 为 "5d"',
        '"张伟" 担任 "维修负责人"',
        '"张伟" 担任 "维修负责人" 在 "一区"',
        '有客户 "3栋1202" 类别 "住户"',
        '有 "维修单" "WX-1" 属于 "3栋1202"',
        '有下列 "维修单":',
        '有下列 "维修单"：',
    ],
    "when": [
        '"WX-1" 发生 "完工"',
        '"WX-1" 发生 "完工" 于 "2026-03-02 10:00"',
        '"WX-1" 发生 "完工" 得知于 "2026-03-02 10:00"',
        '"李娜" 对 "WX-1" 提交 "维修回访记录"',
        '"李娜" 对 "X" 执行 "关闭"',
        '"李娜" 对 "X" 向 "收件方" 发出 "单据"',
        '"李娜" 于 "2026-03-02" 离任',
        '撤销上一事实 原因 "登记错了"',
        '时间到 "2026-03-05 24:00"',
        '停机至 "2026-03-05 24:00"',
    ],
    "then": [
        '"维修负责人" 应在 "2026-03-05 24:00" 前履行 "B.2.c" 对 "WX-1"',
        '"孙三" 无须履行 "B.1.d" 对 "WX-2"',
        '无人须履行 "B.2.c" 对 "WX-1"',
        '"主管" 在 "2026-03" 须履行 "B.1.c" 共 3 项',
        "没有其他义务",
        '"B.2.c" 对 "WX-1" 为 "待办"',
        '被拒绝，依据 "C.1.4.c"',
        "没有写入",
        '"经理" 收到 "B.4.a" 的通知',
        '"经理" 未收到 "B.4.a" 的通知',
        '条款 "B.2.c" 在 "2026-03" 的结论为 "达标"',
    ],
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in WORDINGS.items() for text in texts]
)
def test_the_agreed_wordings_are_understood(kind: Kind, text: str) -> None:
    bind(step(kind, text))


def test_the_page_for_authors_lists_every_step() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text("utf-8")
    listed = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}

    assert listed == {one.wording for one in definitions()}
