"""A backup opens elsewhere; whatever stands against it is said before anything is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from huiyin.config.backup import archive, making, ring
from huiyin.config.backup.manifest import Manifest, TableDigest
from huiyin.config.postgres.programs import find_tools
from huiyin.config.scratch import django_uses, scratch_database
from tests.config import backups
from tests.config.backups import (
    Estate,
    house,
    huiyin,
    refused,
    running,
    small_disk,
    succeeded,
)
from tests.config.conftest import NOW

pytestmark = pytest.mark.slow


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_an_older_one_is_brought_up(
    estate: Estate, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    path, data = home / "old.huiyin", home / "data"
    with scratch_database(use=False) as old:
        with django_uses(old.owner):
            call_command("migrate", "imports", "0001", verbosity=0, interactive=False)
            behind = MigrationRecorder(connection).applied_migrations()
        for name in ("HUIYIN_DATABASE_URL", "HUIYIN_OWNER_URL"):
            monkeypatch.setenv(name, old.environment()[name])
        making.make(path, with_key=False, now=NOW)
        monkeypatch.undo()

    succeeded(huiyin("restore", path, "--key", estate.key, env=house(data)))

    assert ("imports", "0002_places") not in behind
    looked = succeeded(huiyin("doctor", "--json", env=house(data)))
    assert '"key": "migrations",\n      "title": "数据库结构",\n      "status": "ok"' in looked


def majors() -> tuple[int, int] | None:
    """Two installed versions of PostgreSQL, the older first."""
    older, newer = find_tools(15).major, find_tools(18).major
    return (older, newer) if older < newer else None


@pytest.mark.long
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


@pytest.mark.long
def test_jobs_of_the_old_machine_are_done_once(copied: Estate, home: Path) -> None:
    path, data = home / "jobs.huiyin", home / "data"
    with psycopg.connect(copied.database.owner, autocommit=True) as session:
        session.execute(JOBS)
    succeeded(huiyin("backup", path, "--no-verify", env=copied.database.environment()))
    succeeded(huiyin("restore", path, env=house(data)))

    def look(session: psycopg.Connection) -> None:
        jobs = session.execute(
            "SELECT task_name, status::text, count(*) FROM procrastinate_jobs"
            " WHERE task_name IN ('huiyin.tick', 'one', 'two') GROUP BY 1, 2"
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


@pytest.mark.long
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


@pytest.mark.long
def test_a_disk_that_is_too_small_is_seen_before_it_is_full(copied: Estate, home: Path) -> None:
    with small_disk(home / "small", "100m") as disk:
        data = disk / "data"
        said = refused(huiyin("restore", copied.archive, env=house(data)))

        assert "需要" in said and "MB" in said
        assert backups.nothing_was_made(data)


@pytest.mark.long
def test_rows_that_are_not_those_of_the_backup_are_not_put_in_place(
    copied: Estate, home: Path
) -> None:
    held = making.key_at_hand()
    assert held is not None
    data = home / "data"

    def another_digest(manifest: Manifest) -> Manifest:
        table = TableDigest(rows=1, sha256="0" * 64)
        tables = {**manifest.content.tables, "ledger_fact": table}
        return manifest.model_copy(
            update={"content": manifest.content.model_copy(update={"tables": tables})}
        )

    wrong = backups.rewritten(
        archive.read(copied.archive),
        home / "wrong.huiyin",
        another_digest,
        seal=lambda sums: ring.seal_of(sums, held.ring),
    )

    said = refused(huiyin("restore", wrong, "--key", copied.key, env=house(data)))

    assert "没有通过核对" in said and "ledger_fact" in said
    assert not (data / "field_keys").exists()
    # The place is still empty, so the right one goes in.
    succeeded(huiyin("restore", copied.archive, env=house(data)))


@pytest.mark.long
def test_what_was_broken_before_is_told_and_restored_all_the_same(
    copied: Estate, home: Path
) -> None:
    path, data = home / "broken.huiyin", home / "data"
    with psycopg.connect(copied.database.owner, autocommit=True) as session:
        session.execute(
            "INSERT INTO core_idempotencykey (key, actor, request_digest, response_ref, created_at)"
            " VALUES ('lost', 1, 'd', '', now())"
        )
        made = refused(huiyin("backup", path, env=copied.database.environment()))
        session.execute("DELETE FROM core_idempotencykey WHERE key = 'lost'")

    said = huiyin("restore", path, env=house(data))

    assert "没有通过校验" in made and "I10" in made
    assert said.returncode == 1 and "已恢复" in said.stdout and "I10" in said.stderr
    backups.in_house(
        data,
        lambda session: session.execute("SELECT 1 FROM ledger_fact"),
        role="huiyin_app",
    )
