"""At least once, effective once: senders are killed, and several work at the same time.

Real processes on a database that commits, and a real mail server that sees what they do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from huiyin.config.scratch import Scratch
from huiyin.notices import services
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery
from tests.app.notices.mailbox import Mailbox, mailbox
from tests.app.notices.posted import late, set_up, wish
from tests.people import SmallFirm, small_firm, target

SENDER = (
    "import django; django.setup(); from huiyin.notices.jobs import send_mail; send_mail(run=300)"
)
STALE = timedelta(minutes=15, seconds=1)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def firm(scratch_db: Scratch, now: datetime, box: Mailbox) -> SmallFirm:
    found = small_firm(now)
    set_up(found, box.port, now, quiet_from=None, quiet_to=None)
    wish(found.repair_lead, now, ways={"late": "now"})
    return found


def queue(firm: SmallFirm, now: datetime, count: int = 1) -> list[str]:
    about = target("repair", unit=firm.zone_one)
    messages = [late(firm.repair_lead, about, f"{n}", place=f"WX-{n}") for n in range(count)]
    services.tell(messages, now=now)
    return list(Delivery.objects.values_list("message_id", flat=True))


def sender(scratch: Scratch) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SENDER], env=scratch.environment())


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL


def until(holds: Any, *, patience: float = 30) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def run_later() -> int:
    """A second worker, once the first one's try is stale by the real clock."""
    claimed_at = Delivery.objects.get().claimed_at
    return send_mail(lambda: claimed_at + STALE)


def test_a_sender_killed_after_the_server_took_it_sends_again_under_the_same_id(
    scratch_db: Scratch, firm: SmallFirm, box: Mailbox, now: datetime
) -> None:
    [wanted] = queue(firm, now)
    with psycopg.connect(scratch_db.owner) as locking:
        # Nobody can mark the delivery while we hold its row; the server takes the mail all the same.
        box.before_answer = lambda: locking.execute("SELECT FROM notices_delivery FOR UPDATE")
        process = sender(scratch_db)
        until(lambda: waits_for_a_lock(scratch_db))
        assert box.ids == [wanted]
        kill(process)
        locking.rollback()
    box.before_answer = None
    assert Delivery.objects.get().state == "sending"

    assert run_later() == 1

    assert box.ids == [wanted, wanted]
    assert Delivery.objects.get().state == "sent"


def test_a_sender_killed_before_the_server_took_it_leads_to_one_mail(
    scratch_db: Scratch, firm: SmallFirm, box: Mailbox, now: datetime
) -> None:
    [wanted] = queue(firm, now)
    reached, go_on = threading.Event(), threading.Event()
    box.at_data = lambda number: "451 nobody waits for this" if number == 1 else "250 taken"
    box.before_answer = lambda: (reached.set(), go_on.wait(30))
    process = sender(scratch_db)
    assert reached.wait(30)
    kill(process)
    go_on.set()
    assert Delivery.objects.get().state == "sending"

    assert run_later() == 1

    assert box.ids == [wanted]
    assert send_mail(lambda: now + timedelta(days=1)) == 0


@pytest.mark.slow
def test_two_workers_send_each_of_two_hundred_once(
    scratch_db: Scratch, firm: SmallFirm, box: Mailbox, now: datetime
) -> None:
    wanted = queue(firm, now, 200)
    both = threading.Barrier(2)

    def wait_for_the_other() -> None:
        # Whoever is first waits until the second one has a mail in hand too.
        try:
            both.wait(8)
        except threading.BrokenBarrierError:
            return
        both.abort()

    box.before_answer = wait_for_the_other
    workers = [sender(scratch_db) for _n in range(2)]

    assert [worker.wait(300) for worker in workers] == [0, 0]

    assert Counter(box.ids) == Counter(wanted)
    assert set(Delivery.objects.values_list("state", "tries")) == {("sent", 1)}


def test_while_a_mail_is_sent_no_transaction_is_open(
    scratch_db: Scratch, firm: SmallFirm, box: Mailbox, now: datetime
) -> None:
    queue(firm, now, 3)
    seen: list[Any] = []
    box.before_answer = lambda: seen.append(states(scratch_db))

    assert send_mail(lambda: now) == 3

    assert seen == [["idle"]] * 3


def test_what_another_transaction_still_writes_is_not_sent(
    scratch_db: Scratch, firm: SmallFirm, box: Mailbox, now: datetime
) -> None:
    from django.db import connections, transaction

    def look() -> None:
        try:
            found.append(send_mail(lambda: now))
        finally:
            connections.close_all()

    found: list[int] = []
    with transaction.atomic():
        queue(firm, now)
        other = threading.Thread(target=look)
        other.start()
        other.join(30)
        transaction.set_rollback(True)

    assert found == [0]
    assert send_mail(lambda: now) == 0
    assert not box.taken


def states(scratch: Scratch) -> list[str]:
    """What the application's sessions on this database are doing."""
    with psycopg.connect(scratch.owner) as looking:
        rows = looking.execute(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return [state for (state,) in rows.fetchall()]


def waits_for_a_lock(scratch: Scratch) -> bool:
    with psycopg.connect(scratch.owner) as looking:
        row = looking.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%notices_delivery%'"
        ).fetchone()
        return bool(row and row[0])
