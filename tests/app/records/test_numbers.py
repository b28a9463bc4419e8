"""Numbers without gaps and without doubles, whoever files at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from huiyin.config.scratch import Scratch
from huiyin.core.errors import Invalid
from huiyin.records.models import Record
from huiyin.records.numbering import next_number, take
from tests.app.records.visits import repaired, visit

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.django_db
def test_a_filing_that_fails_gives_its_number_back(now: datetime) -> None:
    made = repaired(now)
    visit(made, now=now)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        visit(made, now=now)
        _ = 1 / 0
    with pytest.raises(Invalid):
        visit(made, now=now, given={})
    visit(made, now=now)

    numbers = Record.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["WXHF-2026-0001", "WXHF-2026-0002"]


@pytest.mark.django_db
def test_the_year_is_the_firms() -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)

    assert next_number("WT", now=new_year, zone=SHANGHAI) == "WT-2027-000001"
    assert next_number("WT", now=new_year, zone=ZoneInfo("UTC")) == "WT-2026-000001"
    assert take("WT", now=new_year, zone=SHANGHAI) == (2027, 2)
    assert take("HF", now=new_year, zone=SHANGHAI) == (2027, 1)


def test_forty_at_once_get_forty_numbers(scratch_db: Scratch, now: datetime) -> None:
    def number(_turn: int) -> int:
        try:
            with transaction.atomic():
                return take("HF", now=now, zone=SHANGHAI)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(number, range(40)))

    assert sorted(found) == list(range(1, 41))
