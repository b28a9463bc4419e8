"""The connection is cut while a transaction ends; what is sent again with its key has one effect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection
from django.urls import reverse
from time_machine import travel

from huiyin.config.scratch import django_uses, scratch_database
from huiyin.obligations import services as obligations
from tests.access.world import DAY, World, undone, world
from tests.faults.proxy import AFTER, BEFORE, LATE, Proxy, proxied
from tests.proof.test_every_write import DONE, by_whom, lines, more, written

MODES = (BEFORE, LATE, AFTER)


@dataclass
class Cut:
    """A form or a job, how often the connection was cut in it, and what was wrong."""

    name: str
    cuts: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "; ".join([f"{self.name}: cut {self.cuts} times", *self.wrong])


def all_cut(now: datetime, names: list[str] | None = None) -> Iterator[Cut]:
    """Every form, or those named, then what the worker does."""
    with scratch_database() as scratch:
        place = world(now)
        with (
            travel(place.later, tick=False) as clock,
            proxied(scratch.application) as (proxy, address),
            django_uses(address),
        ):
            for number, name in enumerate(lines() if names is None else names):
                yield form(place, proxy, clock, name=name, number=number)
            for name in ("plan", "tick"):
                yield job(place, proxy, name)


def form(place: World, proxy: Proxy, clock: Any, *, name: str, number: int) -> Cut:
    """Sent four times, three of which are cut at their end; then once more, a day late."""
    names, posted = lines()[name]
    address = reverse(name, kwargs={key: place.ids.get(v, v) for key, v in names.items()})
    given = {key: place.ids.get(v, v) for key, v in posted.items()} | {"key": f"cut-{number}"}
    start, found = written(), Cut(name)

    def send() -> int:
        browser = place.browser(by_whom(name))
        browser.raise_request_exception = False
        return int(browser.post(address, given).status_code)

    with undone():
        first = send()
        one = more(start, written())
    if first not in DONE:
        found.wrong.append(f"{first} without a cut")
        return found
    for cut in MODES:
        browser = place.browser(by_whom(name))
        browser.raise_request_exception = False
        before = proxy.cuts
        proxy.arm(cut)
        with suppress(OperationalError):
            browser.post(address, given)
        proxy.arm("")
        found.cuts += proxy.cuts - before
        connection.close()
    again, many = send(), more(start, written())
    clock.shift(DAY)
    late, still = send(), more(start, written())
    clock.shift(-DAY)
    if many != one or again not in (first, 204):
        found.wrong.append(f"{one} and {first} uncut; {many} and {again}")
    # Who stayed on his page, and copies or asks for a file again a day later, means another one.
    if first == 302 and (still != one or late not in (first, 204)):
        found.wrong.append(f"a day late: {still} and {late}")
    return found


def job(place: World, proxy: Proxy, name: str) -> Cut:
    """Cut in every way, each time at the first transaction that ends; then done to its end."""
    act = {"plan": obligations.plan, "tick": obligations.tick}[name]
    later = place.later + 40 * DAY
    start, found = written(), Cut(name)
    with undone():
        act(now=later)
        one = more(start, written())
    for cut in MODES:
        before = proxy.cuts
        proxy.arm(cut)
        with suppress(OperationalError):
            act(now=later)
        proxy.arm("")
        found.cuts += proxy.cuts - before
        connection.close()
    act(now=later)
    if (many := more(start, written())) != one:
        found.wrong.append(f"{one} uncut, {many}")
    return found
