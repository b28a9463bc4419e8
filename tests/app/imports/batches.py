"""Imports at every step, for tests that walk through all pages."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from huiyin.imports import mapping, services
from huiyin.imports.importer import importer_of
from huiyin.imports.models import ImportBatch
from huiyin.imports.uploads import Upload

TABLE = "title\nnumber,name,phone,zone\n{0}1,Ann,13900139001,\n{0}2,Bob,13900,\n{0}3,Eve,,Mars\n"


def uploaded(prefix: str, *, by: int, now: datetime) -> ImportBatch:
    """A small list of customers, one of which is right and one in doubt, that waits for its columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text(TABLE.format(prefix), encoding="utf-8")
        given = Upload(path, "list.csv", "customers")
        return services.upload(given, importer=importer_of("customers"), by=by, now=now)


def chosen(prefix: str, *, by: int, now: datetime) -> ImportBatch:
    """The same with its columns as they were guessed; it waits for its job."""
    batch = uploaded(prefix, by=by, now=now)
    importer = importer_of("customers")
    choices = mapping.proposed(batch, importer.expected(""))
    services.choose(batch, choices, importer=importer, now=now)
    return batch


def tried(prefix: str, *, by: int, now: datetime) -> ImportBatch:
    """The same, staged and tried out."""
    batch = chosen(prefix, by=by, now=now)
    services.check(batch, now=now)
    batch.refresh_from_db()
    return batch


def applied(prefix: str, *, by: int, now: datetime) -> ImportBatch:
    """The same, brought in."""
    return services.apply(tried(prefix, by=by, now=now), importer=importer_of("customers"), now=now)


def undone(prefix: str, *, by: int, now: datetime) -> ImportBatch:
    """The same, taken back."""
    batch = applied(prefix, by=by, now=now)
    ImportBatch.objects.filter(pk=batch.pk).update(undo_reason="Wrong file", undone_by=by)
    services.undo(batch, importer=importer_of("customers"), now=now)
    batch.refresh_from_db()
    return batch


def at_every_step(*, by: int, now: datetime) -> dict[str, int]:
    """One batch at each step, by the name of the step."""
    cancelled = uploaded("C", by=by, now=now)
    services.cancel(cancelled)
    running = tried("R", by=by, now=now)
    ImportBatch.objects.filter(pk=running.pk).update(state="applying")
    failed = uploaded("F", by=by, now=now)
    ImportBatch.objects.filter(pk=failed.pk).update(state="failed", error="x")
    kept = applied("H", by=by, now=now)
    why = {"total": 1, "rows": [[3, "H1", "x"]]}
    ImportBatch.objects.filter(pk=kept.pk).update(obstacles=why)
    return {
        "uploaded": uploaded("U", by=by, now=now).pk,
        "tried": tried("T", by=by, now=now).pk,
        "applied": applied("A", by=by, now=now).pk,
        "undone": undone("B", by=by, now=now).pk,
        "cancelled": cancelled.pk,
        "running": running.pk,
        "failed": failed.pk,
        "kept": kept.pk,
    }
