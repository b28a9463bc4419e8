"""The whole house starts, stops in order, and starts again after it was killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from huiyin.cli import main
from tests.config.conftest import descendants, is_alive, kill, server_processes

pytestmark = pytest.mark.slow
PATIENCE = 240.0  # seconds; a first start makes the cluster, migrates and hashes static files


class House:
    """A running `huiyin serve` with its own data."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {k: v for k, v in os.environ.items() if k != "HUIYIN_OWNER_URL"}
        environment |= {"HUIYIN_DATA": str(home / "data"), "HUIYIN_THROW_AWAY": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "huiyin", "serve", "--port", str(self.port)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_for_page(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the house fell down"
            try:
                address = f"http://127.0.0.1:{self.port}/signin/"
                with urllib.request.urlopen(address, timeout=10) as page:
                    return int(page.status)
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                time.sleep(0.2)
        raise AssertionError("no page")

    def wait_until_it_stands(self) -> None:
        assert self.process.stdout is not None
        assert any("Ctrl-C" in line for line in self.process.stdout)

    def everything(self) -> list[int]:
        server = server_processes(self.home / "data")
        return [self.process.pid, *descendants(self.process.pid), *server]


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 40
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, [pid for pid in pids if is_alive(pid)]
        time.sleep(0.05)


def test_it_starts_stops_and_starts_again_after_everything_was_killed(home: Path) -> None:
    house = House(home)
    assert house.wait_for_page() == 200
    first = house.everything()
    assert len(first) > 5

    kill(first)
    house.process.wait()
    house = House(home)
    assert house.wait_for_page() == 200
    second = house.everything()

    # The database alone: nobody has to start the house anew.
    house.wait_until_it_stands()
    kill(server_processes(home / "data"))
    deadline = time.monotonic() + 60
    while house.wait_for_page() != 200:
        assert time.monotonic() < deadline, "the pages do not come back"
        time.sleep(0.2)
    second += house.everything()

    house.process.send_signal(signal.SIGTERM)
    said, _ = house.process.communicate(timeout=60)
    assert house.process.returncode == 0
    assert said.rstrip().endswith("stopped")
    wait_until_gone(second)


@pytest.mark.long
def test_its_parts_go_when_it_alone_is_killed(home: Path) -> None:
    house = House(home)
    house.wait_for_page()
    parts = descendants(house.process.pid)
    server = set(server_processes(home / "data"))

    house.process.kill()
    house.process.wait()

    wait_until_gone([pid for pid in parts if pid not in server])


def test_a_taken_port_is_told_and_leaves_nothing_behind(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {**os.environ, "HUIYIN_DATA": str(home / "data"), "HUIYIN_THROW_AWAY": "0"}
        said = subprocess.run(
            [sys.executable, "-m", "huiyin", "serve", "--port", str(taken.getsockname()[1])],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    assert said.returncode == 1
    assert "port" in said.stderr
    assert server_processes(home / "data") == []


def test_pages_are_not_opened_to_others_without_naming_the_host() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HUIYIN_HOSTS"}
    said = subprocess.run(
        [sys.executable, "-m", "huiyin", "serve", "--host", "0.0.0.0"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert said.returncode == 1
    assert "HUIYIN_HOSTS" in said.stderr


@pytest.mark.parametrize("port", ["0", "65536", "99999999", "-1", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}"])

    assert ended.value.code == 2
    assert f"{port}: a port is a number from 1 to 65535" in capsys.readouterr().err
