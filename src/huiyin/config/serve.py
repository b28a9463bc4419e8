"""`huiyin serve`: the whole house on one machine, as one process that minds the others.

database → migrations → demo estate if asked → web and worker as children. A child that dies is
started again; one that keeps dying stops the house. Ctrl-C or SIGTERM stops everything in order.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from huiyin.config import database
from huiyin.config.environment import number, text
from huiyin.config.processes import die_with_parent

STOP_PATIENCE = 15.0  # seconds a child gets to end its work
START_PATIENCE = 120.0  # seconds until the first page must answer
RESTARTS, RESTART_WINDOW = 5, 60.0  # a child that dies this often in so many seconds is broken
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Stopped(Exception):
    """Somebody asked the house to stop."""


class Broken(RuntimeError):
    """A part of the house does not run; the message names it."""


@dataclass
class Child:
    """One process of the house and how often it had to be started."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    starts: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.process = _spawn(self.arguments)

    def mind(self) -> None:
        """Start the process again if it died; raises Broken when that does not help."""
        if self.process is None or self.process.poll() is None:
            return
        while self.starts and time.monotonic() - self.starts[0] > RESTART_WINDOW:
            self.starts.popleft()
        if len(self.starts) >= RESTARTS:
            raise Broken(f"{self.name} ended {RESTARTS} times within {RESTART_WINDOW:.0f} s")
        print(f"· {self.name} ended with status {self.process.returncode}, starting it again")
        self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(*, host: str, port: int, demo: str | None) -> int:
    """Run the house until it is told to stop. Returns the exit status."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    children: list[Child] = []
    try:
        _refuse_address(host, port)
        _say("database")
        with database.server():
            try:
                _prepare(demo)
                _run(children, host=host, port=port)
            finally:
                # A second Ctrl-C must not leave half of the house standing.
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _stop_all(children)
    except Stopped:
        pass
    except Broken as error:
        print(f"huiyin serve: {error}", file=sys.stderr)
        return 1
    _say("stopped")
    return 0


def run_granian(*, host: str, port: int, threads: int) -> None:
    """Serve the pages until SIGTERM; Django is loaded in granian's own processes."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "huiyin.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=number("HUIYIN_WEB_WORKERS", default=min(2, os.cpu_count() or 1)),
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve()


def _refuse_address(host: str, port: int) -> None:
    if host not in LOOPBACK and not text("HUIYIN_HOSTS"):
        raise Broken(
            f"--host {host} opens the pages to others; name the hosts that their browsers will "
            "ask for, for example HUIYIN_HOSTS=192.168.1.20,huiyin.firm.example"
        )
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Broken(
                f"port {port} of {host}: {error.strerror}; choose another with --port"
            ) from error


def _prepare(demo: str | None) -> None:
    _say("tables")
    _run_once(["migrate", "--quiet"])
    if demo:
        _run_once(["demo", demo])


def _run(children: list[Child], *, host: str, port: int) -> None:
    web = ["web", "--host", host, "--port", str(port)]
    _say("pages and background work")
    children += [Child("web", web), Child("worker", ["worker"])]
    for child in children:
        child.start()
    address = f"http://{_reachable(host)}:{port}/"
    _wait_for_page(address, mind=lambda: _mind_all(children))
    print(f"\n  {address}\n\n  Ctrl-C stops it.", flush=True)
    while True:
        time.sleep(0.5)
        _mind_all(children)


def _wait_for_page(address: str, *, mind: Callable[[], None]) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        mind()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise Broken(f"{address} answers {error.code}; its log is above") from error
        except OSError:
            time.sleep(0.1)
    raise Broken(f"{address} does not answer within {START_PATIENCE:.0f} s")


def _run_once(arguments: Sequence[str]) -> None:
    process = _spawn(arguments)
    try:
        status = process.wait()
    except Stopped:
        process.terminate()
        process.wait()
        raise
    if status != 0:
        raise Broken(f"`huiyin {' '.join(arguments)}` ended with status {status}")


def _spawn(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "huiyin", *arguments],
        stdin=subprocess.DEVNULL,
        # If we are killed outright, it must not go on holding the port and the database.
        preexec_fn=die_with_parent,
        # An own group: a terminal's Ctrl-C reaches us alone, and we stop the others in order.
        process_group=0,
    )


def _mind_all(children: list[Child]) -> None:
    for child in children:
        child.mind()


def _stop_all(children: list[Child]) -> None:
    for child in children:
        if child.process is not None and child.process.poll() is None:
            child.process.terminate()
    for child in children:
        child.stop()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _say(what: str) -> None:
    print(f"· {what}", flush=True)
