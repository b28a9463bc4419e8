"""A derivation and a clause in words, in both languages."""

import pytest

from huiyin.policy.decide import decide
from huiyin.policy.effects import Emit, Open, Step
from huiyin.policy.explain import _STEPS, say_moment, say_step
from huiyin.policy.leaves import bindings
from huiyin.policy.saying import explain
from huiyin.policy.schema import Policy
from tests.policy.worlds import LEAD, SHANGHAI, STAFFED, completed, in_force, of, pack, shanghai


def said(step: Step, language: str) -> str:
    names = {LEAD: "孙三"}
    return say_step(
        pack().policy, step, language=language, zone=SHANGHAI, names=lambda p: names.get(p, "?")
    )


def test_the_way_to_a_deadline_is_said_step_by_step() -> None:
    effects = decide([in_force()], STAFFED, [completed(1, repairer=LEAD)], shanghai("2026-03-02"))
    steps = of(Open, effects)[0].why.steps

    assert [said(step, "zh") for step in steps] == [
        "孙三本人除外",
        "本期第 1 件可由经理承担；10% 即至少 1 件，此前已分 0 件",
        "“完工”自发生时刻 2026-03-02 10:00 起算，3 天，到 2026-03-05 24:00 止",
    ]
    assert said(steps[-1], "en") == (
        "completed: 3 days from when it happened, 2026-03-02 10:00, until 2026-03-05 24:00"
    )


EXAMPLES = {
    "clock": {"fact": "repair.completed", "from": "known", "start": "2026-03-02T02:00:00+00:00",
              "length": "24h", "due": "2026-03-03T02:00:00+00:00"},
    "stated": {"field": "rectification_notice.rectify_by", "value": "2026-03-09",
               "due": "2026-03-09T16:00:00+00:00"},
    "share_floor": {"role": "manager", "share": "1/10", "items": 1, "floor": 1, "allotted": 0},
    "share_arrears": {"role": "manager", "share": "1/10", "items": 8, "floor": 1, "allotted": 1},
    "share_closing": {"role": "manager", "period": "2026-03-01"},
    "nobody_eligible": {"person": LEAD},
    "excluded": {"person": LEAD},
    "missing": {"field": "repair.category", "fact": "repair.completed"},
    "proven": {"fact": "record.sent", "happened": "2026-03-02T02:00:00+00:00"},
    "voided": {"fact": 4},
    "missed": {"due": "2026-03-05T16:00:00+00:00"},
    "late": {"after": "2d", "due": "2026-03-05T16:00:00+00:00"},
    "period": {"first": "2026-01-01", "after": "2026-04-01", "due": "2026-03-31T16:00:00+00:00"},
    "silence": {"since": "repair.completed", "start": "2026-03-02T02:00:00+00:00", "length": "7d",
                "due": "2026-03-09T16:00:00+00:00"},
    "lead": {"field": "repair.category", "value": "2026-03-09", "length": "3d",
             "due": "2026-03-06T16:00:00+00:00"},
    "ended": {"fact": "repair.completed", "happened": "2026-03-02T02:00:00+00:00"},
    "reopened": {},
    "given": {"table": "rectify", "result": "3"},
    "undecided": {"table": "rectify"},
    "booked": {"points": -10, "fact": "repair.completed"},
    "quota": {"number": 18, "needed": 12},
    "drawn": {"share": "1/20", "items": 40, "seed": "x/y/2026-01-01"},
    "left": {},
    "extended": {"due": "2026-03-05T16:00:00+00:00"},
    "weekend": {"first": "2026-03-07", "last": "2026-03-08"},
    "holiday": {"name": "3", "first": "2026-10-01", "last": "2026-10-07"},
    "off": {"first": "2026-03-07", "last": "2026-03-08"},
    "worked": {"day": "2026-10-10"},
    "rolled": {"day": "2026-10-04", "to": "2026-10-08", "direction": "forward"},
    "unconfirmed": {"years": (2027,)},
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(_STEPS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_step_has_a_sentence(key: str, language: str) -> None:
    sentence = said(Step(key, EXAMPLES[key]), language)

    assert sentence
    assert "{" not in sentence
    assert ("。" not in sentence) and (language != "en" or sentence.replace("孙三", "").isascii())


def test_engine_facts_are_named_after_their_duty() -> None:
    step = Step("proven", {"fact": "rectify.met", "happened": "2026-03-02T02:00:00+00:00"})

    assert said(step, "zh").startswith("由“整改已履行”证明")
    assert said(step, "en").startswith("proven by Rectification: met")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-03-06 00:00", "2026-03-05 24:00"),
        ("2026-03-06 00:00:01", "2026-03-06 00:00:01"),
        ("2026-03-05 23:59:59", "2026-03-05 23:59:59"),
        ("2026-01-01 00:00", "2025-12-31 24:00"),
        ("2026-03-05 08:30", "2026-03-05 08:30"),
    ],
)
def test_midnight_is_the_end_of_the_day_before(moment: str, text: str) -> None:
    assert say_moment(shanghai(moment), SHANGHAI) == text


def test_a_clause_is_explained_by_its_rule_and_leaf() -> None:
    text = explain(pack().policy, "B.2.c")

    assert "时限：安全设施 2 天；漏水 3 天；其余 7 天，自发生起算" in text
    assert "责任：经理 ≥ 10%、主管 ≥ 30%、维修负责人 ≥ 60%，维修人员本人除外" in text
    assert "duties.repair_visit.within.leak: 3d" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_bound_clause_can_be_explained(language: str) -> None:
    for clause, paths in bindings(pack().policy).items():
        text = explain(pack().policy, clause, language=language)
        assert all(path in text for path in paths)


def test_a_clause_bound_to_nothing_says_so() -> None:
    raw = {key: value for key, value in pack().policy.raw.items() if key != "acknowledge"}

    assert "没有绑定" in explain(Policy.of(raw), "C.0")


def test_every_effect_with_a_reason_has_clauses() -> None:
    effects = decide([in_force()], STAFFED, [completed(1)], shanghai("2026-03-02"))

    assert all(effect.why.clauses for effect in effects if isinstance(effect, (Open, Emit)))
