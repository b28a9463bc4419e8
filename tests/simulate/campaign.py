"""`make simulate`: many years of a firm on the simulated clock, each from a seed of its own.

    python -m tests.simulate.campaign [SEEDS [DAYS [FIRST]]]

Every seed lives in a transaction that is rolled back. Exit status 1 with the first seed on which
the engine and the reference differ, and its last steps.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from random import Random


def main(seeds: int = 200, days: int = 365, first: int = 1) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.settings")
    import django

    django.setup()
    from huiyin.config.scratch import scratch_database

    total: Counter[str] = Counter()
    began = time.monotonic()
    with scratch_database():
        for seed in range(first, first + seeds):
            at = time.monotonic()
            counts, wrong = play(seed, days)
            total += counts
            took = time.monotonic() - at
            told = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
            print(f"seed {seed}: {days} days, {told} in {took:.1f} s", flush=True)
            if wrong:
                print(f"seed {seed} fails:\n{wrong}", flush=True)
                break
    took = time.monotonic() - began
    print(
        f"{total['seeds']} seeds × {days} days: {total['steps']} steps, {total['opened']} obligations,"
        f" {total['violations']} violations in {took:.0f} s"
    )
    return 1 if total["violations"] else 0


def play(seed: int, days: int) -> tuple[Counter[str], str]:
    """One seed, of which nothing stays: what was counted, and how it failed."""
    from django.db import transaction

    from tests.simulate.life import Violation, founded_somewhere, live

    random, wrong = Random(seed), ""
    with transaction.atomic():
        life = founded_somewhere(random)
        try:
            live(life, random, days)
        except Violation as error:
            wrong = str(error)
        transaction.set_rollback(True)
        counts = life.counts + Counter(
            opened=len(life.reference.owed), seeds=1, violations=int(bool(wrong))
        )
    return counts, wrong


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
