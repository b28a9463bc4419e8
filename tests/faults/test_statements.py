"""The database fails in the middle: what was half done is not there, or all of it is.

Every form, every job and every other use case is broken off at its k-th statement, COPY and the end
of a transaction among them: one in six at one of them here, each at every one by `make faults` and
`make long`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from time_machine import travel

from huiyin.accounts.services import create_person
from tests.faults.breaking import Places, Tried, every, few, halves
from tests.faults.registry import services
from tests.faults.usecases import READS, all_broken_off, unreached


@pytest.fixture(scope="module")
def tried(django_db_blocker: pytest.FixtureRequest) -> Iterator[list[Tried]]:
    """Every use case, one in six broken off."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield list(all_broken_off(datetime.fromisoformat("2026-03-02T01:00Z"), one_in_six))


def one_in_six(number: int) -> Places:
    return few(number, most=number % 6 == 0)


def test_what_is_broken_off_is_done_or_not_done(tried: list[Tried]) -> None:
    assert [str(each) for each in tried if each.wrong] == []
    assert len(tried) > 130 and sum(each.broken_off for each in tried) > 20


@pytest.mark.long
def test_it_is_so_at_every_statement(
    django_db_blocker: pytest.FixtureRequest, now: datetime
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        assert [str(e) for e in all_broken_off(now, lambda _n: every) if e.wrong] == []


def test_every_service_is_come_to(tried: list[Tried]) -> None:
    assert unreached(services(), tried) == set()
    assert len(services()) > 180


def test_a_new_service_that_nothing_comes_to_is_found(tried: list[Tried]) -> None:
    assert unreached({*services(), "cases.services:planted"}, tried) == {"cases.services:planted"}


def test_what_is_said_to_read_alone_writes_nothing(tried: list[Tried]) -> None:
    assert READS & {name for each in tried for name in each.writing} == set()
    assert READS <= services()


def test_what_is_written_in_two_transactions_is_found(scratch_db: object, now: datetime) -> None:
    def act() -> None:
        for number in ("X1", "X2"):
            create_person(number, number=number, by=None, now=now)

    with travel(now, tick=False):
        found = halves("two people", act, every)

    assert found.wrong
    assert found.broken_off == found.statements > len(found.wrong)
