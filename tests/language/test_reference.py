"""The language's reference: up to date, complete, and every example of it runs."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from huiyin.policy.loading import Pack, parse_pack
from huiyin.policy.yaml_text import read_yaml
from huiyin.scenarios.features import Scenario, parse
from huiyin.scenarios.reports import result_text
from huiyin.scenarios.runner import play
from huiyin.scenarios.stage import stage_for

TOOL = Path(__file__).resolve().parents[2] / "tools" / "language.py"
SCENE = """# language: zh-CN
功能: 例
  背景:
    假如现在是 "2026-03-02 09:00"
    并且启用制度 "workshop"
    并且"赵一" 担任 "文员"
    并且"钱二" 担任 "主任"
    并且"孙三" 担任 "经理"
    并且有客户 "城东店" 类别 "店"
    并且有下列 "订单"：
      | 编号 | 属于   | 类别 | 承做人 | 重量 | 投产日期   | 付款日期   |
      | D-大 | 城东店 | 大单 | 周五   | 5    | 2026-03-01 | 2026-03-20 |
      | D-小 | 城东店 | 小单 | 周五   | 5    | 2026-03-01 | 2026-03-20 |

"""
CLAUSES = "sections:\n  '1':\n    title: 全文\n    clauses:\n" + "".join(
    f"      1.{letter}: {{zh: 条款, en: clause}}\n" for letter in "abcdef"
)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("language_tool", TOOL)
    assert spec is not None and spec.loader is not None
    import sys

    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


language = _tool()
EXAMPLES = language.examples()


def pack_of(example: Any) -> Pack:
    """The rules of an example on top of the base; parts of the same name are put together."""
    base: Any = read_yaml((language.CHAPTERS / "base.yaml").read_text("utf-8"), "base.yaml")[0]
    rules: Any = read_yaml(example.rules, example.place)[0]
    whole = {
        **base,
        **{
            part: {**base.get(part, {}), **written} if isinstance(written, Mapping) else written
            for part, written in rules.items()
        },
    }
    source = json.dumps(whole, ensure_ascii=False)
    return parse_pack({"policy.yaml": source, "clauses.yaml": CLAUSES})


def scenarios_of(example: Any) -> list[Scenario]:
    return parse(SCENE + example.scenarios, Path(f"{example.place}.feature"))


def test_the_reference_is_what_chapters_and_schema_say() -> None:
    assert language.main(["check"]) == 0


def test_there_is_an_example_for_every_kind_of_rule_and_opener() -> None:
    written = "\n".join(example.rules for example in EXAMPLES)
    words = ("duties", "guards", "scores", "indicators", "tables", "forms", "settings",
             "on", "every", "quota", "before", "since", "until", "share", "draw", "extend")  # fmt: skip

    assert [word for word in words if f"{word}:" not in written] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_an_example_runs(db: None, example: Any) -> None:
    scenarios = scenarios_of(example)
    assert scenarios

    with stage_for(pack_of(example)) as stage:
        for scenario in scenarios:
            result = play(scenario, stage)
            assert result.passed, result_text(result)
            assert scenario.tags <= result.named
