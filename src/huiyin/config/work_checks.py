"""Does the work behind the pages go on: a worker, its ticks, its queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from huiyin.core.health import Finding, Status

HEARTBEAT = timedelta(minutes=2)  # a worker tells every ten seconds that it lives
TICKS = timedelta(minutes=3)  # two ticks that did not come
LAG, WORST_LAG = timedelta(minutes=5), timedelta(hours=1)

# A process that was killed leaves its row behind, and the next worker removes it.
ALIVE = "SELECT max(last_heartbeat) FROM procrastinate_workers"
HOUSE_RUNS = """
SELECT EXISTS (SELECT 1 FROM pg_stat_activity
               WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid())
"""
LAST_TICK = """
SELECT event.at FROM procrastinate_events event WHERE event.type = 'succeeded' AND event.job_id = (
    SELECT id FROM procrastinate_jobs WHERE task_name = 'huiyin.tick' AND status = 'succeeded'
    ORDER BY id DESC LIMIT 1)
"""
OLDEST_WAITING = """
SELECT min(greatest(event.at, job.scheduled_at)), count(DISTINCT job.id) FROM procrastinate_jobs job
JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND coalesce(job.scheduled_at, event.at) <= %s
"""
BROKEN = """
SELECT job.task_name, count(*) FROM procrastinate_jobs job
JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'failed'
WHERE job.status = 'failed' AND event.at > %s GROUP BY 1 ORDER BY 1
"""


def worker(now: datetime) -> Iterator[Finding]:
    key, title = "worker", _("后台")
    (beat,) = _row(ALIVE)
    (runs,) = _row(HOUSE_RUNS, [settings.HUIYIN_APPLICATION_ROLE])
    if beat is not None and beat >= now - HEARTBEAT:
        yield Finding(key, title, Status.OK)
        yield from tick(now)
        return
    found = _("最后的动静是 %s") % f"{beat:%Y-%m-%d %H:%M:%S} UTC" if beat else _("没有在运行")
    yield Finding(
        key, title, Status.FAILED if runs else Status.WARNING, found,
        _("没有后台，逾期、提醒、备份都不会发生") if runs else _("回音现在没有运行"),
        _("用 huiyin serve 启动；多台机器时另启动 huiyin worker"),
    )  # fmt: skip


def tick(now: datetime) -> Iterator[Finding]:
    """Asked only where a worker lives: without one no tick can be expected."""
    key, title = "tick", _("每分钟的巡查")
    last = _row(LAST_TICK)
    found = _("最近一次 %s") % f"{last[0]:%Y-%m-%d %H:%M:%S} UTC" if last else _("还没有过")
    if last is not None and last[0] >= now - TICKS:
        yield Finding(key, title, Status.OK, found)
        return
    yield Finding(
        key, title, Status.WARNING if last is None else Status.FAILED, found,
        _("已经漏了两次：到期的义务没有人看，逾期不会被发现"),
        _("看后台的日志；重新启动 huiyin serve 或 huiyin worker"),
    )  # fmt: skip


def queue(now: datetime) -> Iterator[Finding]:
    key, title = "queue", _("排队的任务")
    oldest, count = _row(OLDEST_WAITING, [now])
    lag = now - oldest if oldest else timedelta(0)
    found = _("%(count)s 项，最久的等了 %(seconds)s 秒") % {
        "count": count,
        "seconds": max(0, round(lag.total_seconds())),
    }
    status = Status.OK if lag <= LAG else Status.WARNING
    status = Status.FAILED if lag > WORST_LAG else status
    if status is Status.OK:
        yield Finding(key, title, status, found)
    else:
        yield Finding(
            key, title, status, found,
            _("后台没有运行，或忙不过来"), _("启动后台；再慢就加 HUIYIN_WORKER_JOBS"),
        )  # fmt: skip
    yield from failed_jobs(now)


def failed_jobs(now: datetime) -> Iterator[Finding]:
    key, title = "failed_jobs", _("失败的任务")
    with connection.cursor() as cursor:
        cursor.execute(BROKEN, [now - timedelta(days=1)])
        rows = cursor.fetchall()
    if not rows:
        yield Finding(key, title, Status.OK)
        return
    yield Finding(
        key, title, Status.WARNING,
        ", ".join(f"{name} × {count}" for name, count in rows),
        _("一天之内出过错，没有做完"), _("看后台的日志里的原因"),
    )  # fmt: skip


def _row(statement: str, parameters: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()
