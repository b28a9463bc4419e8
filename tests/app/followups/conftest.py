"""The first repair of the estate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from huiyin.subjects.models import Subject
    from tests.app.scene import Scene


@pytest.fixture
def repair(place: Scene) -> Subject:
    # Django is not set up yet when pytest reads this file.
    from tests.app.scene import completed

    return completed(place)
