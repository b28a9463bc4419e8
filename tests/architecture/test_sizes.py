"""Budgets for size. What is over is listed with its size, and the list may only shrink."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.floors import CHECKOUT, PACKAGE

FUNCTION_LINES = 50
FILE_LINES = {".py": 400, ".html": 120, ".css": 250, ".js": 120}

# Path or path:function → lines it has now. Never raise a number, never add a line.
OVERSIZE: dict[str, int] = {}


def ours() -> Iterator[Path]:
    for root in (PACKAGE, CHECKOUT / "tests", CHECKOUT / "tools", CHECKOUT / "bench"):
        for path in root.rglob("*"):
            if path.suffix in FILE_LINES and not {"migrations", "vendor"} & set(path.parts):
                yield path


def sizes(root: Path | None = None) -> Iterator[tuple[str, int, int]]:
    """Name, lines and budget of every file and every Python function, or of one file."""
    for path in [root] if root else ours():
        text = path.read_text("utf-8")
        name = str(path.relative_to(CHECKOUT))
        yield name, len(text.splitlines()), FILE_LINES[path.suffix]
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    yield f"{name}:{node.name}", lines, FUNCTION_LINES


def test_what_is_over_its_budget_is_listed_with_its_size() -> None:
    assert {name: lines for name, lines, budget in sizes() if lines > budget} == OVERSIZE


def test_the_budget_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.FUNCTION_LINES", 3)

    over = {name for name, lines, budget in sizes(Path(__file__)) if lines > budget}

    assert "tests/architecture/test_sizes.py:sizes" in over
