"""One world for all tests of a file: it takes longer to make than to try every page of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

if TYPE_CHECKING:
    from tests.access.world import World


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    # Django is not set up yet when pytest reads this file.
    from tests.access.world import undone, world

    with django_db_blocker.unblock(), undone():
        yield world(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def place(shared: World, db: None) -> Iterator[World]:
    """The world, at the moment at which its pages are looked at."""
    with time_machine.travel(shared.later, tick=False):
        yield shared
