"""The firm at its moment, and the manager signed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from tests.app.scene import Scene


@pytest.fixture
def place(founded: Scene, now: datetime) -> Iterator[Scene]:
    with time_machine.travel(now, tick=False):
        yield founded


@pytest.fixture
def manager(place: Scene) -> Client:
    # Django is not set up yet when pytest reads this file.
    from tests.app.scene import signed_in

    return signed_in(place.firm.manager)
