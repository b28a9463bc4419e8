"""What stands below knows nothing of what stands above: in imports and in foreign keys."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from tests.architecture.floors import CHECKOUT, PACKAGE, floors

# What flows upwards flows through these and nothing else; the last is the ledger's one seam.
REGISTRIES = {"core/acts.py", "obligations/populations.py", "accounts/owned.py"}
SEAMS = {"ledger/services.py": "subscribe"}
# These fill a tool's own list at start, and let no module reach a higher one.
OUTSIDE_TOOLS = {"config/periodic.py"}


def wrong_way(
    keys: Iterator[tuple[str, str, str]], floor_of: dict[str, int]
) -> list[tuple[str, str, str]]:
    """Of (field, from app, to app) those that point upwards or to a sibling."""
    return [
        (name, source, target)
        for name, source, target in keys
        if source != target and floor_of[target] >= floor_of[source]
    ]


def foreign_keys() -> Iterator[tuple[str, str, str]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and isinstance(field.related_model, type):
                source, target = _app(model), _app(field.related_model)
                if source and target:
                    yield f"{model.__name__}.{field.name}", source, target


def _app(model: type[models.Model]) -> str:
    package, _, rest = model.__module__.partition(".")
    return rest.split(".")[0] if package == "huiyin" else ""


def test_foreign_keys_point_downwards() -> None:
    keys = list(foreign_keys())

    assert len(keys) > 20, "the walk finds the keys at all"
    assert wrong_way(iter(keys), floors()) == []


def test_a_key_to_a_sibling_or_upwards_is_found() -> None:
    planted = [
        ("Followup.survey", "followups", "surveys"),
        ("Obligation.record", "obligations", "records"),
        ("Record.about", "records", "ledger"),
    ]

    assert wrong_way(iter(planted), floors()) == planted[:2]


def test_imports_keep_the_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True)

    assert said.returncode == 0, said.stdout[-4000:]


def test_there_are_three_registries_and_no_fourth() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.name != "commands.py" and "register" in _functions(path)
    }

    assert found - OUTSIDE_TOOLS - _templatetags() <= REGISTRIES


def test_the_ledger_has_the_only_subscription() -> None:
    found = {
        str(path.relative_to(PACKAGE)): "subscribe"
        for path in PACKAGE.rglob("*.py")
        if "subscribe" in _functions(path)
    }

    assert found == SEAMS


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _templatetags() -> set[str]:
    return {str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("templatetags/*.py")}


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)
