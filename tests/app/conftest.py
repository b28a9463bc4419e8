"""A firm, with its policy in force or without, founded once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.app.scene import Scene
    from tests.people import SmallFirm

# Django is not set up yet when pytest reads this file.


NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def firm_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallFirm]:
    from tests.access.world import undone
    from tests.people import small_firm

    with django_db_blocker.unblock(), undone():
        yield small_firm(NOW)


@pytest.fixture
def firm(firm_once: SmallFirm, db: None) -> SmallFirm:
    """The cast; what a test does to it is gone after the test."""
    return deepcopy(firm_once)


@pytest.fixture(scope="module")
def adopted_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallFirm]:
    from tests.access.world import undone
    from tests.app.imports.estate import estate

    with django_db_blocker.unblock(), undone():
        yield estate(NOW)


@pytest.fixture
def adopted(adopted_once: SmallFirm, db: None) -> SmallFirm:
    """The cast with the repair policy in force, and no household."""
    from huiyin.adoption.queries import current

    current()  # the pack is parsed once per process, as if the test had adopted it itself
    return deepcopy(adopted_once)


@pytest.fixture(scope="module")
def founded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    from tests.access.world import undone
    from tests.app.scene import scene

    with django_db_blocker.unblock(), undone():
        yield scene(NOW)


@pytest.fixture
def founded(founded_once: Scene, db: None) -> Scene:
    """A firm as `scene` makes it; what a test does to it is gone after the test."""
    return deepcopy(founded_once)


@pytest.fixture
def place(founded: Scene) -> Scene:
    return founded
