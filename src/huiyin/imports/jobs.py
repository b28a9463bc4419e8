"""Work on a file in the background: try it out, apply it, take it back; and emptying what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import translation
from procrastinate.contrib.django import app

from huiyin.core import clock
from huiyin.imports import forgetting, services
from huiyin.imports.importer import importer_of
from huiyin.imports.models import ImportBatch
from huiyin.imports.staging import Report


@app.task(name=services.CHECK)
def check(batch: int) -> None:
    """Stage a file and try it out."""
    _run(batch, ImportBatch.State.STAGING, _check)


@app.task(name=services.APPLY)
def apply(batch: int) -> None:
    """Write what a file brings; again after a crash, with one effect."""
    _run(batch, ImportBatch.State.APPLYING, _apply)


@app.task(name=services.UNDO)
def undo(batch: int) -> None:
    """Take back what a file brought, if nothing was built on it."""
    _run(batch, ImportBatch.State.UNDOING, _undo)


def forget() -> int:
    """Empty what is kept of files that were applied long ago, and give up what was left lying."""
    return forgetting.forget(now=clock.now())


def _check(batch: ImportBatch, report: Report) -> None:
    services.check(batch, now=clock.now(), report=report)


def _apply(batch: ImportBatch, report: Report) -> None:
    services.apply(batch, importer=importer_of(batch.what), now=clock.now(), report=report)


def _undo(batch: ImportBatch, report: Report) -> None:
    services.undo(batch, importer=importer_of(batch.what), now=clock.now(), report=report)


def _run(id: int, state: str, work: Callable[[ImportBatch, Report], None]) -> None:
    """Do the work on a batch that waits for it; where it fails, the batch is as it was before."""
    batch = ImportBatch.objects.filter(pk=id, state=state).first()
    if batch is None:
        return
    done = False
    try:
        with translation.override(batch.language or None), _reporting(id) as report:
            work(batch, report)
        done = True
    finally:
        if not done:
            services.came_to_nothing(batch)


@contextmanager
def _reporting(batch: int) -> Iterator[Report]:
    """Progress goes over a connection of its own: the work's own transaction is seen by nobody yet."""
    beside = connection.copy()

    def report(phase: str, done: int, total: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute(
                "update imports_progress set phase = %s, done = %s, total = %s where batch_id = %s",
                [phase, done, total, batch],
            )

    try:
        yield report
    finally:
        beside.close()
