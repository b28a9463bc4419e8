"""The web server itself under clients: recordings a second, first pages, memory, cold start."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.translation import gettext as _

from huiyin.bench import firm, web
from huiyin.bench.rows import Row
from huiyin.obligations import services as obligations

CLIENTS = {1: 60, 8: 160, 32: 320}
"""How many recordings each number of clients makes together."""

PAGES = 30
PATIENCE = 60.0
"""Seconds until the first page must be there."""


@dataclass(frozen=True)
class House:
    """Where the pages are, who is signed in there, and what runs for them."""

    port: int
    cookie: str
    token: str
    processes: Sequence[subprocess.Popen[bytes]]

    def open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, on: http.client.HTTPConnection, path: str, form: dict[str, str] | None) -> float:
        """Seconds until the whole answer is there. Raises RuntimeError for one that is none."""
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.token}
        body = None if form is None else urlencode(form)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        on.request("GET" if body is None else "POST", path, body, headers)
        answer = on.getresponse()
        said = answer.read()
        if answer.status not in (200, 302):
            raise RuntimeError(f"{path}: {answer.status} {said[:500]!r}")
        return time.perf_counter() - began


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """One web worker process and one for work behind, as `huiyin serve` starts them."""
    with firm.opened(now=now, customers=n) as place:
        # Else the worker's first tick does it, for minutes at a million, and nothing is idle.
        obligations.plan(now=now)
        place.tidy("obligations_obligation", "ledger_fact")
        targets = iter(web.owed_visits(place, sum(CLIENTS.values()) + 1))
        with _house(place) as (house, started):
            rows = [Row(_("冷启动到第一页"), n, seconds=started)]
            time.sleep(3)
            rows.append(Row(_("空闲时所有进程的内存"), n, value=_memory(house) >> 20, unit="MB"))
            for name, path in ((_("今日"), "/"), (_("客户列表"), "/customers/")):
                taken = _times(house, [lambda on, p=path: house.ask(on, p, None)] * PAGES)
                rows.append(Row(_("%s第一页，经 HTTP") % name, n, seconds=median(taken)))
            for clients, count in CLIENTS.items():
                rows += _recordings(house, [next(targets) for _each in range(count)], clients, n)
        connection.close()
    return rows


def _recordings(house: House, targets: Sequence[int], clients: int, n: int) -> list[Row]:
    work = [
        lambda on, target=target: house.ask(on, web.form_of(target), web.sent(f"http-{target}"))
        for target in targets
    ]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        each = [work[at::clients] for at in range(clients)]
        taken = [one for times in pool.map(lambda own: _times(house, own), each) for one in times]
    rate = len(taken) / (time.perf_counter() - began)
    p95 = quantiles(taken, n=20)[-1]
    said = {"clients": clients}
    return [
        Row(_("%(clients)s 个客户端登记回访") % said, n, value=round(rate, 1), unit=_("次/秒")),
        Row(_("%(clients)s 个客户端登记回访，p95") % said, n, seconds=p95),
    ]


def _times(
    house: House, work: Sequence[Callable[[http.client.HTTPConnection], float]]
) -> list[float]:
    """Over one connection, one after the other."""
    on = house.open()
    try:
        return [each(on) for each in work]
    finally:
        on.close()


@contextmanager
def _house(place: firm.Firm) -> Iterator[tuple[House, float]]:
    """Web and worker on the firm's database, and the seconds until the first page was there."""
    client = Client(headers={"host": "localhost"})
    client.force_login(firm.sign_in(place.person("repair_lead")))
    session, token = client.cookies[settings.SESSION_COOKIE_NAME].value, "t" * 32
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as running:
        began = time.perf_counter()
        arguments = ["web", "--host", "127.0.0.1", "--port", str(port)]
        house = House(
            port,
            f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
            token,
            [running.enter_context(_process(place, words)) for words in (arguments, ["worker"])],
        )
        _wait(house)
        yield house, time.perf_counter() - began


def _wait(house: House) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            _times(house, [lambda on: house.ask(on, "/", None)])
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the web server does not answer")


@contextmanager
def _process(place: firm.Firm, words: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "huiyin", *words],
        env=place.scratch.environment(),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _memory(house: House) -> int:
    """The proportional set size of web, worker and, where it runs here, the database server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    roots = [each.pid for each in house.processes]
    if _is_postgres(backend):
        roots.append(_parents()[backend])
    parents = _parents()
    ours = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(map(_proportional, ours))


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _parents() -> dict[int, int]:
    found = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                said = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            found[int(name)] = int(said.rpartition(")")[2].split()[1])
    return found


def _proportional(pid: int) -> int:
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    line = next(line for line in said.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024
