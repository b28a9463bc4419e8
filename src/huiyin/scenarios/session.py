"""One run over one pack: a scratch database, its stage, its scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from huiyin.config.scratch import scratch_database
from huiyin.policy.loading import Pack, load_pack
from huiyin.scenarios import cache, features, mutate
from huiyin.scenarios.equivalents import read_equivalents
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.mutate import Mutation, Verdict
from huiyin.scenarios.runner import Result, run
from huiyin.scenarios.stage import Stage, stage_for

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Session:
    """A pack on its stage with its scenarios, ready to be played."""

    pack: Pack
    stage: Stage
    scenarios: tuple[Scenario, ...]

    def play(
        self, *, only: str | None = None, each: Callable[[Result], None] | None = None
    ) -> list[Result]:
        """Play all scenarios, or those whose tag is ``only`` or whose name holds it."""
        chosen = [
            one for one in self.scenarios if only is None or only in one.tags or only in one.name
        ]
        return run(chosen, self.stage, each=each or (lambda result: None))


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """A pack on a scratch database, never a firm's. Raises PackErrors, FeatureError."""
    pack = load_pack(folder)
    scenarios = tuple(features.of_pack(folder))
    # Titles are Chinese in scenarios, whatever the language of the one who runs them.
    with override("zh-hans"), scratch_database(), stage_for(pack) as stage:
        yield Session(pack, stage, scenarios)


def prove(folder: Path, *, sample: float, seed: int, fresh: bool, say: Say) -> Mutation:
    """Judge the mutants of a pack, or take the findings of the same pack and engine.

    A mutant means nothing where a scenario fails anyway: raises ScenariosFail.
    """
    kept = cache.load(_place(folder))
    digest = cache.digest(folder)
    hints = kept.get("killers", {})
    known = kept.get("outcomes", {}) if kept.get("digest") == digest and not fresh else {}
    with opened(folder) as session:
        chosen = mutate.choose(session.pack, share=sample, seed=seed)
        equivalents = read_equivalents(folder, session.pack)
        unknown = [one for one in chosen if mutate.identity(one) not in known]
        verdicts = [
            _remembered(one, known[mutate.identity(one)], equivalents)
            for one in chosen
            if mutate.identity(one) in known
        ]
        if unknown:
            _require_all_pass(session.play(), say)
            found = mutate.mutate(
                unknown,
                session.scenarios,
                session.stage,
                equivalents=equivalents,
                hints=hints,
                each=_progress(len(unknown), say),
            )
            verdicts += found.verdicts
            _keep(folder, digest, {**hints}, {**known}, found.verdicts)
        unused = _idle(equivalents, chosen) if sample >= 1 else ()
        return Mutation(session.pack.id, tuple(verdicts), unused)


class ScenariosFail(Exception):
    """Scenarios fail before anything was changed; the results say which."""

    def __init__(self, results: list[Result]) -> None:
        self.results = results
        super().__init__(_("有场景不通过，先让它们通过，再做变异"))


def _require_all_pass(results: list[Result], say: Say) -> None:
    failed = [result for result in results if not result.passed]
    if failed or not results:
        raise ScenariosFail(failed)
    say(_("%d 个场景全部通过，开始变异") % len(results))


def _progress(total: int, say: Say) -> Callable[[Verdict], None]:
    done = 0

    def each(verdict: Verdict) -> None:
        nonlocal done
        done += 1
        if verdict.outcome == "survived":
            say(_("存活：%s") % mutate.identity(verdict.mutant))
        elif done % 25 == 0:
            say(f"{done} / {total}")

    return each


def _remembered(mutant: Any, killer: str | None, equivalents: Mapping[str, str]) -> Verdict:
    return Verdict(mutant, killer, equivalents.get(mutate.identity(mutant)))


def _idle(equivalents: Mapping[str, str], chosen: list[Any]) -> tuple[str, ...]:
    """Listed equivalents that are no mutant any more: the list must not outlive its reason."""
    return tuple(sorted(set(equivalents) - {mutate.identity(one) for one in chosen}))


def _keep(
    folder: Path,
    digest: str,
    killers: dict[str, str],
    outcomes: dict[str, str | None],
    verdicts: tuple[Verdict, ...],
) -> None:
    for one in verdicts:
        name = mutate.identity(one.mutant)
        outcomes[name] = one.killer
        if one.killer:
            killers[name] = one.killer
    cache.save(_place(folder), {"digest": digest, "outcomes": outcomes, "killers": killers})


def _place(folder: Path) -> Path:
    return Path(settings.HUIYIN_DATA) / "mutation" / f"{folder.name}.json"
