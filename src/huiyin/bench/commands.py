"""`huiyin bench`: every row beside its bare SQL; `huiyin bench http`: the web server under clients."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huiyin.bench.rows import Row

GROUPS = ("planning", "recording", "importing", "sweeping", "today", "web", "searching", "judging")


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser("bench", help="each path of many rows beside the bare SQL")
    parser.add_argument(
        "what", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}, http; none: all but http"
    )
    parser.add_argument("--n", type=_count, default=100_000, help="customers and obligations")
    parser.add_argument("--rounds", type=_count, default=5, help="the median of so many is told")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    digits = text.replace("_", "")
    if not digits.isdecimal() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(digits)


def run(options: argparse.Namespace) -> int:
    """0 when every row that has a limit keeps it; 2 where nothing was measured."""
    wanted = options.what or list(GROUPS)
    if unknown := set(wanted) - {*GROUPS, "http"}:
        print(
            f"bench: {', '.join(sorted(unknown))}?  {', '.join((*GROUPS, 'http'))}", file=sys.stderr
        )
        return 2
    import django

    django.setup()
    # Only a web server collects static files; the pages measured in this process load none.
    warnings.filterwarnings("ignore", "No directory at")
    rows = _measured(wanted, options)
    if options.json:
        print(json.dumps({"rows": [row.as_json() for row in rows]}, ensure_ascii=False, indent=2))
    return 1 if any(row.holds is False for row in rows) else 0


def _measured(wanted: list[str], options: argparse.Namespace) -> list[Row]:
    """Group by group; on a terminal each is shown once it is done."""
    from huiyin.bench.rows import table
    from huiyin.config import database
    from huiyin.core import clock

    rows: list[Row] = []
    with database.server():
        for group in wanted:
            measure = import_module(f"huiyin.bench.{group}").measure
            found = measure(options.n, rounds=options.rounds, now=clock.now())
            rows += found
            if not options.json:
                print(f"{table(found)}\n", flush=True)
    return rows
