"""The one door of every act."""

from datetime import UTC, datetime

import pytest

from huiyin.core import acts, checks
from huiyin.core.errors import Refused

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
CLOSING = acts.ActContext("case.close", target=7, by=3, at=AT)


@pytest.fixture(autouse=True)
def nobody_registered(monkeypatch):
    monkeypatch.setattr(acts, "_checkers", {})
    monkeypatch.setattr(acts, "_obstacles", {})


def allow(contexts):
    return {}


def refuse(*clauses, rule="rule"):
    def checker(contexts):
        return {
            position: Refused(clauses, f"{context.act} 不允许", rule)
            for position, context in enumerate(contexts)
        }

    return checker


def test_an_act_passes_when_every_checker_lets_it():
    acts.register_checker(allow)
    acts.register_checker(lambda contexts: {}, name="consent")

    acts.check("case.close", CLOSING)


def test_a_refusal_names_its_clauses():
    acts.register_checker(refuse("C.1.4.c", rule="close_needs_answer"))

    with pytest.raises(Refused) as refused:
        acts.check("case.close", CLOSING)

    assert refused.value.clauses == ["C.1.4.c"]
    assert refused.value.rule == "close_needs_answer"


def test_refusals_of_several_checkers_come_back_as_one():
    acts.register_checker(refuse("C.1.4.c", "C.2"))
    acts.register_checker(refuse("C.2", "D.1"), name="consent")

    with pytest.raises(Refused) as refused:
        acts.check("case.close", CLOSING)

    assert refused.value.clauses == ["C.1.4.c", "C.2", "D.1"]


def test_of_many_acts_only_the_refused_ones_come_back():
    acts.register_checker(
        lambda contexts: {
            place: Refused(["A"], "不允许", "rule")
            for place, context in enumerate(contexts)
            if context.target == 8
        }
    )
    other = acts.ActContext("case.close", target=8, by=3, at=AT)

    assert list(acts.refusals([CLOSING, other, CLOSING])) == [1]


def test_without_a_policy_checker_no_act_is_done():
    acts.register_checker(allow, name="consent")

    with pytest.raises(LookupError):
        acts.check("case.close", CLOSING)


def test_a_start_without_the_policy_checker_is_refused():
    assert [error.id for error in checks.policy_checker_is_registered(None)] == ["huiyin.E001"]

    acts.register_checker(allow)

    assert checks.policy_checker_is_registered(None) == []


def test_a_name_is_taken_once():
    acts.register_checker(allow)
    acts.register_checker(allow)

    with pytest.raises(ValueError, match="policy"):
        acts.register_checker(refuse("A"))


def test_a_context_of_another_act_is_a_mistake():
    acts.register_checker(allow)

    with pytest.raises(ValueError, match="case.open"):
        acts.check("case.open", CLOSING)


def test_only_what_refuses_whoever_asks_is_an_obstacle():
    acts.register_checker(refuse("C.2"))
    acts.register_checker(refuse(), name="consent", obstacle=refuse(rule="withdrawn"))

    [(position, (name, refused))] = acts.obstacles([CLOSING]).items()

    assert (position, name, refused.rule) == (0, "consent", "withdrawn")
