"""`huiyin serve`, `web`, `worker`, `migrate`, `django`: the processes of the house."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from huiyin.config import database
from huiyin.config.environment import number


def register(subparsers: Any) -> None:
    serve = subparsers.add_parser("serve", help="database, web and worker on this machine")
    serve.add_argument("--demo", nargs="?", const="property-management", metavar="PACK")
    serve.add_argument(
        "--lan",
        nargs="?",
        const="",
        metavar="ADDRESSES",
        help="phones in this network, too, over TLS; all private addresses unless some are named",
    )
    _add_address(serve)
    serve.set_defaults(run=run_serve)
    web = subparsers.add_parser("web", help="the web pages alone")
    _add_address(web)
    web.add_argument(
        "--certificate", type=Path, metavar="PEM", help="speak TLS; the file has the key as well"
    )
    web.set_defaults(run=run_web)
    worker = subparsers.add_parser("worker", help="background work alone; any number of them")
    worker.set_defaults(run=run_worker)
    migrate = subparsers.add_parser("migrate", help="bring the database to this version")
    migrate.add_argument("--quiet", action="store_true")
    migrate.set_defaults(run=run_migrate)
    doctor = subparsers.add_parser("doctor", help="is everything in place?")
    doctor.add_argument("--invariants", action="store_true", help="ask every row, too")
    doctor.add_argument("--full", action="store_true", help="all rows where a sample is usual")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=run_doctor)
    django = subparsers.add_parser("django", help="one of Django's own commands")
    django.add_argument("arguments", nargs=argparse.REMAINDER)
    django.set_defaults(run=run_django)


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=8000)


def _port(written: str) -> int:
    if not written.isdecimal() or not 0 < int(written) < 65536:
        raise argparse.ArgumentTypeError(f"{written}: a port is a number from 1 to 65535")
    return int(written)


def run_serve(options: argparse.Namespace) -> int:
    from huiyin.config.serve import serve

    return serve(host=options.host, port=options.port, demo=options.demo, lan=options.lan)


def run_web(options: argparse.Namespace) -> int:
    os.environ["HUIYIN_COLLECT"] = "1"
    os.environ["HUIYIN_TLS"] = "1" if options.certificate else "0"
    # As many connections as threads that may each hold one.
    threads = number("HUIYIN_WEB_THREADS", default=4)
    os.environ |= {"HUIYIN_POOL": "1", "HUIYIN_POOL_SIZE": str(threads)}
    from huiyin.config.serve import run_granian
    from huiyin.config.static import collect

    with database.server():
        collect()
        run_granian(
            host=options.host,
            port=options.port,
            threads=threads,
            certificate=options.certificate,
        )
    return 0


def run_worker(_options: argparse.Namespace) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    with database.server():
        call_command(
            "procrastinate",
            "worker",
            concurrency=number("HUIYIN_WORKER_JOBS", default=2),
            # A released lock is noticed only at the next poll.
            fetch_job_polling_interval=0.5,
        )
    return 0


def run_migrate(options: argparse.Namespace) -> int:
    """Migrate as the owner, hand the application its rights, see that the key file fits."""
    os.environ["HUIYIN_ROLE"] = "owner"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    from huiyin.config.checks import keys
    from huiyin.config.grants import grant_application_role
    from huiyin.core import clock

    with database.server():
        call_command("migrate", interactive=False, verbosity=0 if options.quiet else 1)
        grant_application_role(connection)
        # A house that starts without its key file would make a new one and mix the two.
        closed = [each for each in keys(clock.now()) if each.remedy]
        connection.close()
    for each in closed:
        print(f"{each.title}: ✗ {each.found}. {each.means}; {each.remedy}", file=sys.stderr)
    return 1 if closed else 0


def run_doctor(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from huiyin.config.doctor import report

    return report(
        invariants=options.invariants or options.full, full=options.full, as_json=options.json
    )


def run_django(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    with database.server():
        execute_from_command_line(["huiyin django", *options.arguments])
    return 0
