"""`huiyin import WHAT FILE --map FILE`: dry run, history or live, the refused rows as a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huiyin.imports.models import ImportBatch
    from huiyin.imports.queries import Finding
    from huiyin.imports.services import Order

SHOWN = 20  # refused rows on a terminal, and as many in doubt


def register(subparsers: Any) -> None:
    """Add `import`. On which database, the command line knows: it passes `server` as a default."""
    parser = subparsers.add_parser("import", help="take in a firm's own tables")
    parser.add_argument("what", metavar="WHAT", help="customers, subjects or cases")
    parser.add_argument("file", type=Path, metavar="FILE", help="XLSX or CSV")
    parser.add_argument("--map", type=Path, required=True, metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--history", action="store_true", help="facts open no obligations (default)")
    mode.add_argument("--live", action="store_true", help="facts open obligations")
    parser.add_argument("--by", metavar="NUMBER", help="the staff number of who imports")
    parser.add_argument("--errors", type=Path, metavar="FILE", help="refused rows as .csv or .xlsx")
    parser.add_argument("--doubts", type=Path, metavar="FILE", help="rows to look into, likewise")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> int:
    """Exit status 0: every row was accepted or known; 1: rows were refused; 2: nothing was done."""
    import django

    django.setup()
    from django.utils.translation import gettext as _

    from huiyin.core.errors import HuiyinError
    from huiyin.core.punctuation import listed
    from huiyin.imports.importer import known

    if options.what not in known():
        message = _("不能导入“%(what)s”；可以导入：%(known)s。")
        said = {"what": options.what, "known": listed(known())}
        print(message % said, file=sys.stderr)
        return 2

    with options.server():
        try:
            batch = _import(options)
        except HuiyinError as error:
            print(error, file=sys.stderr)
            return 2
        except OSError as error:
            said = {"file": error.filename, "reason": error.strerror}
            print(_("读不了“%(file)s”：%(reason)s。请核对路径和权限。") % said, file=sys.stderr)
            return 2
        _show(batch, options)
    return 1 if batch.refused else 0


def _import(options: argparse.Namespace) -> ImportBatch:
    from huiyin.core import clock
    from huiyin.imports.importer import importer_of
    from huiyin.imports.services import import_file

    importer = importer_of(options.what)
    return import_file(_order(options), importer=importer, now=clock.now(), dry_run=options.dry_run)


def _order(options: argparse.Namespace) -> Order:
    from django.utils.translation import gettext as _

    from huiyin.accounts.queries import zone
    from huiyin.imports.errors import MapRefused
    from huiyin.imports.maps import load_map
    from huiyin.imports.services import Order

    map_file = load_map(options.map)
    if map_file.map.what != options.what:
        message = _("这份映射是为导入“%(written)s”写的，不是“%(asked)s”。") % {
            "written": map_file.map.what,
            "asked": options.what,
        }
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
    from django.utils.translation import gettext as _

    from huiyin.accounts.models import Person
    from huiyin.core.errors import NotFound

    person = Person.objects.filter(number=number).first()
    if person is None:
        raise NotFound(_("没有工号为“%s”的人员。") % number)
    return person.pk


def _show(batch: ImportBatch, options: argparse.Namespace) -> None:
    from django.utils.translation import gettext as _

    from huiyin.imports.exporting import write_doubts, write_refusals
    from huiyin.imports.queries import doubts, refusals, summary

    found = summary(batch)
    if options.errors:
        write_refusals(batch, options.errors)
    if options.doubts:
        write_doubts(batch, options.doubts)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    done = _("试读") if options.dry_run else _("导入")
    print(done, _("%(file)s（%(form)s）：共 %(rows)s 行，") % found)
    print("  " + _("接受 %(accepted)s，拒绝 %(refused)s，重复 %(duplicate)s。") % found)
    for notice in found["notices"]:
        print("  " + _("注意：%s") % notice)
    if found["in_doubt"]:
        print("  " + _("接受的行里有 %(in_doubt)s 行待核对。") % found)
    _list(refusals(batch))
    if found["refused"] > SHOWN:
        print("  " + _("…共拒绝 %s 行，全部见 --errors 文件。") % found["refused"])
    _list(doubts(batch))
    if found["in_doubt"] > SHOWN:
        print("  " + _("…共待核对 %s 行，全部见 --doubts 文件。") % found["in_doubt"])


def _list(findings: Iterator[Finding]) -> None:
    from django.utils.translation import gettext as _

    for finding in islice(findings, SHOWN):
        line = _("第 %(row)s 行 %(column)s「%(value)s」%(problem)s。%(remedy)s")
        print("  " + line % asdict(finding))
