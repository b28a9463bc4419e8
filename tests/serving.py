"""The real web server on a scratch database, for tests that go through a browser or a socket."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from huiyin.config.scratch import Scratch


@contextmanager
def web_server(scratch: Scratch, host: str = "127.0.0.1") -> Iterator[str]:
    """Its address, once it answers; one worker, stopped at the end of the block."""
    web, address = start_web(scratch.environment(), host)
    try:
        yield address
    finally:
        web.terminate()
        web.wait(20)


def start_web(
    environment: dict[str, str], host: str = "127.0.0.1", log: int | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """The process and its address, once it answers; whoever starts it ends it."""
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    web = subprocess.Popen(
        [sys.executable, "-m", "huiyin", "web", "--host", host, "--port", str(port)],
        env={**environment, "HUIYIN_WEB_WORKERS": "1", "HUIYIN_HOSTS": f"{host},localhost"},
        stderr=log,
    )
    address = f"http://{host}:{port}"
    try:
        _wait_for(address, web)
    except BaseException:
        web.kill()
        web.wait()
        raise
    return web, address


@contextmanager
def worker(scratch: Scratch) -> Iterator[None]:
    """The background work on the database, until the end of the block."""
    work = subprocess.Popen([sys.executable, "-m", "huiyin", "worker"], env=scratch.environment())
    try:
        yield
    finally:
        work.terminate()
        work.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/signin/", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the web server does not answer (exit status {process.poll()})")
