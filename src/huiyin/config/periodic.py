"""Work that returns by the clock, on one page."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from procrastinate import App, JobContext

STALLED_AFTER = 120  # seconds without a sign of life from the worker that took the job
KEPT = 14 * 24  # hours that a job which ended is remembered: a tick a minute fills a table


def register(app: App) -> None:
    """Called by procrastinate once its app is ready."""

    # A worker that was killed never reports back; its job would stay "doing" for ever.
    @app.periodic(cron="*/5 * * * *", periodic_id="stalled")
    @app.task(name="huiyin.retry_stalled", queueing_lock="stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            await manager.retry_job(job)

    @app.periodic(cron="23 * * * *", periodic_id="forget")
    @app.task(name="huiyin.forget_jobs", queueing_lock="forget", pass_context=True)
    async def forget_jobs(context: JobContext, timestamp: int) -> None:
        await context.app.job_manager.delete_old_jobs(
            nb_hours=KEPT, include_failed=True, include_cancelled=True, include_aborted=True
        )

    # Asked often, due once a night: so a machine that was off makes up for it when it is on.
    @app.periodic(cron="*/10 * * * *", periodic_id="backup")
    @app.task(name="huiyin.nightly_backup", queueing_lock="backup", lock="backup")
    async def nightly_backup(timestamp: int) -> None:
        from huiyin.config.backup.nightly import run_if_due

        await run_if_due()

    tick = _tick()
    if tick is not None:
        # queueing_lock: a tick that has not begun yet need not be queued twice.
        @app.periodic(cron="* * * * *", periodic_id="tick")
        @app.task(name="huiyin.tick", queueing_lock="tick", lock="tick")
        def run_tick(timestamp: int) -> None:
            tick()


def _tick() -> Any:
    if find_spec("huiyin.obligations.jobs") is None:
        return None
    return import_module("huiyin.obligations.jobs").tick
