"""Taking a file in: stage its rows in chunks, judge them all, apply them at once, undo it whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from huiyin.accounts.queries import zone
from huiyin.core.copying import copy_rows
from huiyin.core.errors import Conflict
from huiyin.core.words import require_reason
from huiyin.imports import judging, mapping, staging, uploads
from huiyin.imports.binding import Bound
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import Brought, Importer, Obstacle, importer_of
from huiyin.imports.maps import parse_map
from huiyin.imports.models import Effect, ImportBatch, Progress, RememberedMap
from huiyin.imports.reading import Table
from huiyin.imports.staging import Order, Outcome, Report, State, quiet
from huiyin.imports.uploads import Upload

__all__ = [
    "Order", "Upload", "apply", "apply_later", "came_to_nothing", "cancel", "check", "choose",
    "choose_again", "choose_sheet", "discard", "import_file", "may_be_undone", "stage", "undo", "undo_later",
    "upload",
]  # fmt: skip

CHECK, APPLY, UNDO = "huiyin.import_check", "huiyin.import_apply", "huiyin.import_undo"
"""Jobs; each takes the id of a batch and nothing else."""

KEPT = timedelta(days=30)
"""How long refused rows can be fetched and an import be undone; then both are emptied."""

OBSTACLES = 200
"""Reasons against undoing that are kept for the page."""

OPEN = (State.UPLOADED, State.STAGED, State.FAILED)
WAITING = (*OPEN, State.STAGING)


def import_file(
    order: Order, *, importer: Importer, now: datetime, dry_run: bool = False
) -> ImportBatch:
    """Stage a file and apply it, or with ``dry_run`` only tell what applying would do.

    Every row ends accepted, refused (with column, value and remedy) or duplicate. Raises
    ImportStopped when the file or the map is wrong as a whole; nothing is applied then.
    """
    batch = stage(order, importer=importer, now=now, dry_run=dry_run)
    if dry_run:
        return batch
    try:
        return apply(batch, importer=importer, now=now)
    except Conflict:
        # Somebody else applied it meanwhile, or gave it up: it is as they left it.
        raise
    except Exception as error:
        # The rows stay for whoever looks into it; what the import wrote is rolled back.
        _fail(batch, State.STAGED, repr(error).partition("\\n")[0])
        raise


def stage(order: Order, *, importer: Importer, now: datetime, dry_run: bool = False) -> ImportBatch:
    """Read the file into staged rows, a chunk a transaction; an interrupted run is taken up again.

    With ``dry_run`` they are tried out too.
    """
    _refuse_mode(order.mode, importer)
    table, bound = staging.read(order, importer)
    batch = staging.begun(order, table, bound, now)
    try:
        staging.stage_into(batch, table, bound, most_rows=importer.most_rows)
        if dry_run:
            _try_out(batch, table, bound, importer=importer, now=now)
        else:
            staging.end(batch, table, bound)
    except ImportStopped:
        # Read again it would stop at the same place: there is nothing to take up.
        discard(batch)
        raise
    finally:
        staging.let_go(batch)
    return batch


@transaction.atomic
def _try_out(
    batch: ImportBatch,
    table: Table,
    bound: Bound,
    *,
    importer: Importer,
    now: datetime,
    report: Report = quiet,
) -> None:
    """Judge the staged rows against what is there now, and write nothing else.

    That they are staged is seen with what would come of them, and not before.
    """
    judging.alone()
    if staging.end(batch, table, bound):
        judging.judge(batch, importer, now=now, report=report, trial=True)


@transaction.atomic
def apply(
    batch: ImportBatch, *, importer: Importer, now: datetime, report: Report = quiet
) -> ImportBatch:
    """Judge the staged rows and write what the accepted ones mean, all or nothing.

    The file and the values of the rows go; refused ones stay for a month. Raises Conflict when
    the batch was applied already.
    """
    judging.alone()
    claimed = ImportBatch.objects.filter(pk=batch.pk, state__in=[State.STAGED, State.APPLYING])
    if not claimed.update(state=State.APPLIED, applied_at=now, error=""):
        raise Conflict(_("这批数据已经导入过了。"), code="import.applied")
    judged = judging.judge(batch, importer, now=now, report=report)
    accepted = [row for row in judged if row.outcome == Outcome.ACCEPTED]
    brought = importer.apply(accepted, occasion=judging.occasion_of(batch, now, report))
    copy_rows(
        Effect,
        ["batch_id", "number", "target_id", "act", "before", "after"],
        ((batch.pk, b.number, b.target, b.act, b.before, b.after) for b in brought),
    )
    batch.parts.all().delete()
    batch.rows.filter(code="").update(values=None, cells=None)
    batch.state, batch.applied_at = State.APPLIED, now
    return batch


@transaction.atomic
def discard(batch: ImportBatch) -> None:
    """Forget a batch that was not applied, with the values of its rows."""
    locked = ImportBatch.objects.select_for_update().filter(pk=batch.pk)
    for found in locked.exclude(state__in=[State.APPLIED, State.UNDOING, State.UNDONE]):
        found.delete()


@transaction.atomic
def upload(given: Upload, *, importer: Importer, by: int, now: datetime) -> ImportBatch:
    """Keep an uploaded file with a first guess of what its columns mean.

    Raises ImportStopped for what is no table, too big, or of an unknown kind.
    """
    expected = importer.expected(given.kind)
    head = uploads.look_into(given.path, expected)
    batch = ImportBatch.objects.create(
        what=given.what,
        kind=given.kind,
        file_name=given.name,
        file_digest=staging.file_digest(given.path),
        mode=ImportBatch.Mode.HISTORY,
        state=State.UPLOADED,
        form=head.form,
        by_id=by,
        created_at=now,
        head=head.as_json(),
        language=get_language() or "",
    )
    Progress.objects.create(batch=batch)
    uploads.keep(batch, given.path)
    return batch


@transaction.atomic
def choose_sheet(batch: ImportBatch, sheet: str, *, importer: Importer) -> None:
    """Read another sheet of a workbook; what its columns mean is guessed anew.

    Raises ImportStopped for a sheet that is no table, Conflict for a batch that is applied already.
    """
    with uploads.opened(batch) as path:
        head = uploads.look_into(path, importer.expected(batch.kind), sheet=sheet)
    said = {"form": head.form, "head": head.as_json(), "choices": {}, "error": ""}
    _move(batch, OPEN, state=State.UPLOADED, **said)


@transaction.atomic
def choose(
    batch: ImportBatch, choices: mapping.Choices, *, importer: Importer, now: datetime
) -> None:
    """Settle what the columns mean and let the rows be tried out in the background.

    What was chosen is remembered for files with the same header. Raises Invalid by field, Conflict
    for a batch that is applied already, or being so.
    """
    expected = importer.expected(batch.kind)
    _refuse_mode(choices.mode, importer)
    sheet = (batch.head or {}).get("sheet", "")
    text = mapping.map_text(choices, batch.what, batch.kind, expected, sheet=sheet)
    map_file = parse_map(text, name=batch.file_name)
    _move(
        batch,
        OPEN,
        state=State.STAGING,
        choices=choices.as_json(),
        map_text=text,
        map_digest=map_file.digest,
        mode=choices.mode,
        error="",
        language=get_language() or "",
    )
    batch.rows.all().delete()
    _wait(batch)
    _remember(batch, choices, now=now)
    app.configure_task(CHECK, queueing_lock=f"{CHECK}:{batch.pk}").defer(batch=batch.pk)


def _remember(batch: ImportBatch, choices: mapping.Choices, *, now: datetime) -> None:
    """Keep what was chosen for the next file with this header."""
    RememberedMap.objects.update_or_create(
        what=batch.what,
        kind=batch.kind,
        header_digest=mapping.header_digest(choices.titles),
        defaults={"choices": choices.as_json(), "used_at": now},
    )


def choose_again(batch: ImportBatch) -> None:
    """Back to the choice of columns. Raises Conflict once it is applied."""
    _move(batch, (State.STAGED, State.FAILED), state=State.UPLOADED)


def check(batch: ImportBatch, *, now: datetime, report: Report = quiet) -> None:
    """Stage an uploaded file and try it out; what is wrong with it as a whole is kept in words.

    Idempotent, and taken up where it stopped.
    """
    with staging.held(batch):
        batch.refresh_from_db()
        if batch.state != State.STAGING:
            return
        importer = importer_of(batch.what)
        try:
            with uploads.opened(batch) as path:
                map_file = parse_map(batch.map_text, name=batch.file_name)
                order = Order(path, map_file, batch.mode, zone(), batch.by_id, batch.file_name)
                table, bound = staging.read(order, importer)
                most = min(importer.most_rows, uploads.MOST_ROWS)
                staging.stage_into(batch, table, bound, most_rows=most, report=report)
            _try_out(batch, table, bound, importer=importer, now=now, report=report)
        except ImportStopped as stopped:
            _fail(batch, State.STAGING, str(stopped))


@transaction.atomic
def apply_later(batch: ImportBatch) -> None:
    """Let a batch that was tried out be applied in the background; asked twice it is done once."""
    _start(batch, State.STAGED, State.APPLYING, APPLY, over=State.APPLIED)


@transaction.atomic
def undo_later(batch: ImportBatch, *, reason: str, by: int) -> None:
    """Let a batch be taken back in the background. Raises Invalid without a reason, Conflict."""
    reason = require_reason(reason, missing=_("请写明为什么撤销这次导入。"))
    applied = ImportBatch.objects.filter(pk=batch.pk, state=State.APPLIED)
    applied.update(undo_reason=reason, undone_by=by)
    _start(batch, State.APPLIED, State.UNDOING, UNDO, over=State.UNDONE)


@transaction.atomic
def undo(
    batch: ImportBatch, *, importer: Importer, now: datetime, report: Report = quiet
) -> list[Obstacle]:
    """Take back whole what a batch brought, or say what was built on it and take back nothing.

    Raises Conflict for what was not applied, or so long ago that nobody knows what it changed.
    """
    judging.alone()
    batch.refresh_from_db()
    if batch.state not in (State.APPLIED, State.UNDOING) or not may_be_undone(batch, now):
        raise Conflict(_("这批导入已经不能撤销了。"), code="import.not_undoable")
    report(Progress.Phase.UNDOING, 0, 0)
    brought = _brought(batch)
    occasion = replace(judging.occasion_of(batch, now), by=batch.undone_by_id)
    obstacles = importer.obstacles(brought, occasion=occasion)
    if obstacles:
        batch.state = State.APPLIED
        batch.obstacles = {
            "total": len(obstacles),
            "rows": [[o.number, o.label, o.why] for o in obstacles[:OBSTACLES]],
        }
        batch.save(update_fields=["state", "obstacles"])
        return obstacles
    importer.undo(brought, occasion=occasion, reason=batch.undo_reason)
    batch.effects.all().update(before=None, after=None)
    batch.state, batch.undone_at, batch.obstacles = State.UNDONE, now, None
    batch.save(update_fields=["state", "undone_at", "obstacles"])
    return []


@transaction.atomic
def came_to_nothing(batch: ImportBatch) -> None:
    """A job on the batch failed; its transaction was rolled back, so the batch is as before."""
    broken = str(_("处理没有完成，什么也没有写入。请再试一次；还是不行，请联系维护人员。"))
    for during, before in (
        (State.STAGING, State.FAILED),
        (State.APPLYING, State.STAGED),
        (State.UNDOING, State.APPLIED),
    ):
        ImportBatch.objects.filter(pk=batch.pk, state=during).update(state=before, error=broken)


def may_be_undone(batch: ImportBatch, now: datetime) -> bool:
    """Whether what it changed is still known."""
    is_recent = batch.applied_at is not None and now - batch.applied_at <= KEPT
    return is_recent and batch.emptied_at is None


@transaction.atomic
def cancel(batch: ImportBatch) -> None:
    """Give up a batch that is not applied: its file and its rows go at once. Raises Conflict.

    Asked again, what came to it since goes too.
    """
    _move(
        batch, (*WAITING, State.CANCELLED), state=State.CANCELLED, head=None, notices=[], error=""
    )
    batch.parts.all().delete()
    batch.rows.all().delete()


def _brought(batch: ImportBatch) -> list[Brought]:
    rows = batch.effects.order_by("number", "id")
    return [
        Brought(number, target, act, before, after)
        for number, target, act, before, after in rows.values_list(
            "number", "target_id", "act", "before", "after"
        )
    ]


def _refuse_mode(mode: str, importer: Importer) -> None:
    if mode not in importer.modes:
        raise ImportStopped(
            "import.mode", _("这类数据只能作为历史导入，不会产生新的义务。"), mode=mode
        )


def _start(batch: ImportBatch, before: State, during: State, job: str, *, over: State) -> None:
    changed = ImportBatch.objects.filter(pk=batch.pk, state=before).update(
        state=during, error="", obstacles=None, language=get_language() or ""
    )
    if not changed:
        batch.refresh_from_db()
        if batch.state not in (during, over):
            raise Conflict
        return
    _wait(batch)
    app.configure_task(job, queueing_lock=f"{job}:{batch.pk}").defer(batch=batch.pk)


def _wait(batch: ImportBatch) -> None:
    Progress.objects.update_or_create(
        batch=batch, defaults={"phase": Progress.Phase.WAITING, "done": 0, "total": 0}
    )


def _move(batch: ImportBatch, states: tuple[State, ...], **changes: Any) -> None:
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=states).update(**changes):
        raise Conflict(_("这批导入已经不在这一步了，请刷新页面。"), code="import.moved")
    for name, value in changes.items():
        setattr(batch, name, value)


def _fail(batch: ImportBatch, during: State, why: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=during).update(
        state=State.FAILED, error=why[:2000]
    )
