"""What the worker does by itself, and what imports consist of."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import translation

from huiyin.accounts import services as accounts
from huiyin.cases.importing import IMPORTER as OLD_CASES
from huiyin.imports import forgetting, jobs, mapping
from huiyin.imports import services as imports
from huiyin.imports.importer import Importer, importer_of
from huiyin.imports.maps import parse_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.services import Order
from huiyin.ledger import sealing
from huiyin.obligations import services as obligations
from huiyin.subjects.importing import IMPORTER as SUBJECTS
from tests.access.world import DAY, World
from tests.app.imports import batches, estate
from tests.faults.acts import Prepare, make_export
from tests.faults.breaking import Act

REPAIRS = """\
WX-0,㐂园,水管漏水,P4,2026-03-01 09:00,2026-03-01 10:00
S1,㐂园,水管漏水,P4,2026-02-20 08:00,2026-02-21 09:00
S2,㐂园,水管漏水,P4,2026-02-20 08:00,
"""
OLD_MAP = """
import: cases
columns:
  number: {column: 编号}
  customer: {column: 户}
  kind: {constant: 意见}
  description: {column: 内容}
  raised: {column: 时间}
  reply: {column: 答复}
  replied: {column: 答复时间}
"""
OLD = "编号,户,内容,时间,答复,答复时间\n1,3栋1202,路灯不亮,2026/1/5 12:00,已修好,2026/1/6\n"


def at(days: int, act: object) -> Prepare:
    """The same for all of the worker's: so many days later."""
    return lambda w: lambda: act(now=w.later + days * DAY)  # type: ignore[operator]


def staged(text: str, map_text: str, importer: Importer, mode: str, now: datetime) -> ImportBatch:
    return imports.stage(order(text, map_text, mode), importer=importer, now=now)


def order(text: str, map_text: str, mode: str) -> Order:
    folder = Path(tempfile.mkdtemp())
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return Order(path, parse_map(map_text, name="m.yaml"), mode, ZoneInfo("Asia/Shanghai"))


def take_in(text: str, map_text: str, importer: Importer, mode: str) -> Prepare:
    def prepare(w: World) -> Act:
        batch = staged(text, map_text, importer, mode, w.later)
        return lambda: imports.apply(batch, importer=importer, now=w.later)

    return prepare


def take_back(text: str, map_text: str, importer: Importer, mode: str) -> Prepare:
    def prepare(w: World) -> Act:
        batch = staged(text, map_text, importer, mode, w.later)
        imports.apply(batch, importer=importer, now=w.later)
        assert batch.accepted, list(batch.rows.values("code", "column", "value"))
        by = w.place.firm.manager.pk
        ImportBatch.objects.filter(pk=batch.pk).update(undo_reason="错", undone_by=by)
        return lambda: imports.undo(batch, importer=importer, now=w.later)

    return prepare


def customers(w: World) -> Act:
    batch = batches.tried("Y", by=w.place.firm.manager.pk, now=w.later)
    return lambda: imports.apply(batch, importer=importer_of("customers"), now=w.later)


def customers_back(w: World) -> Act:
    batch = batches.applied("Y", by=w.place.firm.manager.pk, now=w.later)
    by = w.place.firm.manager.pk
    ImportBatch.objects.filter(pk=batch.pk).update(undo_reason="错", undone_by=by)
    return lambda: imports.undo(batch, importer=importer_of("customers"), now=w.later)


def import_again(w: World, *, dry_run: bool) -> Act:
    """What failed stays for whoever looks into it; who imports once more has done so."""
    wanted = order(estate.HEADER + REPAIRS, estate.MAP, "live")

    def act() -> None:
        for failed in ImportBatch.objects.filter(by=None, file_name="table.csv"):
            if failed.state in ("failed", "staged"):
                imports.discard(failed)
        imports.import_file(wanted, importer=SUBJECTS, now=w.later, dry_run=dry_run)

    return act


def one_file(w: World) -> Act:
    return import_again(w, dry_run=False)


def try_out(w: World) -> Act:
    return import_again(w, dry_run=True)


def chosen(w: World) -> ImportBatch:
    batch = batches.uploaded("Z", by=w.place.firm.manager.pk, now=w.later)
    importer = importer_of("customers")
    choices = mapping.proposed(batch, importer.expected(""))
    imports.choose(batch, choices, importer=importer, now=w.later)
    return batch


def check(w: World) -> Act:
    batch = chosen(w)
    return lambda: imports.check(batch, now=w.later)


def came_to_nothing(w: World) -> Act:
    batch = chosen(w)
    return lambda: imports.came_to_nothing(batch)


def choose_sheet(w: World) -> Act:
    batch = batches.uploaded("S", by=w.place.firm.manager.pk, now=w.later)
    return lambda: imports.choose_sheet(batch, "", importer=importer_of("customers"))


def choose_again(w: World) -> Act:
    return lambda: imports.choose_again(ImportBatch.objects.get(pk=w.ids["tried"]))


def discard(w: World) -> Act:
    return lambda: imports.discard(ImportBatch.objects.get(pk=w.ids["tried"]))


def apply_job(w: World) -> Act:
    """As the worker is asked for it: where it fails the batch is as before, and is asked for again."""
    pk = w.ids["running"]

    def act() -> None:
        ImportBatch.objects.filter(pk=pk, state="staged").update(state="applying")
        with translation.override("zh-hans"):
            jobs.apply(pk)

    return act


SUBJECT_FILE = (estate.HEADER + REPAIRS, estate.MAP, SUBJECTS, "live")
CASE_FILE = (OLD, OLD_MAP, OLD_CASES, "history")

WORK: dict[str, Prepare] = {
    "sweep": at(40, obligations.sweep),
    "reseat": at(40, obligations.reseat),
    "unblock": at(40, obligations.unblock),
    "close_periods": at(40, obligations.close_periods),
    "plan": at(40, obligations.plan),
    "seal": at(0, lambda now: sealing.seal_run(now=now, finished="true")),
    "begin an epoch": at(0, sealing.begin_epoch),
    "heartbeat": at(0, accounts.beat),
    "import customers": customers,
    "undo customers": customers_back,
    "import subjects": take_in(*SUBJECT_FILE),
    "undo subjects": take_back(*SUBJECT_FILE),
    "import cases": take_in(*CASE_FILE),
    "undo cases": take_back(*CASE_FILE),
    "choose a sheet": choose_sheet,
    "choose again": choose_again,
    "came to nothing": came_to_nothing,
    "discard": discard,
}
"""Each in one transaction."""

AGAIN: dict[str, Prepare] = {
    "make an export": make_export,
    "tick": at(40, obligations.tick),
    "plan again": at(40, obligations.plan),
    "import a file": one_file,
    "try a file out": try_out,
    "check an upload": check,
    "apply an import, as a job": apply_job,
    "forget imports": at(60, forgetting.forget),
}
"""In several transactions: what is broken off is done when it is done once more."""
