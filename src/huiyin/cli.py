"""The `huiyin` command. Each module adds its own sub-commands in its `commands.py`."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.util import find_spec

# Modules that offer `commands.register(subparsers)`, in the order of `huiyin --help`.
CONTRIBUTORS = (
    "huiyin.config",
    "huiyin.config.backup",
    "huiyin.config.lan",
    "huiyin.accounts",
    "huiyin.imports",
    "huiyin.adoption",
    "huiyin.obligations",
    "huiyin.ledger",
    "huiyin.insights",
    "huiyin.desk",
    "huiyin.scenarios",
    "huiyin.bench",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command; the exit status is 0 only when all that was asked holds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.settings")
    parser = build_parser()
    options = parser.parse_args(argv)
    if not hasattr(options, "run"):
        parser.print_help()
        return 2
    try:
        status = int(options.run(options) or 0)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads along (`| head`) has seen enough; Python would complain when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _unreachable() as error:
        print(f"huiyin: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return status


def _unreachable() -> tuple[type[Exception], ...]:
    """What says by itself that there is no house to work in; asked only once something is wrong."""
    import psycopg
    from django.db import OperationalError

    from huiyin.config.environment import BadEnvironment
    from huiyin.config.postgres import PostgresError

    return BadEnvironment, PostgresError, OperationalError, psycopg.OperationalError


def build_parser() -> argparse.ArgumentParser:
    """The parser with every module's sub-commands.

    A contributor's `register(subparsers)` adds parsers and sets `run` on each: a function that
    takes the parsed options and returns the exit status. It must not touch Django at import:
    `huiyin --help` needs no database.
    """
    parser = argparse.ArgumentParser(prog="huiyin", description="件件有着落，事事有回音")
    parser.set_defaults(server=_server)
    subparsers = parser.add_subparsers(metavar="COMMAND")
    for module in CONTRIBUTORS:
        if find_spec(f"{module}.commands") is not None:
            import_module(f"{module}.commands").register(subparsers)
    subparsers.choices["import"].set_defaults(server=_server)
    return parser


def _server() -> AbstractContextManager[None]:
    from huiyin.config import database

    return database.server()


if __name__ == "__main__":
    sys.exit(main())
