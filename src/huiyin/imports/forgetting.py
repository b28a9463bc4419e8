"""What nobody needs any more of imports goes, and what nobody works on is not left running.

A transaction a batch: one that somebody moves on meanwhile keeps none of the others.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from huiyin.core.errors import Conflict
from huiyin.imports import services
from huiyin.imports.models import FilePart, ImportBatch, StagedRow

LEFT_LYING = timedelta(days=7)
"""What was uploaded or tried out and never applied goes after so long."""

State = ImportBatch.State

JOBS = {
    State.STAGING: services.CHECK,
    State.APPLYING: services.APPLY,
    State.UNDOING: services.UNDO,
}


def forget(*, now: datetime) -> int:
    """Empty what nobody needs any more; returns of how many batches."""
    for batch in _running():
        _end_without_job(batch)
    return sum([_give_up(batch) for batch in _lying(now)] + [_empty(b, now) for b in _over(now)])


def _running() -> QuerySet[ImportBatch]:
    # What has no choices is staged by a command, which takes it up again itself.
    return ImportBatch.objects.filter(state__in=JOBS).exclude(state=State.STAGING, choices={})


def _lying(now: datetime) -> QuerySet[ImportBatch]:
    """What was left lying, and what was given up while a job wrote to it and died."""
    own = {"batch": OuterRef("pk")}
    holds = Exists(FilePart.objects.filter(**own)) | Exists(StagedRow.objects.filter(**own))
    old = Q(state__in=services.WAITING, created_at__lt=now - LEFT_LYING)
    return ImportBatch.objects.filter(old | Q(holds, state=State.CANCELLED))


def _over(now: datetime) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(
        state__in=[State.APPLIED, State.UNDONE],
        applied_at__lt=now - services.KEPT,
        emptied_at=None,
    )


@transaction.atomic
def _end_without_job(batch: ImportBatch) -> None:
    """A batch whose job is gone is as it was before it."""
    # State and job are written in one transaction: under the lock they belong together.
    locked = ImportBatch.objects.select_for_update(skip_locked=True).filter(pk=batch.pk)
    for found in locked.filter(state__in=JOBS):
        jobs = ProcrastinateJob.objects.filter(
            task_name=JOBS[State(found.state)], args__batch=found.pk, status__in=["todo", "doing"]
        )
        if not jobs.exists():
            services.came_to_nothing(found)


def _give_up(batch: ImportBatch) -> bool:
    with suppress(Conflict):
        services.cancel(batch)
        return True
    return False


@transaction.atomic
def _empty(batch: ImportBatch, now: datetime) -> bool:
    said = {"head": None, "notices": [], "obstacles": None, "emptied_at": now}
    if not _over(now).filter(pk=batch.pk).update(**said):
        return False
    batch.rows.update(values=None, cells=None, value="", detail="")
    batch.effects.update(before=None, after=None)
    return True
