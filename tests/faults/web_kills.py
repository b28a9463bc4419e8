"""`kill -9` of the web server, of the database and of both, while somebody records or approves.

People send forms one after another over HTTP, each with its key. What was answered has to be
there; what was not is sent again with the same key, and then all is there once.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from subprocess import DEVNULL, Popen

from django.conf import settings
from django.db.models import Count

from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption
from huiyin.config.scratch import Scratch
from huiyin.core import clock
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from tests.app import scene as made
from tests.config.conftest import children, descendants, kill
from tests.faults.house import House, on, until
from tests.faults.kills import POLL, Kill
from tests.faults.operations import completed, firm, wrong_with
from tests.second_policy import CLAUSES, POLICY
from tests.serving import start_web

VICTIMS = ("web", "database", "all")
VISIT = made.SATISFIED | {"visited": made.drawing(), "channel": "visit"}
TOKEN = "t" * 32
FORMS = 4
"""Forms that are sent one after another; one of them is under way when something is killed."""


@dataclass
class Web:
    """The web server on a database, known there by the operation's name, and who is signed in."""

    scratch: Scratch
    name: str
    session: str
    process: Popen[bytes] | None = None
    address: str = ""
    patience: float = 60.0  # seconds

    def start(self) -> None:
        environment = self.scratch.environment() | {"PGAPPNAME": self.name}
        self.process, self.address = start_web(environment, log=DEVNULL)

    def kill(self, *, whole: bool) -> None:
        """The process that serves pages; ``whole``: and the one that minds it."""
        assert self.process is not None
        if not whole:
            kill(children(self.process.pid))
            return
        kill([self.process.pid, *descendants(self.process.pid)])
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.kill(whole=True)

    def get(self, path: str) -> int:
        """The status; 0 where nobody answered."""
        return self._ask("GET", path, None)

    def post(self, path: str, given: dict[str, str]) -> int:
        """The status; 0 where nobody answered."""
        return self._ask(
            "POST", path, urllib.parse.urlencode(given | {"csrfmiddlewaretoken": TOKEN})
        )

    def _ask(self, method: str, path: str, content: str | None) -> int:
        there = http.client.HTTPConnection(
            urllib.parse.urlparse(self.address).netloc, timeout=self.patience
        )
        session, token = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
        cookies = f"{session}={self.session}; {token}={TOKEN}"
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            there.request(method, path, content, headers)
            return there.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            there.close()


@dataclass(frozen=True)
class Form:
    """What is sent, and whether its effect is there: never, once or more often."""

    path: str
    given: dict[str, str]
    effects: Callable[[], int]


@dataclass
class Sending:
    """Sends forms one after another, until one is not answered as it should be."""

    web: Web
    forms: Sequence[Form]
    answered: list[int] = field(default_factory=list)

    def run(self) -> None:
        for form in self.forms:
            status = self.web.post(form.path, form.given)
            if status != 302:
                return
            self.answered.append(status)


def recordings(scene: made.Scene, many: int) -> Iterator[list[Form]]:
    """Visits of repairs that are due, a handful at a time."""
    ids = completed(scene, "web", many * FORMS)
    for first in range(0, len(ids), FORMS):
        yield [
            Form(f"/followups/new/{id}/", VISIT | {"key": f"visit-{id}"}, held(id))
            for id in ids[first : first + FORMS]
        ]


def held(about: int) -> Callable[[], int]:
    def effects() -> int:
        rows = Followup.objects.held().filter(about=about).count()
        facts = Fact.objects.filter(kind="followup.held", target=about).count()
        return rows if rows == facts else -1

    return effects


def adoptions(scene: made.Scene, many: int) -> Iterator[list[Form]]:
    """One version after another of a second policy, each proposed and not yet approved."""
    for number in range(1, many + 1):
        wanted = POLICY.replace("version: 1}", f"version: {number}}}")
        proposed = adoption.propose(
            {"policy.yaml": wanted, "clauses.yaml": CLAUSES},
            starts_on=date(2026, 1, 2) + timedelta(days=number),
            mode="trial",
            by=scene.firm.supervisor.pk,
            now=scene.now,
        )
        path = f"/settings/adoptions/{proposed.pk}/approval/"
        yield [Form(path, {"key": f"adoption-{proposed.pk}"}, adopted(proposed.pk))]


def adopted(id: int) -> Callable[[], int]:
    def effects() -> int:
        facts = Fact.objects.filter(kind="policy.adopted", values__contains={"policy.adoption": id})
        approved = Adoption.objects.filter(pk=id).exclude(state="proposed").count()
        in_force = Adoption.objects.filter(state="in_force").values("policy_version__policy")
        double = in_force.annotate(n=Count("id")).filter(n__gt=1).exists()
        return approved if approved == facts.count() and not double else -1

    return effects


OPERATIONS = {"recording": recordings, "adoption": adoptions}


def kills(
    house: House, operation: str, now: datetime, *, seed: int, rounds: Sequence[int]
) -> Iterator[Kill]:
    """So many kills in one operation, on one database that is worked with all the time."""
    scratch = house.new(f"faults_{operation}")
    with on(scratch):
        scene = firm(now)
        browser = made.signed_in(scene.firm.manager)
        session = browser.cookies[settings.SESSION_COOKIE_NAME].value
        web = Web(scratch, f"faults:{operation}", session)
        # What was over before it could be cut short does not count.
        batches = OPERATIONS[operation](scene, len(rounds) * 3 + 12)
    web.start()
    try:
        for number in rounds:
            yield one(house, web, batches, seed=seed, number=number)
    finally:
        web.stop()
        house.drop(scratch.name)


def one(house: House, web: Web, batches: Iterator[list[Form]], *, seed: int, number: int) -> Kill:
    victim = VICTIMS[number % len(VICTIMS)]
    chance = random.Random(f"{seed}:{web.name}:{number}")
    while True:
        with on(web.scratch):
            forms = next(batches)
        sending = Sending(web, forms)
        sender = threading.Thread(target=sending.run)
        sender.start()
        time.sleep(chance.random() * 0.1 * len(forms))
        while not (seen := house.in_flight(web.name)) and sender.is_alive():
            time.sleep(POLL)
        if seen:
            break
        sender.join()
    if victim != "database":
        web.kill(whole=victim == "all" or number % 2 == 0)
    if victim != "web":
        house.kill_server()
    sender.join()
    if victim != "web":
        house.start()
    if web.process is None or web.process.poll() is not None:
        web.start()
    return afterwards(web, sending, victim, number)


def afterwards(web: Web, sending: Sending, victim: str, number: int) -> Kill:
    """What is there, and after everything was sent again with its key."""
    wrong: list[str] = []
    operation = web.name.removeprefix("faults:")
    with on(web.scratch):
        before = [form.effects() for form in sending.forms]
        for place, effects in enumerate(before):
            if effects not in (0, 1) or (place < len(sending.answered) and effects != 1):
                wrong.append(f"form {place}: {effects} effects, {len(sending.answered)} answered")
    for place, form in enumerate(sending.forms):
        # Whoever was killed comes back by itself; nobody repairs anything.
        until(lambda form=form: web.post(form.path, form.given) == 302)  # type: ignore[misc]
        with on(web.scratch):
            if (effects := form.effects()) != 1:
                wrong.append(f"form {place} sent again: {effects} effects")
    with on(web.scratch):
        wrong += wrong_with(clock.now())
    unanswered = before[len(sending.answered) :][:1]
    was_there = "all" if unanswered == [1] else "nothing"
    return Kill(operation, victim, number, was_there, wrong)
