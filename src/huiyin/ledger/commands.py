"""`huiyin ledger seal|verify|checkpoint|export`: facts that nobody can change unseen."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


def register(subparsers: Any) -> None:
    ledger = subparsers.add_parser("ledger", help="seal the facts, and prove that none was changed")
    ledger.set_defaults(run=lambda options: ledger.print_help() or 2)
    actions = ledger.add_subparsers(metavar="ACTION")
    _add(actions, "seal", seal, "seal what is due now; the worker does so by itself")
    check = _add(
        actions, "verify", verify, "every fact against its seal, every seal against the next"
    )
    check.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="one that was kept elsewhere"
    )
    keep = _add(actions, "checkpoint", checkpoint, "what somebody outside should keep")
    keep.add_argument("file", nargs="?", type=Path, metavar="FILE", help="else on the screen")
    out = _add(actions, "export", export, "the ledger for verifying.py, which needs no house")
    out.add_argument("file", type=Path, metavar="FILE")


def _add(
    actions: Any, name: str, run: Callable[[argparse.Namespace], int], purpose: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=purpose, description=purpose)

    def served(options: argparse.Namespace) -> int:
        import django

        django.setup()
        with options.server():
            return run(options)

    parser.set_defaults(run=served)
    return parser


def seal(_options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from huiyin.core import clock
    from huiyin.ledger import sealing

    print(_("已封存 %(n)s 条事实。") % {"n": sealing.seal(now=clock.now())})
    return 0


def verify(options: argparse.Namespace) -> int:
    """0 when nothing was changed; each fact or seal that was is named."""
    from django.utils.translation import gettext as _

    from huiyin.ledger import sealing, verifying

    verified = verifying.Verified(0, {})
    kept = None
    if options.checkpoint:
        try:
            kept = json.loads(options.checkpoint.read_text(encoding="utf-8"))
            kept["seal"], kept["chain"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            message = _("读不了检查点 %(file)s：%(why)s")
            print(message % {"file": options.checkpoint, "why": error}, file=sys.stderr)
            return 2
    found = list(sealing.verify(verified))
    if kept:
        found += verifying.check_checkpoint(verified.chains, kept)
    for finding in found:
        print(finding)
    told = {"seals": len(verified.chains), "facts": verified.facts, "wrong": len(found)}
    print(_("封存 %(seals)s，事实 %(facts)s，不符 %(wrong)s。") % told)
    return 1 if found else 0


def checkpoint(options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from huiyin.ledger import sealing

    kept = sealing.checkpoint()
    if kept is None:
        print(_("还没有封存过，没有检查点可留。"), file=sys.stderr)
        return 1
    text = json.dumps(kept, ensure_ascii=False)
    if options.file is None:
        print(text)
        return 0
    with _created(options.file) as file:
        file.write(f"{text}\n")
    return 0


def export(options: argparse.Namespace) -> int:
    from huiyin.ledger import sealing

    with _created(options.file) as file:
        for line in sealing.export():
            file.write(f"{line if isinstance(line, str) else json.dumps(line)}\n")
    return 0


def _created(path: Path) -> TextIO:
    """Never over what is there: an older checkpoint is what the newer one is compared with."""
    return path.open("x", encoding="utf-8")
