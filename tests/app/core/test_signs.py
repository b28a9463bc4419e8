"""What nobody sees is nothing, wherever it is typed."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from huiyin.core.http import ErrorMiddleware
from huiyin.core.signs import is_unseen

UNSEEN = [
    "\u200b\u200b",
    "\u200b \u200c",
    "\ufeff",
    "\u3164\u3000",
    "\u2800",
    "\ufe0f",
    "\u202e",
    "\n\t",
]


@pytest.mark.parametrize("text", UNSEEN)
def test_signs_that_nobody_sees_are_nothing(text: str) -> None:
    assert is_unseen(text)


@pytest.mark.parametrize(
    "text", ["无", "\u200b好", "。", "-", "👨‍👩‍👧", "0", "\ue001", "\U00031350"]
)
def test_anything_that_can_be_read_is_something(text: str) -> None:
    assert not is_unseen(text)


@pytest.mark.parametrize("text", UNSEEN)
def test_a_form_is_read_as_it_is_seen(text: str) -> None:
    request = RequestFactory().post("/", {"reason": text, "who": [text, "7"], "name": " 李 "})
    door = ErrorMiddleware(lambda _request: HttpResponse())

    assert door.process_view(request, lambda: None, (), {}) is None
    assert request.POST["reason"] == ""
    assert request.POST.getlist("who") == ["", "7"]
    assert request.POST["name"] == " 李 "
