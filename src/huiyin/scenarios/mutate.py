"""Breaks every leaf of a policy once and asks whether a scenario notices.

A mutant is only judged by scenarios tagged with its clause: a clause is proven by its own
scenarios or not at all. A leaf without a clause is judged by those of its rule, or by all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huiyin.policy.loading import Pack
from huiyin.policy.mutation import Mutant, mutants, sample
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.runner import first_failure
from huiyin.scenarios.stage import Stage


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant. ``killer`` is the place of the scenario that noticed."""

    mutant: Mutant
    killer: str | None
    reason: str | None = None

    @property
    def outcome(self) -> str:
        if self.reason is not None:
            return "equivalent"
        return "killed" if self.killer else "survived"


@dataclass(frozen=True, slots=True)
class Mutation:
    """The verdicts over one pack."""

    policy: str
    verdicts: tuple[Verdict, ...]
    unused: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """No mutant survived, and no listed equivalent is idle or wrong."""
        return not self.of("survived") and not self.unused and bool(self.verdicts)

    def of(self, outcome: str) -> list[Verdict]:
        return [one for one in self.verdicts if one.outcome == outcome]

    def as_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            "mutants": len(self.verdicts),
            "killed": len(self.of("killed")),
            "equivalent": len(self.of("equivalent")),
            "survived": [
                {"clause": one.mutant.clause, "change": one.mutant.change}
                for one in self.of("survived")
            ],
        }


def identity(mutant: Mutant) -> str:
    """A mutant's name across runs."""
    return f"{mutant.clause or '*'} {mutant.change}"


def choose(pack: Pack, *, share: float = 1.0, seed: int = 0) -> list[Mutant]:
    """All mutants of a pack, or a repeatable part of them; at least one."""
    every = mutants(pack.policy)
    return every if share >= 1 else sample(every, share=share, seed=seed)


def mutate(
    chosen: Iterable[Mutant],
    scenarios: Sequence[Scenario],
    stage: Stage,
    *,
    equivalents: Mapping[str, str],
    hints: Mapping[str, str],
    each: Callable[[Verdict], None] = lambda verdict: None,
) -> Mutation:
    """Judge the chosen mutants.

    ``equivalents``: identity → why the mutant means the same. ``hints``: identity → place of the
    scenario that killed it last time, tried first.
    """
    kills: Counter[tuple[str, str]] = Counter()
    verdicts = []
    for mutant in chosen:
        verdict = _judge(mutant, scenarios, stage, equivalents, hints, kills)
        verdicts.append(verdict)
        each(verdict)
    return Mutation(stage.pack.id, tuple(verdicts))


def _judge(
    mutant: Mutant,
    scenarios: Sequence[Scenario],
    stage: Stage,
    equivalents: Mapping[str, str],
    hints: Mapping[str, str],
    kills: Counter[tuple[str, str]],
) -> Verdict:
    name = identity(mutant)
    if name in equivalents:
        return Verdict(mutant, None, equivalents[name])
    judges = set(mutant.clauses)
    candidates = [one for one in scenarios if not judges or judges & one.tags]
    with stage.under(mutant.policy):
        failed = first_failure(_likely_first(candidates, mutant, hints.get(name), kills), stage)
    if failed is None:
        return Verdict(mutant, None)
    kills.update((key, failed.scenario.place) for key in _keys(mutant))
    return Verdict(mutant, failed.scenario.place)


def _likely_first(
    scenarios: Iterable[Scenario],
    mutant: Mutant,
    hint: str | None,
    kills: Counter[tuple[str, str]],
) -> list[Scenario]:
    """The last killer, then those that killed the nearest relatives, then the short ones.

    Scenarios of one file stay together, so that their shared beginning is played once.
    """

    def weight(scenario: Scenario) -> tuple[bool, list[int], int]:
        near = [-kills[key, scenario.place] for key in _keys(mutant)]
        return scenario.place != hint, near, len(scenario.steps)

    ordered = sorted(scenarios, key=weight)
    files = list(dict.fromkeys(scenario.path for scenario in ordered))
    return sorted(ordered, key=lambda scenario: files.index(scenario.path))


def _keys(mutant: Mutant) -> tuple[str, str, str]:
    """From near to far: the same leaf, the same rule, the same clause."""
    rule = ".".join(mutant.path.split(".")[:2])
    return mutant.path, rule, f"clause {mutant.clause}"
