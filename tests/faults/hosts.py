"""Three machines over one database, of which one is cut off in the middle of its work.

Each is a network namespace with a web server and a worker of its own; a bridge joins them to the
database. What is cut off says no goodbye: packets vanish, as behind a switch that lost its power.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from psycopg.conninfo import make_conninfo

from huiyin.accounts.models import Firm
from huiyin.config import database
from huiyin.config.scratch import Scratch
from huiyin.core import clock
from tests.app import scene as made
from tests.config.conftest import descendants, kill
from tests.faults.house import House, on, until
from tests.faults.kills import POLL
from tests.faults.operations import firm, wrong_with
from tests.faults.together import Tried, doubled
from tests.faults.web_kills import Form, Sending, Web, recordings

BRIDGE, NET, PORT = "huiyin-faults", "10.231.77", 8000
MANY = 3
LETS_GO = 150.0
"""Seconds within which the database gives up a machine that is gone, and another may go on."""


def possible() -> bool:
    """Whether machines can be made here."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Machine(Web):
    """A web server and a worker behind a wire of their own."""

    number: int = 0
    worker: subprocess.Popen[bytes] | None = None
    is_cut: bool = False

    @property
    def space(self) -> str:
        return f"{BRIDGE}-{self.number}"

    @property
    def wire(self) -> str:
        return f"hyf{self.number}"

    def start(self) -> None:
        here = f"{NET}.{10 + self.number}"
        self.address = f"http://{here}:{PORT}"
        environment = self.scratch.environment() | {
            "PGAPPNAME": self.name,
            "HUIYIN_WEB_WORKERS": "1",
            "HUIYIN_HOSTS": f"{here},localhost",
        }
        self.process = self._run(["web", "--host", here, "--port", str(PORT)], environment)
        self.worker = self._run(["worker"], environment | {"PGAPPNAME": f"{self.name}:worker"})

    def _run(self, words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        command = ["ip", "netns", "exec", self.space, sys.executable, "-m", "huiyin", *words]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def cut(self) -> None:
        ip("link", "set", self.wire, "down")
        self.is_cut = True

    def mend(self) -> None:
        ip("link", "set", self.wire, "up")
        self.is_cut = False

    def stop(self) -> None:
        for process in (self.process, self.worker):
            if process is not None:
                kill([process.pid, *descendants(process.pid)])
                process.wait()


@contextmanager
def wired() -> Iterator[None]:
    """A bridge, and beside it three namespaces with a wire each."""
    with ExitStack() as undo:
        ip("link", "add", BRIDGE, "type", "bridge")
        undo.callback(subprocess.run, ["ip", "link", "del", BRIDGE], check=False)
        ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number in range(MANY):
            space, wire = f"{BRIDGE}-{number}", f"hyf{number}"
            ip("netns", "add", space)
            undo.callback(subprocess.run, ["ip", "netns", "del", space], check=False)
            ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
            # Else it stays for as long as a connection in the namespace does.
            undo.callback(subprocess.run, ["ip", "link", "del", wire], check=False)
            ip("link", "set", wire, "master", BRIDGE, "up")
            ip("-n", space, "addr", "add", f"{NET}.{10 + number}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                ip("-n", space, "link", "set", device, "up")
        yield


@contextmanager
def listening(home: Path) -> Iterator[None]:
    """The house's server, which answers on the bridge as well."""
    cluster = database.cluster()
    pid = cluster._postmaster()
    assert pid is not None
    command = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    owner = Path(f"/proc/{pid}").stat()
    [access] = home.glob("postgres-*/pg_hba.conf")
    before = access.read_text()
    access.write_text(f"host all all {NET}.0/24 trust\n{before}")
    os.kill(pid, signal.SIGINT)
    until(lambda: not Path(f"/proc/{pid}").exists() or cluster._postmaster() is None)
    wanted = [f"listen_addresses={NET}.1" if "listen_addresses" in w else w for w in command]
    server = subprocess.Popen(
        wanted, user=owner.st_uid, group=owner.st_gid, extra_groups=[], cwd="/",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: cluster._wait_until_ready(server))
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
        access.write_text(before)


def over_the_wire(scratch: Scratch) -> Scratch:
    there = {"host": f"{NET}.1", "port": 5432}
    return Scratch(
        scratch.name,
        application=make_conninfo(scratch.application, **there),
        owner=make_conninfo(scratch.owner, **there),
    )


def hosts(house: House, *, rounds: int) -> Iterator[Tried]:
    """In each round another machine is cut off while it records, and comes back afterwards."""
    house.observer = None
    with wired(), listening(house.home):
        house.start()
        scratch = house.new("faults_hosts")
        with on(scratch):
            scene = firm(clock.now())
            cookies = made.signed_in(scene.firm.manager).cookies
            session = cookies[settings.SESSION_COOKIE_NAME].value
            batches = recordings(scene, rounds * MANY * 2)
        machines = [
            Machine(over_the_wire(scratch), f"faults:host{n}", session, patience=15.0, number=n)
            for n in range(MANY)
        ]
        try:
            for machine in machines:
                machine.start()
            for machine in machines:
                until(lambda machine=machine: machine.get("/signin/") > 0)  # type: ignore[misc]
            for number in range(rounds):
                yield one(house, scratch, machines, batches, number=number)
        finally:
            for machine in machines:
                machine.stop()
            house.drop(scratch.name)


def one(
    house: House,
    scratch: Scratch,
    machines: list[Machine],
    batches: Iterator[list[Form]],
    *,
    number: int,
) -> Tried:
    lost = machines[number % MANY]
    others = [machine for machine in machines if machine is not lost]
    sendings: list[Sending] = []
    while not sendings or not lost.is_cut:
        with on(scratch):
            sendings = [Sending(machine, next(batches)) for machine in machines]
        cut_off_in_mid_work(house, lost, sendings)
    began, beat = time.monotonic(), beat_of(scratch)
    forms = [form for sending in sendings for form in sending.forms]
    for place, form in enumerate(forms):
        sent_again(form, others[place % len(others)])
    waited = time.monotonic() - began
    # The workers of the others plan and sweep on.
    until(lambda: beat_of(scratch) not in (None, beat), LETS_GO)
    lost.mend()
    until(lambda: lost.get("/") > 0, LETS_GO)
    found = Tried(
        f"machine {lost.number} is cut off while it records, all is there {waited:.0f} s later"
    )
    with on(scratch):
        effects = Counter(form.effects() for form in forms)
        found.wrong += [
            f"{n} forms with {many} effects" for many, n in effects.items() if many != 1
        ]
        found.wrong += wrong_with(clock.now()) + doubled()
    return found


def cut_off_in_mid_work(house: House, lost: Machine, sendings: list[Sending]) -> None:
    """All send; the wire of one goes down while a statement of its web server is run, if it is seen."""
    senders = {id(sending.web): threading.Thread(target=sending.run) for sending in sendings}
    for sender in senders.values():
        sender.start()
    while senders[id(lost)].is_alive():
        if house.in_flight(lost.name):
            lost.cut()
            break
        time.sleep(POLL)
    for sender in senders.values():
        sender.join()


def sent_again(form: Form, machine: Machine) -> None:
    """Whoever got no answer sends it again, with its key, to a machine that is there."""
    until(lambda: machine.post(form.path, form.given) == 302, LETS_GO)


def beat_of(scratch: Scratch) -> object:
    """When planner and sweep last went through."""
    with on(scratch):
        return Firm.objects.get().beat_at
