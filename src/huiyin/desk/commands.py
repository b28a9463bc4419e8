"""`huiyin demo PACK`: the sample firm of a pack, made or brought up to today."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from huiyin.core.terminal import gettext as _

EVERY = 10
"""Days between two lines where the output is no terminal."""


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo", help="make the sample firm of a pack, or bring it up to today"
    )
    parser.add_argument("pack", metavar="PACK")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings

    from huiyin.core import clock
    from huiyin.desk.demo import build

    folder = settings.HUIYIN_PACKS / options.pack
    if not (folder / "sample.yaml").is_file():
        message = _("制度包“%(pack)s”没有示例公司（%(file)s）。")
        print(message % {"pack": options.pack, "file": folder / "sample.yaml"}, file=sys.stderr)
        return 2
    build(folder, now=clock.now(), progress=_show)
    return 0


def _show(done: int, days: int) -> None:
    """One line that counts on a terminal; in a file, where none is written over, every tenth day."""
    said = _("示例公司：第 %(done)s/%(days)s 天") % {"done": done, "days": days}
    if sys.stdout.isatty():
        print(f"\r{said}", end="\n" if done == days else "", flush=True)
    elif done % EVERY == 0 or done == days:
        print(said, flush=True)
