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

    from huiyin.core import clock
    from huiyin.desk.demo import build

    folder = settings.HUIYIN_PACKS / options.pack
    if not (folder / "sample.yaml").is_file():
        print(f"制度包“{options.pack}”没有示例公司（{folder / 'sample.yaml'}）。", file=sys.stderr)
        return 2
    build(folder, now=clock.now(), progress=_show)
    return 0


def _show(done: int, days: int) -> None:
    end = "\n" if done == days else ""
    print(f"\r示例公司：第 {done}/{days} 天", end=end, flush=True)
