"""The periodic job: look at everything whose moment has passed, plan what returns."""

from __future__ import annotations

from datetime import datetime

from huiyin.core import clock
from huiyin.obligations import services

_planned: datetime | None = None


def tick() -> int:
    """Sweep, close and plan up to now; safe to run side by side and again.

    The planner runs first thing in every hour and in every worker that starts: it finds by itself
    what is missing, so nobody has to remember what was planned.
    """
    global _planned
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    opened = 0
    if _planned != hour:
        opened = services.plan(now=now)
        _planned = hour
    return opened + services.tick(now=now)
