"""One firm for all inputs of a file; whatever an input brings is taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.test import Client

if TYPE_CHECKING:
    from tests.bad_input.firm import Place


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    # Django is not set up yet when pytest reads this file.
    from tests.access.world import undone
    from tests.bad_input.firm import place

    with django_db_blocker.unblock(), undone():
        yield place(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def head(shared: Place) -> Client:
    """The browser of the firm's head; a fault of ours is an answer to it, not an error here."""
    from tests.app.scene import signed_in

    client = signed_in(shared.firm.manager)
    client.raise_request_exception = False
    return client


@pytest.fixture(scope="module")
def before(head: Client) -> dict[str, int]:
    """How many rows each table has before any input; each input finds the same."""
    from tests.bad_input.ways import counted

    return counted()


@pytest.fixture
def place(shared: Place, db: None) -> Iterator[Place]:
    """The firm, at its own moment."""
    with time_machine.travel(shared.now, tick=False):
        yield shared
