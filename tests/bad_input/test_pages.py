"""A bad file of some groups again, through 设置 → 导入 as a browser sends it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from huiyin.accounts.models import CalendarDay
from huiyin.imports.models import ImportBatch
from huiyin.ledger.models import Fact
from tests.access.world import Again, undone
from tests.app.imports.test_pages import applied, at, sent, tried, uploaded
from tests.bad_input import texts, workbooks
from tests.bad_input.answers import File, Refused
from tests.bad_input.firm import Place
from tests.bad_input.test_files import FILES
from tests.bad_input.ways import counted, customers

pytestmark = pytest.mark.django_db

AGAIN = (1, 5, 9, 12, 17, 19, 21, 22, 26, 27, 28)
FIRST = [next(file for file in FILES if file.group == group) for group in AGAIN]
NUL = [file for file in texts.FILES + workbooks.FILES if re.search("NUL|UTF-32", file.name)]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize("file", [*FIRST, *NUL], ids=str)
def test_a_bad_file_gets_its_answer_on_the_page(
    place: Place, before: dict[str, int], head: Client, file: File
) -> None:
    with undone():
        answer = file.answer
        if isinstance(answer, Refused) and not answer.beside:
            page = sent(head, file.make(), name=file.called)
            assert page.status_code == 422
            assert answer.remedy in words(page.content.decode())
            assert counted() == before
            return
        batch = applied(head, tried(head, uploaded(head, file.make(), name=file.called)))
        taken = customers()
        told = words(head.get(at("page", batch)).content.decode())

    assert taken == (answer.beside if isinstance(answer, Refused) else answer.into)
    if isinstance(answer, Refused):
        assert answer.remedy in told


def test_a_file_that_was_kept_with_a_nul_can_be_opened(place: Place, head: Client) -> None:
    with undone():
        batch = uploaded(head, "户号,姓名\n1,张三\n".encode(), name="a.csv")
        batch.head["values"][0].append("K\0x")
        batch.save(update_fields=["head"])
        page = head.get(at("columns", batch))

    assert page.status_code == 200


NAMES = ("=cmd|calc!A1.csv", "CON", "a\u202egpj.exe", "名" * 300 + ".xlsx", "../../etc/passwd", "📷.csv",
         "<img src=x onerror=alert(1)>.csv", "%s{0.__class__}.csv")  # fmt: skip


def test_a_file_may_be_called_anything(place: Place, head: Client) -> None:
    with undone():
        pages = [
            head.get(at("columns", called(head, name))).content.decode() for name in NAMES[-2:]
        ]
        for name in NAMES[:-2]:
            called(head, name)
        pages.append(head.get(reverse("imports:list")).content.decode())
        kept = list(ImportBatch.objects.values_list("file_name", flat=True))

    assert len(kept) == len(NAMES)
    assert [name for name in kept if len(name) > 200 or "/" in name] == []
    assert [page for page in pages if "<img src=x" in page] == []


def called(client: Client, name: str) -> ImportBatch:
    return uploaded(client, "户号,姓名\n1,张三\n".encode(), name=name)


def test_a_past_working_day_that_becomes_a_holiday_is_stated_and_nothing_else(
    place: Place, head: Client
) -> None:
    """Group 52: it is taken, as a fact of the day on which it was learned."""
    before = counted()
    notice = Again("2026.csv", "2026-02-25,休,补假\n".encode(), "text/csv")
    with undone():
        answer = head.post(reverse("desk:calendar_notices", args=[2026]), {"file": notice})
        after = counted()
        stated = Fact.objects.filter(kind="calendar.changed").values_list("happened_at", flat=True)
        told = list(stated)
        worked = CalendarDay.objects.get(day="2026-02-25").worked

    assert (answer.status_code, worked, told) == (302, False, [place.now])
    grown = {table for table, rows in after.items() if rows > before[table]}
    assert grown <= {"ledger_fact", "procrastinate_jobs", "procrastinate_events"}
