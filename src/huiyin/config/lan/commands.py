"""`huiyin welcome`: the page for phones that do not trust the house yet; `serve --lan` starts it."""

from __future__ import annotations

import argparse
from typing import Any


def register(subparsers: Any) -> None:
    # Without help it is not listed: nobody starts it alone.
    welcome = subparsers.add_parser("welcome")
    welcome.add_argument("addresses", nargs="+")
    welcome.add_argument("--port", type=int, required=True)
    welcome.add_argument("--https-port", type=int, required=True)
    welcome.set_defaults(run=run_welcome)


def run_welcome(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from huiyin.config.environment import data_home
    from huiyin.config.lan import welcome
    from huiyin.desk import phone_access

    page = phone_access.welcome_page(f"https://{options.addresses[0]}:{options.https_port}/")
    answers = welcome.parts(data_home(), page, phone_access.welcome_style())
    welcome.serve(options.addresses, options.port, answers)
    return 0
