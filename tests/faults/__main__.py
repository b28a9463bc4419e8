"""`make faults`: what can break is broken on purpose; nothing may be lost, doubled or half done.

    python -m tests.faults statements [--few]      every use case fails at its k-th statement
    python -m tests.faults kills [--kills 300]     processes are killed; --journal goes on later
    python -m tests.faults cuts                    connections end with their transaction
    python -m tests.faults together                several workers, clocks that jump, a full disk
    python -m tests.faults hosts                   three machines, of which one is cut off

`--seed N` throws the same dice again. Exit status 0 only when nothing was wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from pathlib import Path

NOW = datetime.fromisoformat("2026-03-02T01:00Z")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", choices=tuple(RUN))
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--few", action="store_true", help="a few statements of each use case")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--journal", type=Path, help="kills that are in it are not done again")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    # Whoever is told to stop takes down what he built.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Path(tempfile.mkdtemp(prefix="huiyin-faults-", dir="/var/tmp"))
    home.chmod(0o711)
    if options.what in OWN_SERVER:
        # A server of our own, which waits for the disk as a firm's does.
        os.environ["HUIYIN_TEST_DATA"] = str(home)
    _set_up()
    if options.what in OWN_SERVER:
        os.environ["HUIYIN_THROW_AWAY"] = "0"
    try:
        return RUN[options.what](options, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _set_up() -> None:
    # Before Django's settings are read.
    import_module("tests.conftest")
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    # What was broken on purpose is no news.
    logging.disable(logging.CRITICAL)


def statements(options: argparse.Namespace, _home: Path) -> int:
    from tests.faults.breaking import Places, every, few
    from tests.faults.registry import services
    from tests.faults.usecases import all_broken_off, unreached

    def places(number: int) -> Places:
        return few(options.seed + number, most=5) if options.few else every

    tried = []
    for each in all_broken_off(NOW, places):
        tried.append(each)
        print(each, flush=True)
    wrong = sum(len(each.wrong) for each in tried)
    missing = unreached(services(), tried)
    print(
        f"{len(tried)} use cases, {len(services())} services, {len(missing)} without a use case,"
        f" {sum(each.statements for each in tried)} statements,"
        f" broken off at {sum(each.broken_off for each in tried)}, {wrong} half done"
    )
    return 1 if wrong or missing else 0


def kills(options: argparse.Namespace, home: Path) -> int:
    from tests.faults.campaign import campaign
    from tests.faults.house import running

    journal: Path | None = options.journal
    done = [json.loads(line) for line in journal.open()] if journal and journal.exists() else []
    known = {(each["operation"], each["round"]) for each in done if each["seed"] == options.seed}
    done = [each for each in done if each["seed"] == options.seed]
    with running(home) as house:
        for kill in campaign(house, seed=options.seed, many=options.kills, known=known):
            print(kill, flush=True)
            done.append({"seed": options.seed, **vars(kill)})
            if journal:
                with journal.open("a") as file:
                    file.write(json.dumps(done[-1]) + "\n")
        print(f"slowest start of a killed server: {house.slowest_start:.2f} s")
    counts = Counter((each["operation"], each["victim"], each["was_there"]) for each in done)
    for (operation, victim, was_there), many in sorted(counts.items()):
        print(f"{operation:10} {victim:9} {was_there:8} {many:4} {'#' * many}")
    for operation, many in sorted(Counter(each["operation"] for each in done).items()):
        print(f"{operation:10} {many:4} kills")
    wrong = sum(bool(each["wrong"]) for each in done)
    print(f"{len(done)} kills, {wrong} with something lost, double, half done or broken")
    return 1 if wrong else 0


def cuts(_options: argparse.Namespace, _home: Path) -> int:
    from tests.faults.cuts import all_cut

    return told("connections cut", all_cut(NOW))


def together(options: argparse.Namespace, home: Path) -> int:
    from huiyin.core import clock
    from tests.faults import disk
    from tests.faults import together as workers
    from tests.faults.house import running

    with running(home) as house:
        wrong = told("runs of several workers", workers.all_workers(house, clock.now()))
        wrong += told("steps", workers.clock_steps(house, NOW, seed=options.seed, steps=40))
    folder = home / "small"
    with disk.small(folder) as mounted:
        if not mounted:
            print("a full disk: skipped, no file system may be mounted here")
            return wrong
        os.environ["HUIYIN_DATA"] = str(folder)
        return wrong + told("runs on a full disk", disk.full(folder, clock.now()))


def machines(_options: argparse.Namespace, home: Path) -> int:
    from tests.faults import hosts
    from tests.faults.house import running

    if not hosts.possible():
        print("three machines: skipped, no network may be made here")
        return 0
    with running(home) as house:
        return told("machines cut off", hosts.hosts(house, rounds=hosts.MANY))


def told(what: str, tried: Iterable[object]) -> int:
    """Says each; how many were wrong."""
    all_of_them = []
    for each in tried:
        all_of_them.append(each)
        print(each, flush=True)
    wrong = sum(bool(each.wrong) for each in all_of_them)  # type: ignore[attr-defined]
    print(f"{len(all_of_them)} {what}, {wrong} with something wrong")
    return wrong


RUN = {
    "statements": statements,
    "kills": kills,
    "cuts": cuts,
    "together": together,
    "hosts": machines,
}
OWN_SERVER = ("kills", "together", "hosts")

if __name__ == "__main__":
    sys.exit(main())
