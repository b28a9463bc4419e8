"""What can go wrong in a scenario.

ScenarioError
├── FeatureError    the file is not Gherkin
├── UndefinedStep   no step of the vocabulary reads like this
├── Misused         a step names something the scenario or the pack does not know
└── Unmet           the step was understood and what it says is not so
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _


class ScenarioError(Exception):
    """Anything that makes a scenario fail; the text is for its author."""


class FeatureError(ScenarioError):
    """A feature file that the Gherkin parser refuses, with the place of every mistake."""

    def __init__(self, path: Path, places: Sequence[tuple[int, int, str]]) -> None:
        self.path = path
        self.places = tuple(places)
        super().__init__("\n".join(f"{path}:{line}:{col}  {text}" for line, col, text in places))


class UndefinedStep(ScenarioError):
    """A step that nothing in the vocabulary matches, with the steps that read most like it."""

    def __init__(self, text: str, near: Sequence[str]) -> None:
        self.text = text
        self.near = tuple(near)
        message = _("没有这样的步骤：%(step)s") % {"step": text}
        if near:
            message += _("\n相近的步骤：") + "".join(f"\n  {line}" for line in near)
        super().__init__(message)


class Misused(ScenarioError):
    """A step whose names, table or order make no sense in this scenario."""


class Unmet(ScenarioError):
    """A step that was carried out and does not hold."""

    def __init__(self, expected: str, actual: str) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(
            _("应为：%(expected)s\n实为：%(actual)s") % {"expected": expected, "actual": actual}
        )
