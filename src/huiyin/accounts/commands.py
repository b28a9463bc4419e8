"""`huiyin login`: lets a person of the firm sign in.

`options.server()` keeps the database server running; the command line, which stands above every
room, knows which one.
"""

import argparse
import getpass
import sys
from typing import Any


def register(subparsers: Any) -> None:
    login = subparsers.add_parser("login", help="let a person sign in")
    login.add_argument("number", help="the person's number in the firm")
    login.add_argument("username")
    login.add_argument("--password-stdin", action="store_true", help="read the password from there")
    login.set_defaults(run=run_login)


def run_login(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from huiyin.accounts import services
    from huiyin.accounts.models import Person
    from huiyin.core import clock
    from huiyin.core.errors import HuiyinError

    with options.server():
        person = Person.objects.filter(number=options.number).first()
        if person is None:
            print(f"no person has the number {options.number!r}", file=sys.stderr)
            return 1
        try:
            services.give_login(
                person, options.username, password=_password(options), by=None, now=clock.now()
            )
        except HuiyinError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass()
