"""Every bad value in a cell, a file for each group: each row gets the answer beside its value."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from huiyin.customers.models import Contact, Customer
from huiyin.ledger.models import Fact
from tests.access.world import undone
from tests.bad_input.answers import Refused, Repaired, soon, wrong_words
from tests.bad_input.cells import CELLS, GROUPS, BadCell
from tests.bad_input.firm import Place
from tests.bad_input.ways import GUIDE, imported

pytestmark = pytest.mark.django_db

FIELDS = {
    "面积": "area", "物业费": "fee", "生日": "born", "迁入时间": "moved", "养宠物": "pets", "满意度": "mood",
    "身份证号": "card", "备注": "note",
}  # fmt: skip


def workbook_of(cells: Sequence[BadCell]) -> bytes:
    """One row for each cell: a number, and the value under its title."""
    titles = ["户号", *dict.fromkeys(cell.title for cell in cells if cell.title != "户号")]
    content = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(content, plain) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, titles)
        form = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row, cell in enumerate(cells, 1):
            sheet.write_string(row, 0, f"V-{row}")
            place = titles.index(cell.title)
            if isinstance(cell.cell, date | datetime | clock_time):
                sheet.write_datetime(row, place, cell.cell, form)
            else:
                sheet.write(row, place, cell.cell)
    return content.getvalue()


def kept(cell: BadCell, customer: Customer) -> Any:
    """What of a cell stands there afterwards."""
    if cell.title == "户号":
        return customer.number
    if cell.title == "姓名":
        return customer.name
    if cell.title == "电话":
        return [each.phone for each in Contact.objects.filter(customer=customer).order_by("pk")]
    if cell.title == "登记时间":
        fact = Fact.objects.get(kind="customer.registered", target=customer.pk)
        return None if customer.registered_at == fact.recorded_at else customer.registered_at
    return customer.fields.get(FIELDS[cell.title])


def by_row() -> dict[int, Customer]:
    """Who came, by the row that brought him."""
    facts = Fact.objects.filter(kind="customer.registered").values_list("source", "target")
    customers = Customer.objects.in_bulk([target for _source, target in facts])
    return {int(source.rpartition(":")[2]): customers[target] for source, target in facts}


def said_in(path: Path) -> dict[int, str]:
    """What a file of rows says of each."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {int(row[0]): " ".join(row[1:]) for row in csv.reader(file) if row[0].isdigit()}


def wrong(cell: BadCell, said: str, customer: Customer | None) -> list[str]:
    answer = cell.answer
    if isinstance(answer, Refused):
        found = wrong_words(answer, said) or []
        return found + ([f"taken as {kept(cell, customer)!r}"] if customer else [])
    if customer is None:
        return [f"refused: {said}"]
    if bool(said) != (isinstance(answer, Repaired) and "in doubt" in answer.stated):
        return [f"said of it: {said!r}"]
    into = kept(cell, customer)
    return [] if into == answer.into and type(into) is type(answer.into) else [f"became {into!r}"]


@pytest.mark.parametrize("group", GROUPS)
def test_bad_values_in_cells_get_their_answers(place: Place, tmp_path: Path, group: int) -> None:
    cells = [cell for cell in CELLS if cell.group == group]
    (tmp_path / "t.xlsx").write_bytes(workbook_of(cells))
    refused, doubted = tmp_path / "refused.csv", tmp_path / "doubted.csv"

    with undone():
        with soon():
            told = imported(tmp_path / "t.xlsx", errors=refused, doubts=doubted)
        reasons = said_in(refused)
        said = reasons | said_in(doubted)
        found = by_row()
        mistakes = {
            str(cell): mistake
            for row, cell in enumerate(cells, 2)
            if (mistake := wrong(cell, said.get(row, ""), found.get(row)))
        }

    assert mistakes == {}
    assert told.status == (1 if reasons else 0)


def test_every_repair_of_a_value_is_stated_in_the_guide() -> None:
    guide = GUIDE.read_text(encoding="utf-8")

    assert [
        str(cell)
        for cell in CELLS
        if wrong_words(cell.answer, guide) and not isinstance(cell.answer, Refused)
    ] == []
