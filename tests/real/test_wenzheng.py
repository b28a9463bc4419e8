"""Messages of citizens with the official replies: from text and from a workbook the same cases.

`make real DATA=<folder> WENZHENG=<folder>`; without the folder these tests are skipped and counted.
What must come out is worked out from the text file with csv and datetime alone.
"""

from __future__ import annotations

import csv
import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huiyin.cases.importing import IMPORTER as CASES
from huiyin.cases.models import Case
from huiyin.config.scratch import scratch_database
from huiyin.customers.importing import IMPORTER as CUSTOMERS
from huiyin.customers.models import Customer
from huiyin.imports.importer import Importer
from huiyin.imports.maps import load_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.services import Order, import_file
from huiyin.ledger.models import Fact, Target
from tests.app.imports.estate import estate

DATA = Path(os.environ.get("HUIYIN_WENZHENG_DATA") or "absent")
MAPS = Path(__file__).parent / "maps"
FILES = ("replies.csv", "replies.xlsx")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BLANK = re.compile(r"^[\s\u200b\u200c\u200d\ufeff]+|[\s\u200b\u200c\u200d\ufeff]+$")

pytestmark = pytest.mark.skipif(
    not all((DATA / name).exists() for name in FILES),
    reason="the messages are not here: make real WENZHENG=<folder>",
)


def bring_in(name: str, map_name: str, importer: Importer) -> ImportBatch:
    map_file = load_map(MAPS / f"{map_name}.yaml")
    order = Order(DATA / name, map_file, "history", SHANGHAI)
    return import_file(order, importer=importer, now=NOW)


def moment(text: str) -> datetime:
    for form in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise ValueError(text)


def bare(text: str) -> str:
    """Without blanks around; the text file kept a workbook's spelling of the carriage return."""
    return BLANK.sub("", text.replace("_x000D_\n", "\n").replace("_x000D_", "\n"))


def expected() -> list[tuple[object, ...]]:
    with (DATA / "replies.csv").open(encoding="utf-8-sig", newline="") as file:
        return sorted(
            (
                row["留言编号"],
                row["留言用户"],
                f"{bare(row['留言主题'])}\n{bare(row['留言详情'])}",
                moment(row["留言时间"]),
                bare(row["答复意见"]),
                moment(row["答复时间"]),
            )
            for row in csv.DictReader(file)
        )


def found() -> list[tuple[object, ...]]:
    return sorted(
        Case.objects.values_list(
            "number", "customer__number", "description", "raised_at", "reply_to_customer",
            "replied_at",
        )
    )  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_every_message_becomes_a_case_with_its_reply(
    name: str, django_db_blocker: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    with django_db_blocker.unblock(), scratch_database():  # type: ignore[attr-defined]
        estate(NOW)
        started = time.monotonic()
        people = bring_in(name, "wenzheng_customers", CUSTOMERS)
        messages = bring_in(name, "wenzheng_cases", CASES)
        seconds = time.monotonic() - started
        sizes = Fact.objects.count(), Target.objects.count()
        again = bring_in(name, "wenzheng_cases", CASES)

        assert (people.accepted, people.refused, people.duplicate) == (2_072, 0, 187)
        assert (messages.accepted, messages.refused, messages.duplicate) == (2_259, 0, 0)
        assert found() == expected()
        assert Customer.objects.count() == 2_072
        assert set(Case.objects.values_list("stage", "outcome")) == {("closed", "explained")}
        assert (again.accepted, again.refused, again.duplicate) == (0, 0, 2_259)
        assert (Fact.objects.count(), Target.objects.count()) == sizes
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {name}: 2259 rows, 2259 cases, 2072 customers, {seconds:.1f} seconds\n"
        )
