"""A firm, with its policy in force or without, founded once for all tests of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import time_machine

if TYPE_CHECKING:
    from tests.app.scene import Scene
    from tests.people import SmallFirm

# Django is not set up yet when pytest reads this file.


Made = TypeVar("Made")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def kept(make: Callable[[datetime], Made], blocker: Any) -> Iterator[Made]:
    """What ``make`` makes in a transaction that lasts as long as the tests of a file."""
    from tests.access.world import undone

    with blocker.unblock(), undone():
        yield make(NOW)


@pytest.fixture(scope="module")
def firm_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallFirm]:
    from tests.people import small_firm

    yield from kept(small_firm, django_db_blocker)


@pytest.fixture
def firm(firm_once: SmallFirm, db: None) -> SmallFirm:
    """The cast; what a test does to it is gone after the test."""
    return deepcopy(firm_once)


@pytest.fixture(scope="module")
def adopted_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallFirm]:
    from tests.app.imports.estate import estate

    yield from kept(estate, django_db_blocker)


@pytest.fixture
def adopted(adopted_once: SmallFirm, db: None) -> SmallFirm:
    """The cast with the repair policy in force, and no household."""
    from huiyin.adoption.queries import current

    current()  # the pack is parsed once per process, as if the test had adopted it itself
    return deepcopy(adopted_once)


@pytest.fixture(scope="module")
def founded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    from tests.app.scene import scene

    yield from kept(scene, django_db_blocker)


@pytest.fixture
def founded(founded_once: Scene, db: None) -> Scene:
    """A firm as `scene` makes it; what a test does to it is gone after the test."""
    return deepcopy(founded_once)


@pytest.fixture
def place(founded: Scene) -> Scene:
    return founded


@pytest.fixture
def two_hours_later(now: datetime) -> Iterator[None]:
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        yield
