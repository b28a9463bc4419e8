"""The only place that reads the clock.

Everything else takes `now` (an aware moment) or `today` as an argument, so that a deadline can
be tested a second before, at and after, and a scenario can run on a simulated day. A lint rule
keeps other modules from reading the clock themselves.
"""

from datetime import UTC, date, datetime, tzinfo


def now() -> datetime:
    """The present moment, in UTC. Called at the edge: in views, jobs and commands."""
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    """The present date in `zone`, usually the firm's."""
    return now().astimezone(zone).date()
