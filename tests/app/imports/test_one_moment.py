"""What the page of an import shows is of one moment, whatever a job does to the batch meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.urls import reverse

from huiyin.config.scratch import Scratch
from huiyin.customers.importing import IMPORTER
from huiyin.imports import mapping, pages, services
from huiyin.imports.models import ImportBatch
from tests.adopted import adopt
from tests.app import scene as on
from tests.app.imports import batches
from tests.people import SmallFirm, small_firm

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def firm(scratch_db: Scratch) -> Iterator[SmallFirm]:
    with time_machine.travel(AT, tick=False):
        firm = small_firm(AT)
        adopt(firm, now=AT)
        yield firm


def shown(client: Client, batch: ImportBatch) -> tuple[bool, dict[str, int], bool]:
    """Whether the page says that the file is still worked on, its counts, and whether it warns."""
    answer = client.get(reverse("imports:page", args=[batch.pk]))
    counts = {str(each["title"]): each["count"] for each in answer.context["result"]["counts"]}
    return answer.context["running"], counts, "不属于任何下级单位" in answer.content.decode()


def beside(do: Any, *given: Any, **named: Any) -> None:
    """Done over a connection of its own."""

    def over() -> None:
        try:
            do(*given, **named)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(over).result(30)


def test_a_file_is_not_called_tried_out_before_what_would_come_of_it_is_seen(
    firm: SmallFirm, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.uploaded("A", by=firm.manager.pk, now=AT)
    choices = mapping.proposed(batch, IMPORTER.expected(""))
    services.choose(batch, choices, importer=IMPORTER, now=AT)
    browser, judge = on.signed_in(firm.manager), type(IMPORTER).judge
    judging, looked = Event(), Event()

    def judge_late(*args: Any, **given: Any) -> Any:
        judging.set()
        assert looked.wait(30)
        return judge(*args, **given)

    monkeypatch.setattr(type(IMPORTER), "judge", judge_late)
    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(beside, services.check, batch, now=AT)
        assert judging.wait(30)
        before = shown(browser, batch)
        poll = browser.get(reverse("imports:page", args=[batch.pk]), headers={"HX-Request": "true"})
        looked.set()
        trying.result(30)

    assert before[0]
    assert "HX-Refresh" not in poll.headers
    assert shown(browser, batch) == (
        False,
        {"共": 3, "新增": 2, "补充": 0, "其中待核对": 1, "重复": 0, "拒绝": 1},
        True,
    )


def test_a_page_shows_the_rows_of_the_moment_of_its_state(
    firm: SmallFirm, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.tried("A", by=firm.manager.pk, now=AT)
    browser, result = on.signed_in(firm.manager), pages.result

    def result_late(found: ImportBatch) -> dict[str, Any]:
        beside(services.cancel, ImportBatch.objects.get(pk=batch.pk))
        return result(found)

    monkeypatch.setattr(pages, "result", result_late)
    context = browser.get(reverse("imports:page", args=[batch.pk])).context

    assert context["batch"].state == "staged"
    assert len(context["result"]["refusals"]) == context["batch"].refused == 1
    assert len(context["first"]["rows"]) == context["batch"].accepted == 2
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == ("cancelled", 0)
