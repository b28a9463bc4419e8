"""The runner fails both ways: on what was said and is not so, and on what is so and was not said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.scenarios.runner import Result, play
from huiyin.scenarios.stage import Stage
from tests.scenarios.writing import written

Played = Callable[[str], Result]

DONE = '    当"WX-1" 发生 "完工"\n'
SAID = '    那么"B.2.c" 对 "WX-1" 为 "待办"\n'
OWED = '    那么"经理" 应在 "2026-03-05 24:00" 前履行 "B.1.b" 对 "WX-1"\n'


def test_what_is_said_and_so_passes(played: Played) -> None:
    result = played(DONE + SAID + OWED + "    并且没有其他义务\n")

    assert result.passed, result.failure
    assert result.named == {"B.2.c", "B.1.b"}


WRONG = {
    "a second early": (
        DONE + SAID + '    那么"经理" 应在 "2026-03-05 23:59:59" 前履行 "B.1.b" 对 "WX-1"\n',
        "应为：2026-03-05 23:59:59\n实为：2026-03-05 24:00",
    ),
    "somebody who owes nothing": (
        DONE + SAID + '    那么"孙三" 应在 "2026-03-05 24:00" 前履行 "B.1.b" 对 "WX-1"\n',
        "“孙三”应履行“B.1.b”",
    ),
    "somebody who does owe": (
        DONE + SAID + '    那么"赵一" 无须履行 "B.1.b" 对 "WX-1"\n',
        "“赵一”无须履行“B.1.b”",
    ),
    "nobody, though somebody does": (
        DONE + SAID + '    那么无人须履行 "B.1.b" 对 "WX-1"\n',
        "无人须履行“B.1.b”",
    ),
    "a wrong count": (
        DONE + SAID + '    那么"主管" 在 "2026-03" 须履行 "B.1.c" 共 2 项\n',
        "应为：2 项",
    ),
    "a wrong standing": (
        DONE + SAID + '    那么"B.2.c" 对 "WX-1" 为 "按时"\n',
        "应为：按时\n实为：待办",
    ),
    "a standing of nothing": ('    那么"B.2.c" 对 "WX-1" 为 "待办"\n', "没有这项义务"),
    "an opening nobody speaks of": (DONE, "没有交代的义务"),
    "an opening that only its neighbour is spoken of": (DONE + OWED, "没有交代的义务"),
    "nothing else, though there is": (DONE + OWED + "    并且没有其他义务\n", "没有其他义务"),
    "a refusal that does not come": (
        DONE + SAID + '    当时间到 "2026-03-03 09:00"\n    那么被拒绝，依据 "B.1.a"\n',
        "没有被拒绝",
    ),
    "a refusal that nobody expects": (
        DONE
        + SAID
        + '    当"周五" 对 "WX-1" 提交 "维修回访记录"\n    并且时间到 "2026-03-03 09:00"\n',
        "应为：上一步做成",
    ),
    "a refusal at the very end": (
        DONE + SAID + '    当"周五" 对 "WX-1" 提交 "维修回访记录"\n',
        "应为：上一步做成",
    ),
    "a refusal by another clause": (
        DONE
        + SAID
        + '    当"钱二" 对 "WX-1" 提交 "维修回访记录"\n    那么被拒绝，依据 "C.1.4.c"\n',
        "依据“C.1.4.c”",
    ),
    "nothing written, though it was": (DONE + "    那么没有写入\n" + SAID, "没有写入"),
    "a notice that nobody got": (DONE + SAID + '    那么"经理" 收到 "B.4.a" 的通知\n', "收到 0 次"),
    "a wrong conclusion": (
        DONE + SAID + '    那么条款 "B.2.c" 在 "2026-03" 的结论为 "达标"\n',
        "应为：达标\n实为：进行中",
    ),
    "a step that is none": (DONE + SAID + "    那么天下太平\n", "没有这样的步骤"),
    "a clause that is none": (
        DONE + SAID + '    那么无人须履行 "B.9.z" 对 "WX-1"\n',
        "没有条款“B.9.z”",
    ),
    "a person that is none": (
        DONE + SAID + '    那么"吴九" 无须履行 "B.1.b" 对 "WX-1"\n',
        "没有人叫“吴九”",
    ),
    "a target that is none": (
        DONE + SAID + '    那么"B.2.c" 对 "WX-9" 为 "待办"\n',
        "没有“WX-9”这个对象",
    ),
    "a field that is none": (
        DONE + SAID + '    当"钱二" 对 "WX-1" 提交 "维修回访记录"\n      | 天气 | 晴 |\n',
        "没有“天气”这一栏",
    ),
    "a choice that is none": (
        DONE + SAID + '    当"钱二" 对 "WX-1" 提交 "维修回访记录"\n      | 实地查看 | 也许 |\n',
        "没有名为“也许”的实地查看",
    ),
    "a clock that runs back": (DONE + SAID + '    当时间到 "2026-03-01 09:00"\n', "时间不能倒退"),
    "a person named like a role": ('    假如"主管" 担任 "经理"\n', "人不能与角色同名"),
    "a fact of the future": (
        '    当"WX-1" 发生 "完工" 于 "2026-03-09 10:00"\n',
        "应为：上一步做成",
    ),
}


@pytest.mark.parametrize(("lines", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_fails_and_says_why(played: Played, lines: str, said: str) -> None:
    result = played(lines)

    assert result.failure is not None
    assert said in result.failure.message


def test_a_failure_names_its_step_and_line(played: Played) -> None:
    result = played(DONE + SAID + '    那么"B.2.c" 对 "WX-1" 为 "按时"\n')

    assert result.failure is not None
    assert str(result.failure.step) == '那么"B.2.c" 对 "WX-1" 为 "按时"'
    assert result.failure.line == 17


def test_an_expected_refusal_that_leaves_nothing_passes(played: Played) -> None:
    result = played(
        DONE
        + SAID
        + '    当"钱二" 对 "WX-1" 提交 "维修回访记录"\n    那么被拒绝，依据 "B.3.1"\n    并且没有写入\n'
    )

    assert result.passed, result.failure


def test_a_visit_settles_what_those_present_owed(played: Played) -> None:
    result = played(DONE + "    VISIT\n" + '    那么"B.2.c" 对 "WX-1" 为 "按时"\n')

    assert result.passed, result.failure


def test_nothing_of_a_scenario_stays(stage: Stage) -> None:
    facts, obligations = Fact.objects.count(), Obligation.objects.count()

    passed = play(written(DONE + SAID), stage)
    failed = play(written(DONE), stage)

    assert (passed.passed, failed.passed) == (True, False)
    assert (Fact.objects.count(), Obligation.objects.count()) == (facts, obligations)


def test_a_fault_of_the_program_is_a_failure_and_not_lost(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(**_given: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("huiyin.obligations.services.tick", fault)

    result = played('    当时间到 "2026-03-03 09:00"\n')

    assert result.failure is not None
    assert "ZeroDivisionError: planted" in result.failure.message
