"""Work that returns by the clock: every line names something that is there, and is registered."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.testing import InMemoryConnector

from huiyin.config.periodic import RETURNING, register
from huiyin.config.scratch import Scratch


def test_every_line_names_a_function_that_is_there() -> None:
    assert len({each.name for each in RETURNING}) == len(RETURNING)
    for each in RETURNING:
        assert callable(each.run)


def test_every_line_returns_one_at_a_time() -> None:
    app = App(connector=InMemoryConnector())

    register(app)

    returning = {task.periodic_id: task for task in app.periodic_registry.periodic_tasks.values()}
    assert {"stalled", "tick", "mail"} <= set(returning)
    assert returning["stalled"].cron == "* * * * *"  # the next tick waits behind a dead one
    for each in RETURNING:
        task = returning[each.name]
        assert task.cron == each.cron
        assert task.task.name == f"huiyin.{each.name}"
        assert task.task.lock == task.task.queueing_lock == each.name


DIED = """
WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '70 seconds')
              RETURNING id)
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id)
SELECT 'default', name, name, name, 'doing', dead.id FROM dead, unnest(%s::text[]) AS name
"""
QUEUED = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock)
VALUES ('default', 'huiyin.tick', 'huiyin.tick', 'huiyin.tick')
"""


def test_what_died_and_waits_anew_keeps_neither_itself_nor_others_from_going_on(
    scratch_db: Scratch,
) -> None:
    """The minute's tick is queued while the one that was killed still counts as being done."""
    with psycopg.connect(scratch_db.application, autocommit=True) as session:
        session.execute(DIED, [["huiyin.tick", "huiyin.seal"]])
        session.execute(QUEUED)
        with ThreadPoolExecutor(1) as beside:  # a browser's test may have left a loop in this one
            beside.submit(asyncio.run, look_for_stalled(scratch_db)).result()
        rows = session.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")
        assert rows.fetchall() == [
            ("huiyin.tick", "aborted"), ("huiyin.seal", "todo"), ("huiyin.tick", "todo"),
        ]  # fmt: skip


async def look_for_stalled(scratch: Scratch) -> None:
    app = App(connector=PsycopgConnector(conninfo=scratch.application))
    register(app)
    async with app.open_async():
        await app.tasks["huiyin.retry_stalled"].func(SimpleNamespace(app=app), 0)
