from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from huiyin.config.scratch import Scratch


@pytest.fixture
def ledger(
    scratch_db: Scratch, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scratch]:
    """Facts with every column filled, in four seals."""
    # Models can be imported once Django is set up, which is after this file is read.
    from tests.app.ledger.sealed import four_seals

    four_seals(now, monkeypatch)
    yield scratch_db
