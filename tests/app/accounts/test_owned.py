"""What a person owns."""

import pytest

from huiyin.accounts import owned


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    monkeypatch.setattr(owned, "_registered", {})


def hand_over(person_id, *, to, by, now):
    return 3


def test_what_is_owned_is_counted_by_kind_and_nothing_is_left_out(now):
    owned.register("customer", "客户", lambda person: 3, hand_over)
    owned.register("case", "问题", lambda person: 0, hand_over)

    assert owned.counts(7) == {"customer": 3}
    assert owned.title("customer") == "客户"


def test_everything_is_handed_over(now):
    owned.register("customer", "客户", lambda person: 3, hand_over)

    assert owned.hand_over_all(7, to=8, by=1, now=now) == {"customer": 3}


def test_a_kind_is_registered_once():
    owned.register("customer", "客户", len, hand_over)
    owned.register("customer", "客户", len, hand_over)

    with pytest.raises(ValueError, match="customer"):
        owned.register("customer", "客户", max, hand_over)
