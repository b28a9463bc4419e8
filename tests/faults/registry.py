"""Every service of the product, read from its code: so that none is forgotten when faults are tried.

A service is a public function of a `services` module, or any function that opens a transaction.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import huiyin

PACKAGE = Path(huiyin.__file__).parent

# Nothing of a firm is written there: measurements, scenarios and backups have tests of their own.
BESIDE = ("bench", "scenarios", "config", "policy", "core")


@cache
def services() -> frozenset[str]:
    """Each as `module:function`, the module without the name of the product."""
    return frozenset(
        f"{name}:{function.name}"
        for path in PACKAGE.rglob("*.py")
        if (name := module_of(path)).split(".")[0] not in BESIDE
        for function in functions(ast.parse(path.read_text("utf-8")))
        if is_service(function, name)
    )


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def is_service(function: ast.FunctionDef, module: str) -> bool:
    if module.endswith("services") and not function.name.startswith("_"):
        return True
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "atomic"
        and isinstance(node.value, ast.Name)
        and node.value.id == "transaction"
        for node in ast.walk(function)
    )
