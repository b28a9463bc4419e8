"""One firm for all inputs of a file; whatever an input brings is taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

if TYPE_CHECKING:
    from tests.bad_input.firm import Place


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    # Django is not set up yet when pytest reads this file.
    from tests.access.world import undone
    from tests.bad_input.firm import place

    with django_db_blocker.unblock(), undone():
        yield place(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def place(shared: Place, db: None) -> Iterator[Place]:
    """The firm, at its own moment."""
    with time_machine.travel(shared.now, tick=False):
        yield shared
