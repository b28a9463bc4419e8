"""Groups 46 to 50: requests that no page of ours makes, sent to the list and the form of customers.

What waits for bytes on the wire (a slow sender, a body without its length) is the web server's.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from tests.bad_input.answers import Answer, Neutral, Refused

NEW, LIST, SIGN_IN = "/customers/new/", "/customers/", "/signin/"
FORM = "application/x-www-form-urlencoded"
GOOD = {"number": "F-1", "name": "张三"}
SECRETS = {
    "id": "7", "pk": "7", "target": "7", "target_id": "7", "retracted_at": "2026-01-01", "created_at": "2020-01-01",
    "registered_at": "2020-01-01", "due_at": "2030-01-01", "closed_by": "1", "role": "manager",
    "is_superuser": "on", "is_staff": "on", "customer_class": "none", "fields": '{"area": 1}', "__proto__": "x",
    "f-nothing": "x", "constructor[prototype]": "x", "f-__class__": "x",
}  # fmt: skip

Sending = Callable[[Client], HttpResponse]


@dataclass(frozen=True)
class BadRequest:
    """How it is sent, and what comes back. ``made``: how many customers there are afterwards."""

    group: int
    name: str
    send: Sending
    answer: Answer
    status: int
    made: int = 0

    def __str__(self) -> str:
        return f"{self.group}-{self.name}"


def post(body: bytes, kind: str = FORM, path: str = NEW, **headers: Any) -> Sending:
    return lambda client: client.post(path, body, content_type=kind, **headers)


def fields(**given: Any) -> Sending:
    return lambda client: client.post(NEW, GOOD | given)


def get(path: str, **headers: Any) -> Sending:
    return lambda client: client.get(path, **headers)


def neutral(
    group: int, name: str, send: Sending, *, status: int = 200, made: int = 0
) -> BadRequest:
    return BadRequest(group, name, send, Neutral(status), status, made)


def refused(group: int, name: str, send: Sending, words: str, status: int) -> BadRequest:
    return BadRequest(group, name, send, Refused(words, ""), status)


def cookie(client: Client) -> HttpResponse:
    client.cookies["more"] = "x" * 65_536
    answer = client.get(LIST)
    del client.cookies["more"]
    return answer


def sign_in(**given: str) -> Sending:
    """By somebody who is not signed in."""
    return lambda client: Client().post(SIGN_IN, {"username": "nobody"} | given)


JSON = "application/json"
NOTHING = "户号"
BODIES = [
    refused(46, "JSON where a form belongs", post(b'{"number": "F-1"}', JSON), NOTHING, 422),
    refused(46, "JSON a hundred thousand deep", post(b"[" * 100_000, JSON), NOTHING, 422),
    refused(46, "a form under another name", post(urlencode(GOOD).encode(), "text/plain"), NOTHING, 422),
    refused(46, "a packed body", post(gzip.compress(b"number=F-1"), HTTP_CONTENT_ENCODING="gzip"), "", 422),
    refused(46, "a million fields", post(b"&".join(b"k%d=1" % n for n in range(200_000))), "", 400),
    refused(46, "13 MB", post(b"name=" + b"a" * 13_000_000), "没有保存任何内容", 400),
    neutral(46, "one field twice", post(b"number=F-1&number=F-2&name=x"), status=302, made=1),
]  # fmt: skip
NUMBERS = [
    *(refused(47, f"no customer {which}", get(f"/customers/{which}/"), "没有", 404)
      for which in ("0", "9223372036854775807", "9223372036854775808", "1" * 400, "-1", "1e3", "%2e%2e", "..%2f1",
                    "٣", "1%00")),
    *(neutral(47, f"the list asked {query[:30]}", get(f"{LIST}?{query}")) for query in (
        "page=1e9", "sort=password", "order_by=-password", "q[]=1", "q=" + "%25" * 500, "q=%28a%2B%29%2B%24",
        "class=__proto__", "unit=-1", "fields=password,phone", "q=a%26%21b%7C%28c", "q=%5C")),
    neutral(47, "fields that no page has", fields(**SECRETS), status=302, made=1),
    neutral(47, "a list where one belongs", lambda client: client.post(NEW, {"number": ["F-1", "F-2"], "name": ["a", "b"]}),
            status=302, made=1),
    refused(47, "a unit of nobody", fields(unit="9223372036854775808"), "请从列出的里面选择", 422),
]  # fmt: skip
WAYS = [
    *(refused(49, method, lambda client, method=method: client.generic(method, LIST, b""), "", 405)
      for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "POST")),
    neutral(49, "a method in a header", get(LIST, HTTP_X_HTTP_METHOD_OVERRIDE="DELETE")),
    neutral(49, "a method in a field", fields(_method="DELETE"), status=302, made=1),
    neutral(49, "an address in a header", get(LIST, HTTP_X_FORWARDED_FOR="127.0.0.1", HTTP_X_ORIGINAL_URL="/admin")),
    refused(49, "another host", get(LIST, HTTP_HOST="evil.example"), "", 400),
    neutral(50, "64 KB of cookies", cookie),
    neutral(50, "a password of a megabyte", sign_in(password="长" * 400_000), status=422),
]  # fmt: skip
REQUESTS = [*BODIES, *NUMBERS, *WAYS]
