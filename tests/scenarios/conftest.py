"""The property manager's pack on its stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder() -> Path:
    from django.conf import settings

    return Path(settings.HUIYIN_PACKS) / "property-management"


@pytest.fixture
def stage(db: None, folder: Path) -> Iterator[Any]:
    # Models can be imported only when Django is set up, which is after this file is read.
    from huiyin.policy.loading import load_pack
    from huiyin.scenarios.stage import stage_for

    with stage_for(load_pack(folder)) as stage:
        yield stage


@pytest.fixture
def played(stage: Any) -> Callable[[str], Any]:
    """Plays lines after the usual scene."""
    from huiyin.scenarios.runner import play
    from tests.scenarios.writing import written

    return lambda lines: play(written(lines), stage)
