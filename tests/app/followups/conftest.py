"""The estate of the follow-ups' tests, and its first repair."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from huiyin.subjects.models import Subject
    from tests.app.scene import Scene

# Django is not set up yet when pytest reads this file.


@pytest.fixture
def place(now: datetime) -> Scene:
    from tests.app.scene import scene

    return scene(now)


@pytest.fixture
def repair(place: Scene) -> Subject:
    from tests.app.scene import completed

    return completed(place)
