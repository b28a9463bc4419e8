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

# What flows upwards flows through these, filled at start, and through the ledger's one seam.
# Health is not of the product's work: the doctor alone asks what rooms can tell of themselves.
REGISTRIES = {
    "huiyin.core.acts.register_checker",
    "huiyin.obligations.populations.register",
    "huiyin.accounts.owned.register",
    "huiyin.core.health.register_check",
    "huiyin.core.health.register_invariants",
}
SUBSCRIPTION = "huiyin.ledger.services.subscribe"


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


def test_modules_fill_the_known_registries_at_start_and_no_other() -> None:
    filled = {
        name
        for path in PACKAGE.rglob("apps.py")
        for name in calls_in_ready(path.read_text("utf-8"))
    }

    assert filled <= REGISTRIES | {SUBSCRIPTION}
    assert "huiyin.core.acts.register_checker" in filled, "the policy's guards are asked"


def test_another_registry_is_found() -> None:
    planted = """
class Config:
    def ready(self):
        from huiyin.notices import channels as c
        c.register("sms")
"""

    assert calls_in_ready(planted) == ["huiyin.notices.channels.register"]


def test_only_these_two_subscribe_to_the_ledger() -> None:
    """What facts open, and the appointments that a withdrawn consent calls off (decision 17)."""
    subscribers = [
        path.parent.name
        for path in PACKAGE.rglob("apps.py")
        if SUBSCRIPTION in calls_in_ready(path.read_text("utf-8"))
    ]

    assert sorted(subscribers) == ["followups", "obligations"]


def calls_in_ready(source: str) -> list[str]:
    """The full names of functions that `AppConfig.ready()` calls as statements of their own."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    (*_, ready) = [
        None,
        *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "ready"),
    ]
    called = [
        ast.unparse(node.value.func)
        for node in (ast.walk(ready) if ready else ())
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    return [imported.get(head, head) + dot + rest for head, dot, rest in _split(called)]


def _split(names: list[str]) -> list[tuple[str, str, str]]:
    return [name.partition(".") for name in names]


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)
