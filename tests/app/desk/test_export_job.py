"""The worker takes the job that the page has left, in a database of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from huiyin.config.scratch import Scratch
from huiyin.core import clock
from huiyin.desk import jobs, services
from huiyin.desk.models import Export
from tests.app import scene as on


def test_the_worker_makes_the_sheet(scratch_db: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    # The worker's own clock runs, and what is old is thrown away.
    now = clock.now()
    monkeypatch.setattr(services, "AT_ONCE", 0)
    place = on.scene(now)
    viewer = place.firm.viewer(place.firm.manager)
    row = services.export("customers", "", viewer=viewer, now=now)
    assert isinstance(row, Export)

    app = jobs.app.with_connector(jobs.app.connector.get_worker_connector())  # type: ignore[attr-defined]
    # In a thread of its own: a browser of other tests may have its loop in this one.
    with ThreadPoolExecutor() as apart:
        apart.submit(asyncio.run, one_round(app)).result()

    row = Export.objects.get(pk=row.pk)
    book = CalamineWorkbook.from_filelike(BytesIO(bytes(row.content)))
    assert row.state == "ready"
    assert "3栋1202" in str(book.get_sheet_by_name("客户").to_python())


async def one_round(app: Any) -> None:
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
