"""The firm with its policy in force, founded once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.app.scene import Scene

# Django is not set up yet when pytest reads this file.


@pytest.fixture(scope="module")
def founded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    from tests.access.world import undone
    from tests.app.scene import scene

    with django_db_blocker.unblock(), undone():
        yield scene(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def founded(founded_once: Scene, db: None) -> Scene:
    """A firm as `scene` makes it; what a test does to it is gone after the test."""
    return deepcopy(founded_once)


@pytest.fixture
def place(founded: Scene) -> Scene:
    return founded
