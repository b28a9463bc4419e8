"""A moment that exists and cannot be meant is told apart from a text that is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from huiyin.core.errors import Invalid
from huiyin.customers.forms import statement
from huiyin.followups.forms import circumstances

ODD = [
    ("2999-01-01T09:00", "这个时间的年份须在 1970 与 2200 之间。"),
    ("1900-01-01", "这个时间的年份须在 1970 与 2200 之间。"),
    ("2026-02-30T09:00", "“2026-02-30T09:00”不是一个时间。"),
    ("昨天", "“昨天”不是一个时间。"),
]


@pytest.mark.parametrize(("written", "why"), ODD)
def test_an_odd_moment_is_told_its_true_reason(written: str, why: str) -> None:
    sent = QueryDict(mutable=True)
    sent["happened_at"] = written

    with pytest.raises(Invalid) as followed:
        circumstances(sent, me=1, known=[1], zone=UTC)
    with pytest.raises(Invalid) as stated:
        statement(sent, zone=UTC, now=datetime(2026, 3, 2, tzinfo=UTC))

    assert followed.value.errors == stated.value.errors == {"happened_at": [why]}
