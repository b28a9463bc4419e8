"""The whole campaign of kills: of what the worker does, and of what people send."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from huiyin.core import clock
from tests.faults import kills, web_kills
from tests.faults.house import House
from tests.faults.kills import Kill
from tests.faults.operations import OPERATIONS

EACH = len(OPERATIONS) + len(web_kills.OPERATIONS)


def campaign(
    house: House, *, seed: int, many: int, known: Collection[tuple[str, int]] = ()
) -> Iterator[Kill]:
    """So many kills in all, as many of every operation; those that are known were done before."""
    rounds = range(-(-many // EACH))
    now = clock.now()
    wanted = {
        name: [number for number in rounds if (name, number) not in known]
        for name in (*(each.name for each in OPERATIONS), *web_kills.OPERATIONS)
    }
    yield from kills.kills(house, now, seed=seed, wanted=wanted)
    for name in web_kills.OPERATIONS:
        if wanted[name]:
            yield from web_kills.kills(house, name, now, seed=seed, rounds=wanted[name])
