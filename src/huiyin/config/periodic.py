"""Work that returns by the clock, on one page."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from procrastinate import App, JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

STALLED_AFTER = 60  # seconds without a sign of life from the worker that took the job
KEPT = 14 * 24  # hours that a job which ended is remembered: a tick a minute fills a table


@dataclass(frozen=True)
class Returning:
    """Something that returns: when, as cron says it, and the function that does it.

    A module's own `jobs.py` has the function: it takes nothing and reads the clock itself.
    """

    name: str
    cron: str
    function: str

    @property
    def run(self) -> Callable[[], Any]:
        module, _colon, name = self.function.partition(":")
        found: Callable[[], Any] = getattr(import_module(module), name)
        return found


RETURNING: tuple[Returning, ...] = (
    Returning("tick", "* * * * *", "huiyin.obligations.jobs:tick"),
    Returning("seal", "*/10 * * * *", "huiyin.ledger.jobs:seal"),
    Returning("imports", "17 3 * * *", "huiyin.imports.jobs:forget"),
    Returning("mail", "* * * * *", "huiyin.notices.jobs:send_mail"),
)


def register(app: App) -> None:
    """Called by procrastinate once its app is ready."""

    # A worker that was killed never reports back; its job would stay "doing" for ever, and the next
    # of its kind waits behind it.
    @app.periodic(cron="* * * * *", periodic_id="stalled")
    @app.task(name="huiyin.retry_stalled", queueing_lock="stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                # The same waits anew already, behind the lock that this one holds.
                await manager.finish_job(job, Status.ABORTED, delete_job=False)

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

    for each in RETURNING:
        _let_return(app, each)


def _let_return(app: App, each: Returning) -> None:
    # queueing_lock: what has not begun yet need not be queued twice. lock: one at a time, so
    # that slow work (a mail server that hangs) never takes up every hand of the workers.
    @app.periodic(cron=each.cron, periodic_id=each.name)
    @app.task(name=f"huiyin.{each.name}", queueing_lock=each.name, lock=each.name)
    def run(timestamp: int) -> None:
        each.run()
