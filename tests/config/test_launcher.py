"""The embedded server outlives whatever is done to it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from huiyin.config.postgres import Cluster, PostgresError
from huiyin.config.postgres.account import server_account
from huiyin.config.postgres.programs import find_programs
from tests.config.conftest import is_alive, kill, processes, server_processes

HOLD = """
import sys
from pathlib import Path
from huiyin.config.postgres import Cluster
with Cluster(home=Path(sys.argv[1])).running():
    print("running", flush=True)
    sys.stdin.read()
"""


def hold(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def owner(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.address(role="huiyin_owner"), autocommit=True)


def write_row(cluster: Cluster) -> None:
    with owner(cluster) as session:
        session.execute("CREATE TABLE kept (line text); INSERT INTO kept VALUES ('回音')")


def read_rows(cluster: Cluster) -> list[tuple[str]]:
    with owner(cluster) as session:
        return session.execute("SELECT line FROM kept").fetchall()


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, f"{pids} still run"
        time.sleep(0.02)


def test_rows_survive_when_everything_is_killed(home: Path) -> None:
    cluster = Cluster(home=home)
    user = hold(home)
    write_row(cluster)
    server = server_processes(home)

    kill([user.pid, *server])
    user.wait()

    with cluster.running():
        assert read_rows(cluster) == [("回音",)]
        assert server_processes(home)[0] != server[0]


def test_a_zombie_server_does_not_hinder_the_next_start(home: Path) -> None:
    cluster = Cluster(home=home)
    user = hold(home)
    write_row(cluster)
    postmaster = server_processes(home)[0]

    # The user is its parent and never asks for its exit status.
    os.kill(user.pid, signal.SIGSTOP)
    os.kill(postmaster, signal.SIGKILL)
    while processes()[postmaster][0] != "Z":
        time.sleep(0.01)

    with cluster.running():
        assert read_rows(cluster) == [("回音",)]
    user.kill()
    user.wait()


def test_a_process_that_got_the_old_id_is_not_taken_for_the_server(home: Path) -> None:
    cluster = Cluster(home=home)
    with cluster.running():
        write_row(cluster)
        (lock,) = home.glob("postgres-*/postmaster.pid")
        stale = lock.read_text().split("\n", 1)[1]
    account = server_account(lock.parent)
    other = subprocess.Popen(["sleep", "60"], cwd="/", **account.identity())
    lock.write_text(f"{other.pid}\n{stale}")
    account.own(lock)

    with cluster.running():
        assert read_rows(cluster) == [("回音",)]
    other.kill()
    other.wait()


def test_the_last_user_to_leave_stops_the_server(home: Path) -> None:
    first, second = hold(home), hold(home)
    server = server_processes(home)

    first.communicate("")
    assert is_alive(server[0])
    second.communicate("")

    wait_until_gone(server)
    assert not list(home.glob("postgres-*/postmaster.pid"))


def test_processes_that_start_together_get_one_server(home: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
    server = server_processes(home)

    for process in starting:
        process.communicate("")

    assert [process.returncode for process in starting] == [0, 0, 0, 0]
    wait_until_gone(server)


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("深" * 30) / "data"
    deep.parent.mkdir()
    deep.parent.chmod(0o711)
    cluster = Cluster(home=deep)

    assert len(os.fsencode(cluster.socket_directory / ".s.PGSQL.5432")) <= 107
    with cluster.running():
        write_row(cluster)
        assert read_rows(cluster) == [("回音",)]


def test_the_server_listens_on_no_network_and_to_no_other_account(home: Path) -> None:
    cluster = Cluster(home=home)

    with cluster.running(), owner(cluster) as session:
        (listening,) = session.execute("SHOW listen_addresses").fetchone() or ()

        assert listening == ""
        assert cluster.socket_directory.stat().st_mode & 0o077 == 0
        assert next(home.glob("postgres-*")).stat().st_mode & 0o077 == 0


def test_the_application_owns_nothing_and_may_create_no_database(home: Path) -> None:
    cluster = Cluster(home=home)

    with cluster.running():
        with psycopg.connect(cluster.address(role="huiyin_app"), autocommit=True) as session:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("CREATE DATABASE mine")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("CREATE TABLE mine ()")


def test_data_stays_with_the_version_that_made_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_POSTGRES_BIN", "wheel")
    cluster = Cluster(home=home)
    with cluster.running():
        write_row(cluster)
    monkeypatch.delenv("HUIYIN_POSTGRES_BIN")

    # Another version may be first choice here by now; the data decides.
    with cluster.running(), owner(cluster) as session:
        assert session.info.server_version // 10000 == 18
        assert read_rows(cluster) == [("回音",)]


def test_missing_programs_are_named(home: Path) -> None:
    with pytest.raises(PostgresError, match="postgresql-14"):
        find_programs(account=server_account(), copies=home / "programs", major=14)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_folder_that_the_server_cannot_reach_is_refused_with_a_remedy(home: Path) -> None:
    home.chmod(0o700)

    with pytest.raises(PostgresError, match="HUIYIN_DATA"), Cluster(home=home / "data").running():
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_programs_below_a_closed_home_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_POSTGRES_BIN", "wheel")
    account = server_account()
    monkeypatch.setattr(type(account), "can_run", lambda self, program: False)

    programs = find_programs(account=account, copies=home / "programs")

    assert programs.folder.is_relative_to(home)
    said = subprocess.run([programs.folder / "initdb", "--version"], **account.identity())
    assert said.returncode == 0
