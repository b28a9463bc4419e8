"""`huiyin import WHAT FILE --map FILE`: dry run, history or live, the refused rows as a file."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huiyin.imports.models import ImportBatch
    from huiyin.imports.services import Order


def register(subparsers: Any) -> None:
    """Add `import`. Which things can be imported, and on which database, the command line knows:
    it passes `importers` (what → module with an `IMPORTER`) and `server` as defaults.
    """
    parser = subparsers.add_parser("import", help="take in a firm's own tables")
    parser.add_argument("what", metavar="WHAT", help="subjects")
    parser.add_argument("file", type=Path, metavar="FILE", help="XLSX or CSV")
    parser.add_argument("--map", type=Path, required=True, metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--history", action="store_true", help="facts open no obligations (default)")
    mode.add_argument("--live", action="store_true", help="facts open obligations")
    parser.add_argument("--by", metavar="NUMBER", help="the staff number of who imports")
    parser.add_argument("--errors", type=Path, metavar="FILE", help="refused rows as .csv or .xlsx")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> int:
    """Exit status 0: every row was accepted or known; 1: rows were refused; 2: nothing was done."""
    if options.what not in options.importers:
        known = "、".join(options.importers)
        print(f"不能导入“{options.what}”；可以导入：{known}。", file=sys.stderr)
        return 2
    import django

    django.setup()
    from huiyin.core.errors import HuiyinError

    with options.server():
        try:
            batch = _import(options)
        except (HuiyinError, OSError) as error:
            print(error, file=sys.stderr)
            return 2
        _show(batch, options)
    return 1 if batch.refused else 0


def _import(options: argparse.Namespace) -> ImportBatch:
    from huiyin.core import clock
    from huiyin.imports.services import import_file

    importer = import_module(options.importers[options.what]).IMPORTER
    return import_file(_order(options), importer=importer, now=clock.now(), dry_run=options.dry_run)


def _order(options: argparse.Namespace) -> Order:
    from huiyin.accounts.queries import zone
    from huiyin.imports.errors import MapRefused
    from huiyin.imports.maps import load_map
    from huiyin.imports.services import Order

    map_file = load_map(options.map)
    if map_file.map.what != options.what:
        message = f"这份映射是为导入“{map_file.map.what}”写的，不是“{options.what}”。"
        raise MapRefused([map_file.problem(("import",), message)])
    return Order(
        path=options.file,
        map_file=map_file,
        mode="live" if options.live else "history",
        zone=zone(),
        by=_person(options.by),
    )


def _person(number: str | None) -> int | None:
    if number is None:
        return None
    from huiyin.accounts.models import Person
    from huiyin.core.errors import NotFound

    person = Person.objects.filter(number=number).first()
    if person is None:
        raise NotFound(f"没有工号为“{number}”的人员。")
    return person.pk


def _show(batch: ImportBatch, options: argparse.Namespace) -> None:
    from huiyin.imports.exporting import write_refusals
    from huiyin.imports.queries import refusals, summary

    found = summary(batch)
    if options.errors:
        write_refusals(batch, options.errors)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    done = "试读" if options.dry_run else "导入"
    print(f"{done} {found['file']}（{found['form']}）：共 {found['rows']} 行，")
    print(f"  接受 {found['accepted']}，拒绝 {found['refused']}，重复 {found['duplicate']}。")
    for notice in found["notices"]:
        print(f"  注意：{notice}")
    for refusal, _n in zip(refusals(batch), range(20), strict=False):
        place = f"第 {refusal.row} 行 {refusal.column}"
        print(f"  {place}「{refusal.value}」{refusal.problem}。{refusal.remedy}")
    if found["refused"] > 20:
        print(f"  …共拒绝 {found['refused']} 行，全部见 --errors 文件。")
