"""The doctor looks at everything, says what it means, and is wrong about nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.db import connection

from huiyin.config import checks, doctor
from huiyin.config.backup import ring
from huiyin.config.grants import grant_application_role
from huiyin.config.scratch import Scratch, django_uses
from huiyin.core import clock, crypto, health
from huiyin.core.health import Finding, Status
from huiyin.core.models import BackupRun
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from tests.config.backups import huiyin

MINUTE = timedelta(minutes=1)


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "field_keys"
    monkeypatch.setattr(settings, "HUIYIN_KEY_FILE", path)
    yield path


@pytest.fixture
def encrypted(scratch_db: Scratch, key_file: Path) -> Path:
    """A firm with one encrypted phone number; the key file that opens it."""
    household = NewCustomer("3栋1202", "household", contacts=[NewContact("13812342046", "业主")])
    register_customers([household], by=None, now=clock.now())
    return key_file


def findings(now: datetime | None = None) -> dict[str, Finding]:
    return {each.key: each for each in doctor.examine(now or clock.now())}


def ill() -> set[str]:
    return {key for key, each in findings().items() if each.status is Status.FAILED}


def test_a_new_house_has_nothing_wrong_and_is_told_what_to_do(
    scratch_db: Scratch, key_file: Path
) -> None:
    found = findings()

    assert ill() == set()
    assert {k for k, each in found.items() if each.status is Status.WARNING} == {"worker", "backup"}
    assert all(each.means and each.remedy for each in found.values() if each.status != Status.OK)
    assert {"place", "secrets", "disk", "database", "migrations", "rights", "keys", "key_copy",
            "clock", "worker", "queue", "failed_jobs", "backup"} <= set(found)  # fmt: skip


def test_a_right_that_was_granted_by_hand(scratch_db: Scratch) -> None:
    with psycopg.connect(scratch_db.owner) as session:
        session.execute("GRANT UPDATE ON ledger_fact TO huiyin_app")

    assert ill() == {"rights"}
    assert findings()["rights"].found == "ledger_fact"
    with django_uses(scratch_db.owner):
        grant_application_role(connection)
    assert ill() == set()


def test_a_migration_that_waits(scratch_db: Scratch) -> None:
    with psycopg.connect(scratch_db.owner) as session:
        session.execute("DELETE FROM django_migrations WHERE app = 'adoption'")

    assert "migrations" in ill()
    assert "1" in str(findings()["migrations"].found)


def test_a_key_file_that_is_gone_another_one_or_open_to_others(encrypted: Path) -> None:
    assert ill() == set()
    right = encrypted.read_text()

    encrypted.chmod(0o644)
    assert ill() == {"secrets"}
    encrypted.unlink()
    assert ill() == {"keys"}
    encrypted.write_text("{}")
    encrypted.chmod(0o600)
    assert ill() == {"keys"}
    encrypted.unlink()
    crypto._loaded.cache_clear()
    crypto.encrypt("a.b", "a new ring under the old id")
    assert ill() == {"keys"}
    assert "customers_contact.phone" in str(findings()["keys"].found)
    encrypted.write_text(right)
    assert ill() == set()


def test_no_house_starts_without_the_key_to_its_rows(encrypted: Path, scratch_db: Scratch) -> None:
    env = {**scratch_db.environment(), "HUIYIN_KEY_FILE": str(encrypted)}
    assert huiyin("migrate", "--quiet", env=env).returncode == 0
    encrypted.unlink()

    said = huiyin("migrate", "--quiet", env=env)

    assert said.returncode == 1
    assert str(encrypted) in said.stderr
    assert not encrypted.exists(), "no new ring is made that would hide it"


def test_a_key_that_was_never_put_away(encrypted: Path) -> None:
    assert findings()["key_copy"].status is Status.WARNING
    run = {"started_at": clock.now(), "path": "/x", "verified": True}

    BackupRun.objects.create(key_copied=ring.digest_of(crypto.read_ring(encrypted)), **run)
    assert findings()["key_copy"].status is Status.OK
    crypto.rotate_key()
    assert findings()["key_copy"].status is Status.WARNING


@pytest.mark.parametrize(
    ("free", "status"),
    [(checks.LOW, "ok"), (checks.LOW - 1, "warning"), (checks.LOWEST - 1, "failed")],
)
def test_a_disk_that_fills_up(
    scratch_db: Scratch, monkeypatch: pytest.MonkeyPatch, free: int, status: str
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)

    assert findings()["disk"].status == status


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (timedelta(0), "ok"),
        (2 * MINUTE - timedelta(seconds=2), "ok"),
        (2 * MINUTE + timedelta(seconds=2), "warning"),
        (11 * MINUTE, "failed"),
        (-11 * MINUTE, "failed"),
    ],
)
def test_a_clock_that_went_wrong(scratch_db: Scratch, ahead: timedelta, status: str) -> None:
    # The database keeps its own time.
    with time_machine.travel(clock.now() + ahead):
        assert findings()["clock"].status == status


class Work(NamedTuple):
    beat: timedelta | None
    ticked: timedelta | None
    queued: timedelta | None = None


@pytest.mark.parametrize(
    ("work", "worker", "tick", "queue"),
    [
        (Work(1 * MINUTE, 2 * MINUTE), "ok", "ok", "ok"),
        (Work(3 * MINUTE, 2 * MINUTE), "failed", None, "ok"),
        (Work(None, None), "failed", None, "ok"),
        (Work(1 * MINUTE, 4 * MINUTE), "ok", "failed", "ok"),
        (Work(1 * MINUTE, None), "ok", "warning", "ok"),
        (Work(1 * MINUTE, 1 * MINUTE, 4 * MINUTE), "ok", "ok", "ok"),
        (Work(1 * MINUTE, 1 * MINUTE, 6 * MINUTE), "ok", "ok", "warning"),
        (Work(1 * MINUTE, 1 * MINUTE, 61 * MINUTE), "ok", "ok", "failed"),
    ],
)
def test_work_that_stands_still(
    scratch_db: Scratch, work: Work, worker: str, tick: str | None, queue: str
) -> None:
    with psycopg.connect(scratch_db.owner, autocommit=True) as session:
        set_up(session, work)
        # Somebody serves pages meanwhile.
        with psycopg.connect(scratch_db.application):
            found = findings()

    assert found["worker"].status == worker
    assert (found["tick"].status if "tick" in found else None) == tick
    assert found["queue"].status == queue


def set_up(session: psycopg.Connection, work: Work) -> None:
    if work.beat is not None:
        session.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s)", [work.beat]
        )
    if work.ticked is not None:
        session.execute(
            "WITH job AS (INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'huiyin.tick', 'succeeded') RETURNING id)"
            " INSERT INTO procrastinate_events (job_id, type, at)"
            " SELECT id, 'succeeded', now() - %s FROM job",
            [work.ticked],
        )
    if work.queued is not None:
        session.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'some.work')"
        )
        session.execute(
            "UPDATE procrastinate_events SET at = now() - %s WHERE type = 'deferred'", [work.queued]
        )


def test_a_job_that_failed_today_is_named(scratch_db: Scratch) -> None:
    with psycopg.connect(scratch_db.owner, autocommit=True) as session:
        session.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'mail.send', 'doing');"
            "UPDATE procrastinate_jobs SET status = 'failed'"
        )

    assert findings()["failed_jobs"].found == "mail.send × 1"


@pytest.mark.django_db
def test_a_room_adds_its_check_and_a_broken_one_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def calendar(now: datetime) -> Iterator[Finding]:
        yield Finding("calendar", "工作日历", Status.WARNING, f"{now:%Y}", "未确认", "确认")

    def cannot(_now: datetime) -> Iterator[Finding]:
        from django.db import ProgrammingError

        raise ProgrammingError("no such column")

    monkeypatch.setattr(health, "_checks", [])
    for each in (cannot, calendar, calendar):
        health.register_check(each)

    found = [f for f in doctor.examine(clock.now()) if f.key in ("calendar", "cannot")]

    assert [each.status for each in found] == [Status.FAILED, Status.WARNING]


def test_without_a_database_it_says_so_and_what_it_can() -> None:
    nowhere = "host=/var/empty dbname=huiyin user=huiyin_app"
    env = {**os.environ, "HUIYIN_DATABASE_URL": nowhere, "HUIYIN_OWNER_URL": nowhere}

    said = huiyin("doctor", "--json", "--invariants", env=env)

    told = json.loads(said.stdout)
    assert said.returncode == 1 and told["status"] == "failed" and "invariants" not in told
    status = {each["key"]: each["status"] for each in told["findings"]}
    assert status["database"] == "failed" and status["secrets"] == "ok"
    assert "migrations" not in status


def test_its_exit_status_and_its_words(scratch_db: Scratch) -> None:
    well = huiyin("doctor", "--invariants", env=scratch_db.environment())
    with psycopg.connect(scratch_db.owner) as session:
        session.execute("ALTER TABLE ledger_fact DISABLE TRIGGER ledger_fact_frozen")

    wrong = huiyin("doctor", "--invariants", env=scratch_db.environment())
    told: dict[str, Any] = json.loads(
        huiyin("doctor", "--invariants", "--json", env=scratch_db.environment()).stdout
    )

    assert well.returncode == 0 and "✗" not in well.stdout
    assert wrong.returncode == 1
    assert "✗ I25" in wrong.stdout and "ledger_fact_frozen" in wrong.stdout
    assert told["status"] == "failed"
    assert ["I25"] == [each["code"] for each in told["invariants"] if each["rows"]]


def test_an_invariant_that_cannot_be_asked_hides_no_other(scratch_db: Scratch) -> None:
    with psycopg.connect(scratch_db.owner) as session:
        session.execute("ALTER TABLE ledger_fact DROP COLUMN source")

    said = huiyin("doctor", "--invariants", "--json", env=scratch_db.environment())

    told = json.loads(said.stdout)
    assert said.returncode == 1 and told["status"] == "failed"
    failed = [each for each in told["invariants"] if each["rows"]]
    assert 0 < len(failed) < len(told["invariants"])
    assert any("source" in str(each["rows"]) for each in failed)
