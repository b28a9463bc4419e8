"""Every leaf is broken in the ways that matter, and every mutant could be adopted."""

import json
from dataclasses import replace

import pytest

from huiyin.policy.errors import NoOperator
from huiyin.policy.leaves import kinds, walk
from huiyin.policy.lint import lint
from huiyin.policy.mutation import Mutant, mutants, sample
from huiyin.policy.mutation_operators import OPERATORS, changes_of
from huiyin.policy.schema import Policy
from tests.policy.small_pack import parse
from tests.policy.wide_pack import wide
from tests.policy.worlds import pack


@pytest.fixture(scope="module")
def found() -> list[Mutant]:
    return mutants(pack().policy)


def changes(found: list[Mutant], path: str) -> list[str]:
    return [mutant.after for mutant in found if mutant.path == path]


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("duties.repair_visit.within.leak", ["4d", "2d", "3h"]),
        ("duties.rectification_notice.within", ["25h", "23h", "24d"]),
        ("duties.repair_visit.within.pick", ["always 7d"]),
        ("duties.repair_visit.within.from", ["known", "recorded"]),
        ("duties.rectification_notice.from", ["happened", "recorded"]),
        ("duties.repair_visit.share.manager", ["11%", "9%"]),
        ("duties.repair_visit.share.per", ["quarter", "year"]),
        ("duties.repair_visit.share.each", ["0"]),
        ("duties.repair_visit.share.not", ["removed"]),
        ("duties.rectification_notice.owed_by", ["repair.repairer"]),
        ("duties.rectification_notice.proof.sent_to", ["removed"]),
        ("duties.rectification_notice.late.0.after", ["1h", "removed"]),
        ("duties.rectification_notice.late.0.tell", ["supervisor"]),
        ("duties.rectify.at", ["within 12mo"]),
        ("duties.revisit.within.same_as", ["7d"]),
        ("duties.revisit.owed_by.any_of.1", ["removed"]),
        ("duties.revisit.owed_by.not", ["removed"]),
        ("guards.close_needs_answer.require.0", ["removed"]),
        ("guards.close_needs_revisit.where.case.origin", ["removed", "not repair_visit"]),
        ("forms.repair_visit.fields.visited.required", ["removed"]),
        ("forms.repair_visit.fields.visited.or_reason", ["false"]),
        ("forms.repair_visit.fields.fees.raises.mismatch", ["removed"]),
        ("settings.rectify_within.default", ["8d", "6d", "7h"]),
        ("duties.rectify", ["removed"]),
    ],
)
def test_a_leaf_is_changed_in_these_ways(found: list[Mutant], path: str, after: list[str]) -> None:
    assert changes(found, path) == after


def test_every_rule_is_removed_once_per_clause(found: list[Mutant]) -> None:
    removed = [m.clause for m in found if m.path == "duties.repair_visit"]

    assert removed == ["B.1.a", "B.1.b", "B.1.c", "B.1.d", "B.2.a", "B.2.b", "B.2.c", "B.3.1"]


def test_every_mutant_differs_from_the_policy(found: list[Mutant]) -> None:
    assert all(mutant.policy != pack().policy for mutant in found)


def test_every_mutant_could_be_adopted(found: list[Mutant]) -> None:
    for whole, changes in ((pack(), found), (wide(), mutants(wide().policy))):
        for mutant in changes:
            changed = replace(whole, policy=mutant.policy)
            errors = [e for e in lint(changed) if e.level == "error"]
            assert errors == [], mutant.change
            assert mutant.policy != whole.policy


def test_every_leaf_has_a_mutant_or_is_covered_by_the_removal_of_its_rule(
    found: list[Mutant],
) -> None:
    policy = pack().policy
    changed = {mutant.path for mutant in found}
    bare = {leaf.path for leaf in walk(policy) if leaf.kind != "declared"} - changed

    # The opener, the act and the only demand of a guard go with their rule; what a duty reads is
    # required by lint itself; an acknowledgement declares. Another kind of target has not the
    # fields that are read of this one. What is only aimed at or shown runs nothing.
    kinds = ("opener", "act", "acknowledge", "population", "want", "wording")
    covered = {leaf.path for leaf in walk(policy) if leaf.kind in kinds}
    only = {f"guards.{key}.require.0" for key, g in policy.guards.items() if len(g.require) == 1}
    assert bare == covered | only | {"forms.rectification_notice.fields.rectify_by.required"}


def test_a_mutant_of_an_unbound_leaf_may_be_noticed_by_any_clause_of_its_rule(
    found: list[Mutant],
) -> None:
    mutant = next(m for m in found if m.path == "duties.repair_visit.share.each")

    assert mutant.clause is None
    assert set(mutant.clauses) >= {"B.1.a", "B.2.c"}


def test_every_kind_of_leaf_has_an_operator() -> None:
    assert set(OPERATORS) == kinds()


def test_a_leaf_without_an_operator_is_an_error_not_a_silence() -> None:
    leaf = replace(walk(pack().policy)[0], kind="smell")

    with pytest.raises(NoOperator):
        changes_of(pack().policy, leaf)


def test_a_removed_duty_leaves_its_clock_to_who_borrowed_it(found: list[Mutant]) -> None:
    without = next(m for m in found if m.path == "duties.repair_visit").policy

    assert without.duties["revisit"].within == pack().policy.duties["repair_visit"].within


def test_a_removed_duty_takes_along_what_hangs_on_it(found: list[Mutant]) -> None:
    whole = pack().policy
    without = next(m for m in found if m.path == "duties.revisit").policy
    assert set(whole.guards) - set(without.guards) == {"close_needs_revisit"}
    without = next(m for m in found if m.path == "duties.rectification_notice").policy
    assert set(whole.duties) - set(without.duties) == {"rectification_notice", "rectify"}


def guarded(**guard: object) -> list[str]:
    raw = {**parse().policy.raw, "guards": {"g": {"before": "case.close", **guard}}}
    policy = Policy.of(raw)
    leaves = [leaf for leaf in walk(policy) if leaf.path.startswith("guards.g.")]
    return [change.after.replace("'", "") for leaf in leaves for change in changes_of(policy, leaf)]


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        ({"job.size": "big"}, ["{ne: big}"]),
        ({"job.size": ["big", "little"]}, ["not [big, little]", "[little]", "[big]"]),
        ({"job.count": {"lt": 5}}, ["{le: 5}", "{lt: 6}", "{lt: 4}"]),
        ({"job.size": {"below": "big"}}, ["{above: big}"]),
        ({"seen": "job.paid"}, ["not job.paid"]),
        (
            {"any": [{"job.size": "big"}, {"not": {"job.paid": True}}]},
            ["removed", "not big", "removed", "not True"],
        ),
    ],
)
def test_conditions_are_negated_shifted_and_loosened(condition: object, after: list[str]) -> None:
    expected = [text.replace("{ne: big}", "not big") for text in after]

    assert guarded(deny=condition) == expected


def test_every_change_of_a_condition_still_parses() -> None:
    for condition in (
        {"job.size": ["big", "little"]},
        {"any": [{"job.size": "big"}, {"seen": "job.paid"}]},
    ):
        raw = {
            **parse().policy.raw,
            "guards": {
                "g": {"before": "case.close", "deny": condition, "clauses": {"1.c": "deny"}}
            },
        }
        assert [m for m in mutants(Policy.of(raw)) if m.path.startswith("guards.g.deny")]


def test_the_only_test_of_a_row_is_turned_around_but_does_not_go() -> None:
    raw = json.loads(wide().policy.to_source())
    raw["tables"]["route"]["rows"][1]["when"] = {"reel.grade": "b"}
    path = "tables.route.rows.1.when.reel.grade"

    assert changes(mutants(Policy.of(raw)), path) == ["not b"]


def test_a_sample_is_seeded_and_in_order(found: list[Mutant]) -> None:
    once = sample(found, share=0.1, seed=7)

    assert once == sample(found, share=0.1, seed=7)
    assert once != sample(found, share=0.1, seed=8)
    assert len(once) == round(len(found) * 0.1)
    assert [found.index(m) for m in once] == sorted(found.index(m) for m in once)
