"""The vocabulary: importing this declares every step."""

from huiyin.scenarios.steps import (
    acts,
    cases,
    consents,
    filing,
    items,
    passing,
    people,
    points,
    scene,
    statements,
    tables,
    verdicts,
)

__all__ = [
    "acts",
    "cases",
    "consents",
    "filing",
    "items",
    "passing",
    "people",
    "points",
    "scene",
    "statements",
    "tables",
    "verdicts",
]
