"""The vocabulary: importing this declares every step."""

from huiyin.scenarios.steps import acts, filing, passing, scene, statements, verdicts

__all__ = ["acts", "filing", "passing", "scene", "statements", "verdicts"]
