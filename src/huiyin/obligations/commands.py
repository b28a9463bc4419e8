"""`huiyin late --since DAY`: what became late since then, and why, after the server stood still."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime, time
from typing import Any


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser("late", help="what became late since a day, and why")
    parser.add_argument("--since", metavar="DAY", required=True, help="2026-03-02")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.utils.translation import gettext as _

    from huiyin.accounts.queries import zone
    from huiyin.core import clock
    from huiyin.obligations.lateness import became_late

    try:
        day = date.fromisoformat(options.since)
    except ValueError:
        message = _("“%(day)s”不是一个日期，请写成 2026-03-02。") % {"day": options.since}
        print(message, file=sys.stderr)
        return 2
    with options.server():
        here = zone()
        since = datetime.combine(day, time.min, here)
        found = list(became_late(since=since, now=clock.now()))
        for each in found:
            print(each.line(here))
        print(_("共 %(n)s 项") % {"n": len(found)})
    return 0
