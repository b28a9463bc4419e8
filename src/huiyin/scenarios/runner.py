"""Plays scenarios on the real services, each in a savepoint that is rolled back."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, takewhile

from django.db import connection, transaction
from django.utils.translation import gettext as _

from huiyin.core.errors import HuiyinError
from huiyin.core.once import one_page
from huiyin.scenarios import steps as _vocabulary  # noqa: F401  declares the steps
from huiyin.scenarios.errors import Misused, ScenarioError, Unmet
from huiyin.scenarios.features import Scenario, Step
from huiyin.scenarios.stage import Stage
from huiyin.scenarios.vocabulary import bind
from huiyin.scenarios.world import World


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a scenario failed and why; without a step it is the scenario as a whole."""

    step: Step | None
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Result:
    """How one scenario ended. ``named`` are the clauses that its 那么 steps name."""

    scenario: Scenario
    failure: Failure | None
    named: frozenset[str]
    seconds: float

    @property
    def passed(self) -> bool:
        return self.failure is None


class _StepFailed(Exception):
    def __init__(self, step: Step | None, message: str) -> None:
        self.step = step
        self.message = message
        super().__init__(message)


class _Over(Exception):
    """Ends the savepoint of a scenario that passed, so that nothing of it stays."""


def run(
    scenarios: Iterable[Scenario],
    stage: Stage,
    *,
    each: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Play all scenarios on this stage; ``each`` hears of every result as it comes."""
    results = []
    for result in played(scenarios, stage):
        results.append(result)
        each(result)
    return results


def played(scenarios: Iterable[Scenario], stage: Stage) -> Iterator[Result]:
    """The results one by one; whoever stops early has to close the iterator.

    Scenarios of one file begin alike; what neighbours share is played once, each in its own
    savepoint behind it.
    """
    for _path, group in groupby(scenarios, key=lambda scenario: scenario.path):
        yield from _play_group(list(group), stage)


def first_failure(scenarios: Iterable[Scenario], stage: Stage) -> Result | None:
    """Play until a scenario fails."""
    with closing(played(scenarios, stage)) as results:  # type: ignore[type-var]
        return next((result for result in results if not result.passed), None)


def play(scenario: Scenario, stage: Stage) -> Result:
    """Play one scenario and roll everything back."""
    return _rolled_back(scenario, 0, lambda: World(stage))


def _play_group(group: Sequence[Scenario], stage: Stage) -> Iterator[Result]:
    shared = _shared_beginning(group) if len(group) > 1 else 0
    world = World(stage)
    with transaction.atomic():
        try:
            _take_all(group[0].steps[:shared], world)
        except _StepFailed as error:
            yield from (_failed(scenario, error, 0.0) for scenario in group)
        else:
            for scenario in group:
                yield _rolled_back(scenario, shared, world.fork)
        transaction.set_rollback(True)


def _shared_beginning(group: Sequence[Scenario]) -> int:
    """How many steps all of them begin with."""
    written = [[(step.kind, step.text, step.table) for step in one.steps] for one in group]
    alike = (len(set(steps)) == 1 for steps in zip(*written, strict=False))
    return sum(1 for _step in takewhile(bool, alike))


def _rolled_back(scenario: Scenario, done: int, world: Callable[[], World]) -> Result:
    """Play what is left of a scenario behind its first ``done`` steps; leave nothing of it."""
    began = time.perf_counter()
    try:
        with transaction.atomic():
            here = world()
            here.proves = scenario.tags
            _perform(scenario.steps[done:], here)
            raise _Over
    except _Over:
        return Result(scenario, None, named_clauses(scenario), time.perf_counter() - began)
    except _StepFailed as error:
        return _failed(scenario, error, time.perf_counter() - began)


def _failed(scenario: Scenario, error: _StepFailed, seconds: float) -> Result:
    line = error.step.line if error.step else scenario.line
    failure = Failure(error.step, error.message, line)
    return Result(scenario, failure, named_clauses(scenario), seconds)


def named_clauses(scenario: Scenario) -> frozenset[str]:
    """The clauses that the 那么 steps of a scenario name."""
    named = set()
    for step in scenario.steps:
        if step.kind != "then":
            continue
        try:
            _definition, values = bind(step)
        except ScenarioError:
            continue
        if values.get("clause"):
            named.add(values["clause"])
    return frozenset(named)


def _perform(steps: Sequence[Step], world: World) -> None:
    _take_all(steps, world)
    _guarded(None, world.settle)
    _guarded(None, _check_deferred_constraints)


def _take_all(steps: Sequence[Step], world: World) -> None:
    for step in steps:
        with one_page(is_sent=True):  # as whoever sends a form reads what is in force
            _guarded(step, lambda step=step: _take(step, world))


def _guarded(step: Step | None, action: Callable[[], None]) -> None:
    try:
        action()
    except ScenarioError as error:
        raise _StepFailed(step, str(error)) from error
    except HuiyinError as error:
        raise _StepFailed(step, f"{type(error).__name__}：{error}") from error
    except Exception as error:
        trace = "".join(traceback.format_exception(error)[-4:])
        raise _StepFailed(step, _("程序出错：") + trace) from error


def _take(step: Step, world: World) -> None:
    definition, values = bind(step)
    if step.kind != "then":
        world.require_refusal_was_expected()
        world.planned = False
    elif not world.planned:
        # In a firm the planner runs all the time; nobody has to wait for it to see what is owed.
        world.plan()
    if step.kind == "when":
        world.begin_act()
        try:
            with transaction.atomic():
                definition.action(world, **values)
        except HuiyinError as error:
            world.refuse(error)
    else:
        definition.action(world, **values)


def _check_deferred_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


__all__ = ["Failure", "Misused", "Result", "Unmet", "named_clauses", "play", "run"]
