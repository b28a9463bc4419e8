"""对应各列: what of a file's numbers may stand on the page before anything is brought in."""

from __future__ import annotations

import pytest
from django.test import Client

from huiyin.imports.cells import masked
from tests.app import scene as on
from tests.app.imports.test_pages import at, manager, place, uploaded

__all__ = ["manager", "place"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138001", "138••••8001"),
        ("１３８００００００３", "••••••••０３"),
        ("1380000", "•••••00"),
        ("5551234", "•••••34"),
        ("5551234 转 12", "••••••• 转 12"),
    ],
)
def test_a_column_of_phones_shows_no_number_whole(
    manager: Client, place: on.Scene, phone: str, shown: str
) -> None:
    batch = uploaded(manager, f"户号,电话\nA1,{phone}\n".encode(), name="户.csv")

    page = manager.get(at("columns", batch))

    assert page.context["columns"][1]["samples"] == [shown]
    assert phone not in page.content.decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打 1380000", "打 •••••00"),
        ("电话１３８００００００３", "电话••••••••０３"),
        ("20260227", "20260227"),
        ("WX-1500001", "WX-1500001"),
        ("120.1500001", "120.1500001"),
        ("3栋1202", "3栋1202"),
    ],
)
def test_what_begins_like_a_mobile_is_masked_wherever_it_stands(text: str, shown: str) -> None:
    assert masked(text) == shown
