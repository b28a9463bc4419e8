"""Every use case that writes, and what of the services they come to when each is broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.test import Client
from django.urls import reverse
from time_machine import travel

from huiyin.adoption.queries import pack_of
from huiyin.config.scratch import scratch_database
from tests.access.world import World, undone, world
from tests.faults import beginning
from tests.faults.acts import ACTS, Prepare
from tests.faults.breaking import Act, Places, Tried, halves
from tests.faults.work import AGAIN, WORK
from tests.proof.test_every_write import DONE, by_whom, lines

# Reads and computes; a service that is listed here and writes is found.
READS = {
    "accounts.services:switch", "accounts.staff_services:checked", "accounts.signin.services:digest_of",
    "adoption.services:digest_of", "cases.duties:forbidden", "cases.moving:declare",
    "cases.moving:one_effect", "cases.services:what_is_missing", "customers.services:contact_rows",
    "customers.services:index", "customers.services:is_number",
    "customers.services:number", "customers.services:spelling", "customers.services:taken",
    "customers.services:wrong_number", "imports.services:may_be_undone",
    "ledger.services:note_digest", "ledger.services:subscribe",
    "subjects.services:is_too_early",
}  # fmt: skip
# Each is tried where it says.
ELSEWHERE = {"obligations.services:_look_at_each": "tests/app/obligations/test_sweep.py"}


@dataclass(frozen=True)
class UseCase:
    """What somebody does; ``again``: it takes several transactions, and is done once more."""

    name: str
    prepare: Prepare
    again: bool = False


def use_cases() -> Iterator[UseCase]:
    for number, name in enumerate(lines()):
        yield UseCase(name, form(name, number))
    for name, prepare in (ACTS | WORK).items():
        yield UseCase(name, prepare)
    for name, prepare in AGAIN.items():
        yield UseCase(name, prepare, again=True)


def form(name: str, number: int) -> Prepare:
    """A form of the access table, sent by somebody for whom it goes through."""

    def prepare(w: World) -> Act:
        names, posted = lines()[name]
        address = reverse(
            name, kwargs={key: w.ids.get(value, value) for key, value in names.items()}
        )
        given = {key: w.ids.get(value, value) for key, value in posted.items()}
        browser: Client = w.browser(by_whom(name))
        browser.raise_request_exception = False

        def act() -> None:
            status = browser.post(address, given | {"key": f"broken-{number}"}).status_code
            # Broken off it answers 500; 400 where the session could not be kept.
            assert status in (*DONE, 400, 500), f"{name}: {status}"

        return act

    return prepare


@contextmanager
def firm(now: datetime) -> Iterator[World]:
    """The world of the access table, on a database of its own, at the moment that it speaks of."""
    with scratch_database():
        made = world(now)
        with travel(made.later, tick=False):
            yield made


def broken_off(place: World, case: UseCase, places: Places) -> Tried:
    """Whatever was prepared and done is taken back again."""
    with undone():
        return halves(case.name, case.prepare(place), places, again=case.again)


def all_broken_off(now: datetime, places: Callable[[int], Places]) -> Iterator[Tried]:
    """Every use case in turn; ``places`` says for the n-th at which statements."""
    number = count()
    with firm(now) as place:
        for case in use_cases():
            yield broken_off(place, case, places(next(number)))
    # Versions of policies are kept by their number, which another database gives again.
    pack_of.cache_clear()
    with scratch_database(), travel(now, tick=False):
        yield beginning.demo(now, places(next(number)))
        yield from beginning.begun(now, places(next(number)))


def unreached(services: Set[str], tried: Iterable[Tried]) -> set[str]:
    """Services that nothing which was tried comes to."""
    reached = {name for each in tried for name in each.writing | each.asking}
    return set(services - reached - READS - set(ELSEWHERE))
