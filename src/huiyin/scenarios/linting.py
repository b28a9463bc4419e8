"""Mistakes in a pack and in its scenarios, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.policy.errors import PackError, PackErrors
from huiyin.policy.lint import lint as lint_pack
from huiyin.policy.loading import Pack, load_pack
from huiyin.scenarios import features
from huiyin.scenarios import steps as _vocabulary  # noqa: F401  declares the steps
from huiyin.scenarios.errors import FeatureError, ScenarioError
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.vocabulary import bind


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to put right, at a place that counts from 1."""

    file: str
    line: int
    column: int
    message: str
    level: str = "error"

    def __str__(self) -> str:
        mark = "" if self.level == "error" else _("提示：")
        return f"{self.file}:{self.line}:{self.column}  {mark}{self.message}"

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "level": self.level,
            "message": self.message,
        }


def lint(folder: Path) -> list[Finding]:
    """Everything wrong with a pack's rules, texts and scenarios, in the order of the files."""
    try:
        pack = load_pack(folder)
    except PackErrors as errors:
        return [_of_pack(error) for error in errors.errors]
    return [*map(_of_pack, lint_pack(pack)), *_of_scenarios(folder, pack)]


def _of_pack(error: PackError) -> Finding:
    text = error.say(get_language() or "zh").partition("  ")[2]
    return Finding(error.file, error.line, error.column, text, error.level)


def _of_scenarios(folder: Path, pack: Pack) -> list[Finding]:
    findings = []
    for path in sorted((folder / "scenarios").glob("*.feature")):
        try:
            scenarios = features.read([path])
        except FeatureError as error:
            findings += [
                Finding(str(path), line, column, text) for line, column, text in error.places
            ]
            continue
        for scenario in scenarios:
            findings += _of_scenario(scenario, pack)
    return list(dict.fromkeys(findings))


def _of_scenario(scenario: Scenario, pack: Pack) -> list[Finding]:
    file = str(scenario.path)
    findings = [
        Finding(file, scenario.line, 1, _("标签“@%s”不是这个制度的条款") % tag)
        for tag in sorted(scenario.tags)
        if tag not in pack.clauses
    ]
    for step in scenario.steps:
        try:
            bind(step)
        except ScenarioError as error:
            findings.append(Finding(file, step.line, 1, str(error)))
    return findings
