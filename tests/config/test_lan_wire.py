"""A phone on a wire of its own: it fetches the certificate, trusts it, and stays when we move."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config import backups
from tests.config.conftest import descendants, is_alive

pytestmark = pytest.mark.slow
PORT = 8000
PATIENCE = 240.0

SERVE = """
import sys
from huiyin.cli import main
from huiyin.config import serve
serve.LAN_LOOK = 1.0
sys.exit(main(["serve", "--port", "8000", "--lan"]))
"""
FETCH = """
import ssl, sys, urllib.request
address, certificate = sys.argv[1:]
trust = ssl.create_default_context(cadata=open(certificate, "rb").read()) if certificate else None
with urllib.request.urlopen(address, timeout=20, context=trust) as answer:
    sys.stdout.buffer.write(answer.read())
"""


@dataclass(frozen=True)
class Wire:
    """Two network namespaces, joined by a cable: ours at 192.168.77.5, the phone's at .9."""

    ours: str
    phone: str

    def within(self, namespace: str, *command: str) -> list[str]:
        return ["ip", "netns", "exec", namespace, *command]

    def fetch(self, address: str, trusting: Path | str = "") -> subprocess.CompletedProcess[bytes]:
        fetch = [sys.executable, "-c", FETCH, address, str(trusting)]
        return subprocess.run(self.within(self.phone, *fetch), capture_output=True)


@pytest.fixture
def wire() -> Iterator[Wire]:
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("only root can lay a cable between two network namespaces")
    mark = secrets.token_hex(3)
    made = Wire(f"huiyin-{mark}", f"phone-{mark}")
    if subprocess.run(["ip", "netns", "add", made.ours], capture_output=True).returncode != 0:
        pytest.skip("this machine gives no network namespaces")
    try:
        for command in (
            f"ip netns add {made.phone}",
            f"ip link add h{mark} netns {made.ours} type veth peer name p{mark} netns {made.phone}",
            f"ip -n {made.ours} addr add 192.168.77.5/24 dev h{mark}",
            f"ip -n {made.phone} addr add 192.168.77.9/24 dev p{mark}",
            f"ip -n {made.phone} addr add 10.9.9.9/24 dev p{mark}",
            f"ip -n {made.ours} link set h{mark} up",
            f"ip -n {made.ours} link set lo up",
            f"ip -n {made.phone} link set p{mark} up",
        ):
            subprocess.run(command.split(), check=True)
        yield made
    finally:
        for namespace in (made.ours, made.phone):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True)


@pytest.mark.long
def test_a_phone_fetches_the_certificate_comes_in_and_stays_when_the_address_changes(
    wire: Wire, home: Path
) -> None:
    log = home / "log"
    with open(log, "wb") as terminal:
        house = subprocess.Popen(
            wire.within(wire.ours, sys.executable, "-c", SERVE),
            env=backups.house(home / "data") | {"LC_ALL": "C.UTF-8"},
            stdout=terminal,
            stderr=terminal,
        )
    try:
        wait_for(lambda: "ingerprint" in log.read_text("utf-8"), house, log)
        certificate = home / "huiyin.crt"
        certificate.write_bytes(wire.fetch(f"http://192.168.77.5:{PORT + 1}/huiyin.crt").stdout)
        page = f"https://192.168.77.5:{PORT}/signin/"

        assert b"<h1" in wire.fetch(page, certificate).stdout
        assert b"CERTIFICATE_VERIFY_FAILED" in wire.fetch(page).stderr
        loopback_alone = wire.fetch(f"http://192.168.77.5:{PORT}/signin/")
        assert loopback_alone.returncode != 0, "nothing is served to others in the clear"

        cable = subprocess.run(
            wire.within(wire.ours, "ip", "-br", "link"), capture_output=True, text=True, check=True
        ).stdout
        device = next(line.split("@")[0] for line in cable.splitlines() if line.startswith("h"))
        for change in ("add 10.9.9.5/24", "del 192.168.77.5/24"):
            move = ["ip", "-n", wire.ours, "addr", *change.split(), "dev", device]
            subprocess.run(move, check=True)

        moved = f"https://10.9.9.5:{PORT}/signin/"
        wait_for(lambda: b"<h1" in wire.fetch(moved, certificate).stdout, house, log)
        assert b"10.9.9.5" in wire.fetch(f"http://10.9.9.5:{PORT + 1}/").stdout
    finally:
        parts = [house.pid, *descendants(house.pid)]
        house.send_signal(signal.SIGTERM)
        house.wait(60)
    assert not [pid for pid in parts if is_alive(pid)]


def wait_for(claim: object, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not claim():  # type: ignore[operator]
        assert process.poll() is None and time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.2)
