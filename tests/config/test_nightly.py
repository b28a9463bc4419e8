"""Every night one proven backup; what failed and what stayed silent is red."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings

from huiyin.config.backup import archive, nightly
from huiyin.config.scratch import Scratch
from huiyin.core import backups, clock
from huiyin.core.models import BackupRun
from tests.config.backups import huiyin, refused, wait_for

ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
TWO = datetime(2026, 3, 3, 2, 0, tzinfo=ZONE)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "HUIYIN_BACKUP_FOLDER", str(tmp_path))
    monkeypatch.setenv("HUIYIN_BACKUP_FOLDER", str(tmp_path))
    return tmp_path


def noted(at: datetime, folder: Path, *, verified: bool = True, error: str = "") -> BackupRun:
    path = folder / nightly.file_name(at, ZONE)
    return BackupRun.objects.create(
        started_at=at, finished_at=at + timedelta(minutes=3), path=str(path), verified=verified,
        error=error,
    )  # fmt: skip


@pytest.mark.django_db
def test_one_is_due_from_two_in_the_night_of_the_firm(folder: Path) -> None:
    noted(TWO - timedelta(days=1), folder)

    assert not nightly.is_due(TWO - SECOND, ZONE)
    assert nightly.is_due(TWO, ZONE)
    assert nightly.is_due(TWO + timedelta(hours=20), ZONE), "a machine that was off makes up for it"
    noted(TWO + SECOND, folder)
    assert not nightly.is_due(TWO + timedelta(hours=23, minutes=59), ZONE)


@pytest.mark.django_db
def test_a_failed_one_is_tried_again_after_two_hours(folder: Path) -> None:
    noted(TWO, folder, verified=False, error="disk full")

    assert not nightly.is_due(TWO + nightly.AGAIN_AFTER, ZONE)
    assert nightly.is_due(TWO + nightly.AGAIN_AFTER + SECOND, ZONE)


@pytest.mark.django_db
def test_one_made_by_hand_elsewhere_is_not_the_nights(folder: Path) -> None:
    noted(TWO + SECOND, folder / "elsewhere")

    assert nightly.is_due(TWO + timedelta(hours=1), ZONE)


def test_seven_days_and_four_weeks_stay(tmp_path: Path) -> None:
    first = date(2026, 1, 1)
    for day in range(60):
        moment = datetime(2026, 1, 1, 2, 0, tzinfo=ZONE) + timedelta(days=day)
        (tmp_path / nightly.file_name(moment, ZONE)).touch()
        (tmp_path / nightly.file_name(moment + timedelta(hours=9), ZONE)).touch()
    others = ["mine.huiyin", "huiyin-old.huiyin", "huiyin-2026-01-01T020000.huiyin.key"]
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / ".huiyin-2026-01-05T020000.huiyin.part").touch()
    for day in (1, 2):
        (tmp_path / f"huiyin-2026-01-0{day}T020000.huiyin{nightly.UNPROVEN}").touch()

    nightly.tidy(tmp_path)

    left = {path.name for path in tmp_path.iterdir()} - set(others)
    last = first + timedelta(days=59)  # Sunday 2026-03-01
    days = [last - timedelta(days=n) for n in range(7)]
    weeks = [last - timedelta(weeks=n) for n in range(4)]
    assert left == {
        f"huiyin-2026-01-02T020000.huiyin{nightly.UNPROVEN}",
        *(f"huiyin-{day.isoformat()}T110000.huiyin" for day in {*days, *weeks}),
    }


@pytest.mark.django_db
def test_silence_of_twenty_six_hours_is_red(folder: Path) -> None:
    assert backups.state(TWO).is_red, "a folder is set and nothing was ever made"
    noted(TWO, folder)

    assert not backups.state(TWO + backups.PATIENCE).is_red
    assert backups.state(TWO + backups.PATIENCE + SECOND).is_red


@pytest.mark.django_db
def test_a_failure_is_red_at_once_and_until_one_succeeds(folder: Path) -> None:
    noted(TWO, folder)
    noted(TWO + timedelta(hours=1), folder, verified=False, error="恢复后内容不同：ledger_fact")

    assert backups.state(TWO + timedelta(hours=2)).is_red
    noted(TWO + timedelta(hours=3), folder)
    assert not backups.state(TWO + timedelta(hours=4)).is_red


@pytest.mark.django_db
def test_nobody_who_wants_none_is_warned_in_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HUIYIN_BACKUP_FOLDER", "")

    assert not backups.state(TWO).is_red
    # In a thread of its own: a browser of other tests may have its loop in this one.
    with ThreadPoolExecutor() as apart:
        assert apart.submit(asyncio.run, nightly.run_if_due()).result() is False


QUEUE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock, queueing_lock)
VALUES ('default', 'huiyin.nightly_backup', '{"timestamp": 0}', 'backup', 'backup')
ON CONFLICT DO NOTHING -- the worker's own clock may have been first
"""
ENDED = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'huiyin.nightly_backup' AND status = %s"


@pytest.mark.slow
def test_the_worker_makes_one_a_night(scratch_db: Scratch, folder: Path) -> None:
    env = {**scratch_db.environment(), "HUIYIN_BACKUP_FOLDER": str(folder)}
    with (
        psycopg.connect(scratch_db.owner, autocommit=True) as session,
        working(env) as worker,
    ):
        for times in (1, 2):
            session.execute(QUEUE)
            wait_for(lambda times=times: succeeded(session) >= times, worker)

    [made] = folder.iterdir()
    run = BackupRun.objects.get()
    assert (run.path, run.verified, run.error) == (str(made), True, "")
    assert run.digest == archive.read(made).manifest.content.digest
    assert not backups.state(clock.now()).is_red


def succeeded(session: psycopg.Connection) -> int:
    [(count,)] = session.execute(ENDED, ["succeeded"]).fetchall()
    return int(count)


@contextmanager
def working(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen([sys.executable, "-m", "huiyin", "worker"], env=env)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


@pytest.mark.slow
def test_a_folder_that_is_none_is_told_and_noted(scratch_db: Scratch, folder: Path) -> None:
    blocked = folder / "file"
    blocked.touch()
    env = {**scratch_db.environment(), "HUIYIN_BACKUP_FOLDER": str(blocked)}

    said = refused(huiyin("backup", env=env))

    assert "file" in said
    run = BackupRun.objects.get()
    assert not run.verified and run.error and run.finished_at
    assert backups.state(datetime.now(UTC) + SECOND).is_red  # noqa: TID251


def test_without_file_and_folder_it_asks_for_one(scratch_db: Scratch) -> None:
    env = {k: v for k, v in scratch_db.environment().items() if k != "HUIYIN_BACKUP_FOLDER"}

    assert "HUIYIN_BACKUP_FOLDER" in refused(huiyin("backup", env=env))
