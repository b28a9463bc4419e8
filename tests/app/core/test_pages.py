"""Pages by key."""

from datetime import timedelta

import pytest

from huiyin.core.errors import Invalid
from huiyin.core.models import IdempotencyKey
from huiyin.core.pages import Page, counted_page, keyset_page

ORDER = ("-created_at", "-id")


@pytest.fixture
def rows(db, now):
    """Seven rows, two of each moment, microseconds apart."""
    return IdempotencyKey.objects.bulk_create(
        IdempotencyKey(
            key=f"k{n}", request_digest="x", created_at=now + timedelta(microseconds=n // 2)
        )
        for n in range(7)
    )


def keys(page):
    return [row.key for row in page.items]


def page(cursor="", order=ORDER, size=3):
    return keyset_page(IdempotencyKey.objects.all(), order=order, cursor=cursor, size=size)


def test_walking_on_shows_every_row_once_and_then_ends(rows):
    first = page()
    second = page(first.next)
    third = page(second.next)

    assert [keys(first), keys(second), keys(third)] == [
        ["k6", "k5", "k4"],
        ["k3", "k2", "k1"],
        ["k0"],
    ]
    assert (first.previous, third.next) == ("", "")


def test_walking_back_shows_the_same_pages(rows):
    first = page()
    second = page(first.next)

    assert keys(page(page(second.next).previous)) == ["k3", "k2", "k1"]
    back = page(second.previous)
    assert keys(back) == keys(first)
    assert back.previous == ""


def test_directions_may_differ_between_keys(rows):
    order = ("created_at", "-id")
    first = page(order=order)

    assert keys(first) == ["k1", "k0", "k3"]
    assert keys(page(first.next, order)) == ["k2", "k5", "k4"]


def test_a_row_written_meanwhile_does_not_shift_the_next_page(rows, now):
    first = page()
    IdempotencyKey.objects.create(
        key="new", request_digest="x", created_at=now + timedelta(hours=1)
    )

    assert keys(page(first.next)) == ["k3", "k2", "k1"]


def test_a_page_costs_one_query(rows, django_assert_num_queries):
    cursor = page().next

    with django_assert_num_queries(1):
        page(cursor)


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_nothing_is_empty_but_nothing(db, size):
    empty = page(size=size)

    assert (empty.items, empty.next, empty.previous) == ([], "", "")


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "WyJvIl0", "WyJvIiwgMSwgMiwgM10", "WyJvIiwgImp1bmsiLCAianVuayJd", "bnVsbA"],
)
def test_a_cursor_that_was_not_made_here_is_refused(rows, cursor):
    with pytest.raises(Invalid):
        page(cursor)


@pytest.mark.parametrize("order", [ORDER, ("created_at", "-id"), ("key", "pk")])
@pytest.mark.parametrize("size", [3, 7])
@pytest.mark.parametrize(("most", "count"), [(10, 7), (7, 7), (6, 7), (2, 3)])
def test_a_counted_page_is_the_first_one_with_how_many_there_are(rows, order, size, most, count):
    every = IdempotencyKey.objects.all()

    found = counted_page(every.exclude(key="x"), every, order=order, size=size, most=most)

    assert found == (page(order=order, size=size), count)


def test_where_nothing_is_found_nothing_is_counted(db):
    every = IdempotencyKey.objects.all()

    for nothing in (every, every.none()):
        assert counted_page(nothing, every, order=("id",), most=10) == (Page([]), 0)
