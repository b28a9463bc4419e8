"""Judges the sense of a pack: what its form alone cannot show."""

from __future__ import annotations

from huiyin.policy.errors import PackError


def lint(pack: object) -> list[PackError]:
    return []
