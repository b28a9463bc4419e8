"""A backup counts once it was restored; whatever is wrong with one is said before it is used."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huiyin.config.backup import archive, making, restoring
from huiyin.config.backup.errors import BackupError
from huiyin.config.postgres.programs import find_tools
from huiyin.config.scratch import Scratch, django_uses, scratch_database
from huiyin.core.models import BackupRun
from tests.config import backups
from tests.config.backups import house, huiyin, refused, succeeded

pytestmark = pytest.mark.slow
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Estate:
    """A firm that has worked for a while, and one proven backup of it with its key file."""

    database: Scratch
    archive: Path
    key: Path
    said: str


@pytest.fixture(scope="module")
def estate(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    from tests.i18n import house as working

    folder = tmp_path_factory.mktemp("backups")
    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:
        with django_uses(scratch.application):
            working.house(NOW)
        path = folder / "firm.huiyin"
        said = succeeded(huiyin("backup", path, env=scratch.environment()))
        yield Estate(scratch, path, folder / "firm.huiyin.key", said)


@pytest.fixture
def copied(estate: Estate, home: Path) -> Estate:
    """The archive and its key in a folder of the test's own."""
    home.chmod(0o755)
    path = Path(shutil.copy(estate.archive, home))
    key = Path(shutil.copy(estate.key, home))
    return Estate(estate.database, path, key, estate.said)


def test_it_is_proven_and_names_its_parts(estate: Estate) -> None:
    assert "校验通过" in estate.said
    assert "两个地方" in estate.said
    parts = estate.archive.parent / "parts"
    parts.mkdir()
    subprocess.run(["tar", "-xf", estate.archive, "-C", parts], check=True)

    told = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=parts, capture_output=True)

    assert told.returncode == 0
    assert sorted(p.name for p in parts.iterdir()) == sorted(archive.ORDERS[0])
    for path in (estate.archive, estate.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with django_uses(estate.database.application):
        run = BackupRun.objects.get(path=str(estate.archive))
        assert (run.verified, run.error) == (True, "")
        assert run.digest == archive.read(estate.archive).manifest.content.digest


def test_the_key_is_not_in_the_archive_unless_asked_for(estate: Estate, tmp_path: Path) -> None:
    def made(*options: str) -> tuple[Path, str]:
        path = tmp_path / f"{options[0]}.huiyin"
        env = estate.database.environment()
        return path, succeeded(huiyin("backup", path, "--no-verify", *options, env=env))

    without, said = made("--no-key")
    with_key, said_with = made("--with-key")
    secret = making.key_at_hand()

    assert secret is not None
    assert secret.text.encode() not in without.read_bytes()
    assert secret.text.encode() not in estate.archive.read_bytes()
    assert archive.read(with_key).keys == secret.text.encode()
    assert sorted(tmp_path.glob("*.key")) == []
    assert "密钥" not in said and "在备份里面" in said_with


def test_a_name_that_is_taken_is_not_written_over(estate: Estate) -> None:
    before = estate.archive.read_bytes()

    said = refused(huiyin("backup", estate.archive, env=estate.database.environment()))

    assert "已经存在" in said
    assert estate.archive.read_bytes() == before


def test_it_opens_elsewhere_under_another_account_when_the_original_is_gone(
    copied: Estate, home: Path
) -> None:
    account = backups.another_account()
    if account is None:
        pytest.skip("only root can run a command as somebody else, and only where he has a Python")
    first, second = home / "first", home / "second"
    succeeded(huiyin("restore", copied.archive, "--key", copied.key, env=house(first)))
    moved = home / "moved.huiyin"
    succeeded(huiyin("backup", moved, env=house(first)))
    shutil.rmtree(first)
    for path in (moved, home / "moved.huiyin.key", home):
        shutil.chown(path, int(backups.NOBODY) if "setpriv" in account[0] else 0)

    said = succeeded(huiyin("restore", moved, env=house(second), account=account))

    digest = archive.read(copied.archive).manifest.content.digest
    assert digest[:16] in said
    looked = succeeded(
        huiyin("doctor", "--invariants", "--json", env=house(second), account=account)
    )
    assert '"status": "failed"' not in looked
    assert '"rows": [\n' not in looked
    again = home / "again.huiyin"
    succeeded(huiyin("backup", again, "--no-verify", env=house(second), account=account))
    assert archive.read(again).manifest.content.digest == digest


def test_what_is_restored_is_guarded_and_goes_on_counting(copied: Estate, home: Path) -> None:
    data = home / "data"
    succeeded(huiyin("restore", copied.archive, env=house(data)))

    def as_application(session: psycopg.Connection) -> None:
        for change in ("UPDATE ledger_fact SET live = false", "DELETE FROM records_record"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
                session.execute(change)
        session.execute("UPDATE accounts_firm SET name = name")
        last = session.execute("SELECT max(id) FROM ledger_target").fetchone()
        new = session.execute(
            "INSERT INTO ledger_target (kind, label) VALUES ('unit', '') RETURNING id"
        ).fetchone()
        assert last and new and new[0] > last[0]

    def as_owner(session: psycopg.Connection) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            session.execute("UPDATE ledger_fact SET live = false")
        owners = session.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        assert owners == [("huiyin_owner",)]
        names = session.execute("SELECT datname FROM pg_database").fetchall()
        assert {name for (name,) in names} == {"postgres", "template0", "template1", "huiyin"}

    backups.in_house(data, as_application, role="huiyin_app")
    backups.in_house(data, as_owner, role="huiyin_owner")


def test_without_its_key_it_says_so_before_it_starts(copied: Estate, home: Path) -> None:
    data = home / "data"
    wrong = home / "wrong.key"
    other = making.key_at_hand()
    assert other is not None
    wrong.write_text(other.text.replace(other.text[-20:-4], other.text[-20:-4][::-1]))
    no_key = home / "letter.key"
    no_key.write_text("亲爱的")

    said_wrong = refused(huiyin("restore", copied.archive, "--key", wrong, env=house(data)))
    said_none = refused(huiyin("restore", copied.archive, "--key", no_key, env=house(data)))
    copied.key.unlink()
    said_without = refused(huiyin("restore", copied.archive, env=house(data)))
    tried = refused(huiyin("restore", copied.archive, "--into", "scratch", env=house(data)))

    assert "不是这份备份的" in said_wrong
    assert "不是密钥文件" in said_none
    assert "没有密钥文件" in said_without and "k1" in said_without and "没有密钥文件" in tried
    assert backups.nothing_was_made(data)


def test_it_goes_into_an_empty_place_only(copied: Estate, home: Path) -> None:
    data = home / "data"
    succeeded(huiyin("migrate", "--quiet", env=house(data)))
    before = sorted(data.rglob("PG_VERSION"))

    said = refused(huiyin("restore", copied.archive, env=house(data)))
    in_named = refused(huiyin("restore", copied.archive, env=copied.database.environment()))

    assert "已有数据" in said and str(data) in said and "HUIYIN_DATA" in said
    assert "已有数据" in in_named
    assert sorted(data.rglob("PG_VERSION")) == before
    assert not (data / "field_keys").exists()


def test_a_key_file_that_is_there_already_is_not_written_over(copied: Estate, home: Path) -> None:
    data = home / "data"
    data.mkdir()
    (data / "field_keys").write_text(
        '{"current": "k1", "keys": {"k1": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="},'
        ' "index": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}'
    )

    said = refused(huiyin("restore", copied.archive, "--key", copied.key, env=house(data)))

    assert "另一把密钥" in said
    assert not list(data.glob("postgres-*"))


@pytest.mark.parametrize("part", [0.001, 0.6, 0.99])
def test_half_an_archive_is_refused(estate: Estate, tmp_path: Path, part: float) -> None:
    whole = estate.archive.read_bytes()
    half = tmp_path / "half.huiyin"
    half.write_bytes(whole[: int(len(whole) * part)])

    with pytest.raises(BackupError, match="不完整或被改动过"):
        restoring.check(half, estate.key)


def test_every_flipped_bit_is_refused_or_changes_nothing(estate: Estate, tmp_path: Path) -> None:
    whole = estate.archive.read_bytes()
    manifest = archive.read(estate.archive).manifest
    flipped = tmp_path / "flipped.huiyin"
    chance, harmless, refusals = random.Random(20260302), 0, 0
    dump_at = archive.read(estate.archive).dump_at
    # All over the file, in the headers of the parts, and in the sums at its end.
    places = [chance.randrange(len(whole)) for _ in range(80)]
    places += [*range(0, 512, 16), *range(dump_at - 512, dump_at, 16)]
    places += range(len(whole) - 4000, len(whole), 40)

    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        flipped.write_bytes(changed)
        try:
            checked = restoring.check(flipped, estate.key)
        except BackupError:
            refusals += 1
            continue
        # Between the parts lie zeros that nobody reads, and headers have spare bytes.
        assert checked.archive.manifest == manifest
        harmless += 1

    assert refusals > 100
    assert harmless < refusals


def test_a_changed_archive_whose_sums_were_made_anew_breaks_its_seal(
    estate: Estate, tmp_path: Path
) -> None:
    found = archive.read(estate.archive)

    def as_if_older(manifest: Any) -> Any:
        return manifest.model_copy(update={"created_at": NOW})

    forged = backups.rewritten(found, tmp_path / "forged.huiyin", as_if_older)

    with pytest.raises(BackupError, match="封签不符"):
        restoring.check(forged, estate.key)


def test_a_newer_one_is_refused_with_both_versions(estate: Estate, tmp_path: Path) -> None:
    found = archive.read(estate.archive)
    newer_format = backups.rewritten(
        found,
        tmp_path / "format.huiyin",
        lambda m: m.model_copy(update={"format": 2, "version": "3.1.4"}),
    )
    newer_tables = backups.rewritten(
        found,
        tmp_path / "tables.huiyin",
        lambda m: m.model_copy(
            update={"version": "2.7.1", "migrations": (*m.migrations, "ledger.0099_of_tomorrow")}
        ),
    )

    with pytest.raises(BackupError, match=r"3\.1\.4.*本机是 0\.1\.0"):
        restoring.check(newer_format, estate.key)
    with pytest.raises(BackupError, match=r"2\.7\.1.*0\.1\.0.*0099_of_tomorrow"):
        restoring.check(newer_tables, estate.key)


def test_an_older_one_is_brought_up(
    estate: Estate, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.management import call_command

    path, data = home / "old.huiyin", home / "data"
    with scratch_database(use=False) as old:
        with django_uses(old.owner):
            call_command("migrate", "core", "0001", verbosity=0, interactive=False)
        for name in ("HUIYIN_DATABASE_URL", "HUIYIN_OWNER_URL"):
            monkeypatch.setenv(name, old.environment()[name])
        manifest = making.make(path, with_key=False, now=NOW)
        monkeypatch.undo()

    succeeded(huiyin("restore", path, "--key", estate.key, env=house(data)))

    assert "core_backuprun" not in manifest.content.tables
    looked = succeeded(huiyin("doctor", "--json", env=house(data)))
    assert '"key": "migrations",\n      "title": "数据库结构",\n      "status": "ok"' in looked


def majors() -> tuple[int, int] | None:
    """Two installed versions of PostgreSQL, the older first."""
    older, newer = find_tools(15).major, find_tools(18).major
    return (older, newer) if older < newer else None


def test_a_newer_server_takes_it_and_an_older_one_refuses(copied: Estate, home: Path) -> None:
    found = majors()
    if found is None or archive.read(copied.archive).manifest.postgres != found[0]:
        pytest.skip("only one version of PostgreSQL is installed here")
    new, old = home / "new", home / "old"
    on_newer = house(new, HUIYIN_POSTGRES_BIN="wheel")
    said = succeeded(huiyin("restore", copied.archive, env=on_newer))
    back = home / "back.huiyin"
    succeeded(huiyin("backup", back, env=on_newer))
    # Its data folder was made by the older version before anybody asked for a restore.
    backups.in_house(old, lambda session: None, role="huiyin_owner")

    refusal = refused(huiyin("restore", back, env=house(old)))

    assert (new / f"postgres-{found[1]}").exists()
    digest = archive.read(copied.archive).manifest.content.digest
    assert digest[:16] in said
    assert archive.read(back).manifest.content.digest == digest
    assert f"来自 PostgreSQL {found[1]}" in refusal and f"这里是 {found[0]}" in refusal
    # Where nothing was made yet, programs that are new enough are looked for.
    fresh = succeeded(huiyin("restore", back, env=house(home / "fresh")))
    assert digest[:16] in fresh


def test_jobs_of_the_old_machine_are_done_once(copied: Estate, home: Path) -> None:
    path, data = home / "jobs.huiyin", home / "data"
    with psycopg.connect(copied.database.owner, autocommit=True) as session:
        session.execute(JOBS)
    succeeded(huiyin("backup", path, "--no-verify", env=copied.database.environment()))
    succeeded(huiyin("restore", path, env=house(data)))

    def look(session: psycopg.Connection) -> None:
        jobs = session.execute(
            "SELECT task_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2"
        ).fetchall()
        assert sorted(jobs) == [("one", "todo", 1), ("two", "cancelled", 1), ("two", "todo", 1)]
        assert session.execute("SELECT count(*) FROM procrastinate_workers").fetchone() == (0,)
        # The minute that was ticked there is not ticked here again.
        kept = session.execute("SELECT defer_timestamp FROM procrastinate_periodic_defers")
        assert kept.fetchall() == [(1772413200,)]

    backups.in_house(data, look, role="huiyin_owner")


JOBS = """
INSERT INTO procrastinate_workers DEFAULT VALUES;
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status) VALUES
    ('default', 'huiyin.tick', 'tick', 'tick', 'doing'),
    ('default', 'huiyin.tick', NULL, 'tick', 'todo'),
    ('default', 'one', NULL, NULL, 'doing'),
    ('default', 'two', NULL, 'two', 'todo'),
    ('default', 'two', NULL, 'two', 'doing');
INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp, job_id)
    SELECT task_name, 'tick', 1772413200, max(id) FROM procrastinate_jobs
    WHERE task_name = 'huiyin.tick' GROUP BY 1;
UPDATE procrastinate_jobs SET worker_id = (SELECT max(id) FROM procrastinate_workers)
    WHERE status = 'doing';
"""


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(
    estate: Estate, tmp_path: Path
) -> None:
    path, part = tmp_path / "firm.huiyin", tmp_path / ".firm.huiyin.part"
    with running("backup", path, "--no-key", env=estate.database.environment()) as process:
        wait_for(part.exists, process)
        process.kill()
        process.wait()

    assert not path.exists()
    succeeded(huiyin("backup", path, "--no-key", env=estate.database.environment()))
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stage", ["恢复数据", "升级到版本"])
def test_a_restore_that_is_killed_is_done_again(copied: Estate, home: Path, stage: str) -> None:
    data = home / "data"
    with running("restore", copied.archive, env=house(data)) as process:
        assert process.stdout is not None
        assert any(stage in line for line in process.stdout)
        process.kill()
        process.wait()

    said = succeeded(huiyin("restore", copied.archive, env=house(data)))

    assert archive.read(copied.archive).manifest.content.digest[:16] in said
    backups.in_house(
        data,
        lambda session: check_names(session, {"postgres", "template0", "template1", "huiyin"}),
        role="huiyin_owner",
    )


def check_names(session: psycopg.Connection, expected: set[str]) -> None:
    assert {n for (n,) in session.execute("SELECT datname FROM pg_database")} == expected


@contextmanager
def running(*arguments: str | Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "huiyin", *map(str, arguments)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(claim: Any, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not claim():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """A disk of its own that is soon full; only root can mount one."""
    at.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(at)]
    )
    if not mounted:
        pytest.skip("only root can mount a small disk")
    try:
        yield at
    finally:
        subprocess.check_call(["umount", "-l", str(at)])


def test_a_full_disk_leaves_no_half_archive(estate: Estate, home: Path) -> None:
    with small_disk(home / "small", "400k") as disk:
        said = refused(huiyin("backup", disk / "firm.huiyin", env=estate.database.environment()))

        assert "No space left" in said and "没有留下半份备份" in said
        assert list(disk.iterdir()) == []


def test_a_disk_that_is_too_small_is_seen_before_it_is_full(copied: Estate, home: Path) -> None:
    with small_disk(home / "small", "100m") as disk:
        data = disk / "data"
        said = refused(huiyin("restore", copied.archive, env=house(data)))

        assert "需要" in said and "MB" in said
        assert backups.nothing_was_made(data)


def test_nobody_backs_up_what_his_key_does_not_open(estate: Estate, tmp_path: Path) -> None:
    env = {**estate.database.environment(), "HUIYIN_KEY_FILE": str(tmp_path / "none")}

    said = refused(huiyin("backup", tmp_path / "closed.huiyin", env=env))

    assert "打不开" in said and "customers_contact.phone" in said
    assert list(tmp_path.iterdir()) == []
