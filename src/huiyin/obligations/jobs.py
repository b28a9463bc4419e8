"""The periodic job: look at everything whose moment has passed."""

from __future__ import annotations

from huiyin.core import clock
from huiyin.obligations import services


def tick() -> int:
    """Sweep and close periods up to now; safe to run side by side and again."""
    return services.tick(now=clock.now())
