"""`make simulate`: many years of a firm on the simulated clock, each from a seed of its own.

    python -m tests.simulate.campaign [SEEDS [DAYS [FIRST]]]

Every seed lives in a database of its own, one on each processor. Exit status 1 with the first seed
on which the engine and the reference differ or a step crashes, and its last steps.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.util import Finalize
from random import Random


def main(seeds: int, days: int, first: int) -> int:
    total: Counter[str] = Counter()
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), open_house) as pool:
        lives = [pool.submit(play, seed, days) for seed in range(first, first + seeds)]
        for life in as_completed(lives):
            seed, counts, wrong, seconds = life.result()
            total += counts
            told = ", ".join(f"{counts[what]} {what}" for what in ("steps", "refused", "opened"))
            print(f"seed {seed}: {days} days, {told} in {seconds:.1f} s", flush=True)
            if wrong:
                print(f"seed {seed} fails:\n{wrong}", flush=True)
                pool.shutdown(wait=False, cancel_futures=True)
                break
    print(
        f"{total['seeds']} seeds × {days} days: {total['steps']} steps, {total['opened']} obligations,"
        f" {total['violations']} violations, {total['crashes']} crashes"
        f" in {time.monotonic() - began:.0f} s"
    )
    return 1 if total["violations"] or total["crashes"] else 0


def open_house() -> None:
    """Each process has Django, and the server while it runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.settings")
    import django

    django.setup()
    from huiyin.config import database

    open_now = ExitStack()
    open_now.enter_context(database.server())
    Finalize(None, open_now.close, exitpriority=1)


def play(seed: int, days: int) -> tuple[int, Counter[str], str, float]:
    """One seed, of which nothing stays: what was counted, how it failed, the seconds it took."""
    from django.db import transaction

    from huiyin.config.scratch import scratch_database
    from tests.simulate.life import Violation, founded_somewhere, live

    random, wrong, began = Random(seed), "", time.monotonic()
    failed: Counter[str] = Counter()
    with scratch_database(), transaction.atomic():
        life = founded_somewhere(random)
        try:
            live(life, random, days)
        except Violation as error:
            wrong = str(error)
            # What a rule tripped over was seen by neither side.
            failed["crashes" if error.__cause__ else "violations"] = 1
        transaction.set_rollback(True)
        counts = life.counts + failed + Counter(opened=len(life.reference.owed), seeds=1)
    return seed, counts, wrong, time.monotonic() - began


def options(argv: Sequence[str] | None = None) -> dict[str, int]:
    parser = ArgumentParser("python -m tests.simulate.campaign", description=__doc__)
    parser.formatter_class = RawDescriptionHelpFormatter
    for name, default, told in (
        ("seeds", 200, "firms that live"),
        ("days", 365, "how long each lives"),
        ("first", 1, "the seed of the first"),
    ):
        parser.add_argument(
            name, nargs="?", type=_count, default=default, help=f"{told}: {default}"
        )
    return vars(parser.parse_args(argv))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(**options()))
