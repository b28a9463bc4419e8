"""A house whose planner and sweep have stopped says so on every page, and to somebody outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Firm
from huiyin.obligations import jobs
from tests.app import scene as on

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def watchman() -> Iterator[Any]:
    """A local server, and what it was asked for."""

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    heard: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alive", heard
    server.shutdown()


@pytest.mark.parametrize(
    ("away", "said"), [(2 * MINUTE, ""), (3 * MINUTE, "停了 3 分钟"), (61 * MINUTE, "停了 61 分钟")]
)
def test_every_page_says_for_how_long_nothing_went_through(
    now: datetime, away: timedelta, said: str
) -> None:
    place = on.scene(now)
    with time_machine.travel(now, tick=False):
        jobs.tick()
    with time_machine.travel(now + away, tick=False):
        shown = on.signed_in(place.firm.officer).get("/customers/").content.decode()

    assert ("data-stopped" in shown) == bool(said) and said in shown


def test_a_tick_that_fails_is_no_sign_of_life(
    now: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any, watchman: Any
) -> None:
    on.scene(now)
    settings.HUIYIN_PING_URL, heard = watchman
    monkeypatch.setattr("huiyin.obligations.services.tick", lambda now: 1 / 0)

    with time_machine.travel(now, tick=False), pytest.raises(ZeroDivisionError):
        jobs.tick()

    assert Firm.objects.get().beat_at is None and heard == []


def test_somebody_outside_hears_of_every_tick(now: datetime, settings: Any, watchman: Any) -> None:
    on.scene(now)
    settings.HUIYIN_PING_URL, heard = watchman

    with time_machine.travel(now, tick=False):
        jobs.tick()
        jobs.tick()

    assert heard == ["/alive", "/alive"]


@pytest.mark.parametrize(
    "nowhere", ["http://127.0.0.1:9/", "no address", "http://127.0.0.1/a b", "http://x:y/"]
)
def test_a_watchman_who_is_away_stops_nothing(now: datetime, settings: Any, nowhere: str) -> None:
    on.scene(now)
    settings.HUIYIN_PING_URL = nowhere

    with time_machine.travel(now, tick=False):
        jobs.tick()

    assert Firm.objects.get().beat_at == now


@pytest.mark.parametrize(
    ("beat", "said"),
    [(None, "停了 61 分钟"), (timedelta(hours=5), "停了 61 分钟"), (62 * MINUTE, "")],
)
def test_without_a_beat_that_counts_it_stands_since_the_firm_was_founded(
    now: datetime, beat: timedelta | None, said: str
) -> None:
    place = on.scene(now)
    Firm.objects.update(beat_at=beat and now + beat)

    with time_machine.travel(now + 61 * MINUTE, tick=False):
        shown = on.signed_in(place.firm.officer).get("/customers/").content.decode()

    assert ("data-stopped" in shown) == bool(said) and said in shown


def test_a_beat_from_a_clock_that_was_ahead_is_put_right(now: datetime) -> None:
    on.scene(now)
    accounts.beat(now=now + 5 * MINUTE)
    accounts.beat(now=now)

    assert Firm.objects.get().beat_at == now


def test_a_tick_that_takes_long_has_gone_through_when_it_ends(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.scene(now)
    with time_machine.travel(now, tick=False) as traveller:

        def long_one(now: datetime) -> int:
            traveller.shift(5 * MINUTE)
            return 0

        monkeypatch.setattr("huiyin.obligations.services.tick", long_one)
        jobs.tick()

    assert Firm.objects.get().beat_at == now + 5 * MINUTE


def test_a_watchman_who_answers_nonsense_stops_nothing(now: datetime, settings: Any) -> None:
    on.scene(now)
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.HUIYIN_PING_URL = f"http://127.0.0.1:{door.getsockname()[1]}/"

        def answer() -> None:
            caller, _address = door.accept()
            with caller:
                caller.recv(1024)
                caller.sendall(b"nonsense\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with time_machine.travel(now, tick=False):
            jobs.tick()

    assert Firm.objects.get().beat_at == now


def test_a_worker_that_was_paused_does_not_put_it_back(now: datetime) -> None:
    on.scene(now)
    accounts.beat(now=now)
    accounts.beat(now=now - MINUTE)

    assert Firm.objects.get().beat_at == now
