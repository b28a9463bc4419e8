"""`huiyin ledger seal|verify|checkpoint|export`: facts that nobody can change unseen."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


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

    verified, wrong = verifying.Verified(), 0
    if options.checkpoint:
        try:
            verified.kept = verifying.checkpoint_of(options.checkpoint.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = _("读不了检查点 %(file)s：%(why)s")
            print(message % {"file": options.checkpoint, "why": error}, file=sys.stderr)
            return 2
    for finding in sealing.verify(verified):
        print(finding)
        wrong += 1
    told = {
        "seals": len(verified.chains), "facts": len(verified.seen), "loose": verified.unsealed,
        "wrong": wrong,
    }  # fmt: skip
    print(
        _("封存 %(seals)s 段，事实 %(facts)s 条，其中未封存 %(loose)s 条；不符 %(wrong)s 处。")
        % told
    )
    return 1 if wrong else 0


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
    return _written(options.file, [text])


def export(options: argparse.Namespace) -> int:
    from huiyin.ledger import sealing

    return _written(options.file, sealing.export())


def _written(path: Path, lines: Iterable[str]) -> int:
    """A whole file or none, and never over what is there: an older checkpoint is what the newer one
    is compared with. 2 where it cannot be written.
    """
    from django.utils.translation import gettext as _

    half = path.with_name(f"{path.name}.half")
    try:
        with half.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        half.rename(path)
    except OSError as error:
        message = _("写不了 %(file)s：%(why)s。请换一个文件名或文件夹。")
        print(message % {"file": path, "why": error.strerror}, file=sys.stderr)
        return 2
    finally:
        half.unlink(missing_ok=True)
    return 0
