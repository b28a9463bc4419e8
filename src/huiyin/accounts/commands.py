"""`huiyin login`: lets a person of the firm sign in, for the first time or again.

`options.server()` keeps the database server running; the command line, which stands above every
room, knows which one.
"""

import argparse
import getpass
import sys
from datetime import datetime
from typing import Any


def register(subparsers: Any) -> None:
    login = subparsers.add_parser("login", help="let a person sign in, or sign in again")
    login.add_argument("number", help="the person's number in the firm")
    login.add_argument("username", nargs="?", default="", help="for somebody without a login")
    login.add_argument("--password-stdin", action="store_true", help="read the password from there")
    login.add_argument(
        "--link", action="store_true", help="print a one-time link to choose a password, instead"
    )
    login.add_argument("--address", default="", help="where browsers find the pages, for the link")
    login.add_argument(
        "--forget-second-factor", action="store_true", help="for somebody who lost his phone"
    )
    login.add_argument("--unlock", action="store_true", help="forget wrong passwords typed so far")
    login.set_defaults(run=run_login)


def run_login(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from huiyin.accounts.models import Person
    from huiyin.core import clock
    from huiyin.core.errors import HuiyinError

    with options.server():
        person = Person.objects.select_related("user").filter(number=options.number).first()
        if person is None:
            print(f"no person has the number {options.number!r}", file=sys.stderr)
            return 1
        try:
            _do(options, person, now=clock.now())
        except HuiyinError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def _do(options: argparse.Namespace, person: Any, *, now: datetime) -> None:
    """One of the things that can be done; a password is asked for when none else is named."""
    from django.utils.translation import gettext as _

    from huiyin.accounts import services
    from huiyin.accounts.signin import limits
    from huiyin.accounts.signin import services as signin
    from huiyin.core.errors import Invalid

    if options.unlock and person.user:
        limits.unlock(person.user.username)
    if options.forget_second_factor:
        signin.forget_factors(person, reason=_("服务器上的命令"), by=None, now=now)
    if options.link:
        secret = signin.give_link(person, username=options.username, by=None, now=now)
        print(_address(options, secret))
    if not (options.unlock or options.forget_second_factor or options.link):
        if not options.username:
            raise Invalid({"username": [_("请填写用户名。")]})
        services.give_login(person, options.username, password=_password(options), by=None, now=now)


def _address(options: argparse.Namespace, secret: str) -> str:
    from django.conf import settings
    from django.urls import reverse

    origin = options.address or next(iter(settings.CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")
    return origin.rstrip("/") + reverse("signin:link", args=[secret])


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass()
