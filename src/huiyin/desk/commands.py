"""`huiyin demo PACK`: the sample firm of a pack, made or brought up to today."""

from __future__ import annotations

import argparse
import sys
from typing import Any


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
    from django.utils.translation import gettext as _

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
    from django.utils.translation import gettext as _

    end = "\n" if done == days else ""
    said = _("示例公司：第 %(done)s/%(days)s 天") % {"done": done, "days": days}
    print(f"\r{said}", end=end, flush=True)
