"""Work that returns by the clock: every line names something that is there, and is registered."""

from procrastinate import App
from procrastinate.testing import InMemoryConnector

from huiyin.config.periodic import RETURNING, register


def test_every_line_names_a_function_that_is_there() -> None:
    assert len({each.name for each in RETURNING}) == len(RETURNING)
    for each in RETURNING:
        assert callable(each.run)


def test_every_line_returns_one_at_a_time() -> None:
    app = App(connector=InMemoryConnector())

    register(app)

    returning = {task.periodic_id: task for task in app.periodic_registry.periodic_tasks.values()}
    assert {"stalled", "tick", "mail"} <= set(returning)
    for each in RETURNING:
        task = returning[each.name]
        assert task.cron == each.cron
        assert task.task.name == f"huiyin.{each.name}"
        assert task.task.lock == task.task.queueing_lock == each.name
