"""Makes, starts and stops one embedded PostgreSQL, shared by every process that needs it.

Each process holds a shared lock on `users.lock` while it needs the server; whoever leaves last
stops it. The kernel drops the locks of a killed process, so nothing has to be cleaned up by hand.
Starting and stopping happen one at a time, under `start.lock`.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from huiyin.config.postgres.account import Account, server_account
from huiyin.config.postgres.errors import PostgresError
from huiyin.config.postgres.programs import OLDEST_MAJOR, Programs, find_programs

OWNER = "huiyin_owner"
APPLICATION = "huiyin_app"
DATABASE = "huiyin"

LONGEST_SOCKET_PATH = 107  # bytes; sun_path of unix(7) less its closing zero
SOCKET_FILE = ".s.PGSQL.5432"
START_PATIENCE = 300.0  # seconds; a crash may leave much to recover
STOP_PATIENCE = 60.0  # seconds
LOG_LIMIT = 20_000_000  # bytes, after which the log starts again

_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Cluster:
    """One server and its data below `home`. A throw-away one does not wait for the disk.

    `at_least` is the oldest major version that new data may be made with.
    """

    home: Path
    throw_away: bool = False
    connections: int = 60
    at_least: int = OLDEST_MAJOR

    @property
    def socket_directory(self) -> Path:
        """Where the socket lies: in `home`, or under a short name if that is too long for one."""
        inside = self.home / "run"
        if len(os.fsencode(inside / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
            return inside
        short = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"huiyin-{os.geteuid()}-{short}"

    def address(self, *, role: str, database: str = DATABASE) -> str:
        """A libpq connection string for `role` over the private socket."""
        return make_conninfo(host=str(self.socket_directory), user=role, dbname=database)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server runs within this block; it stops when the last user of it leaves."""
        _make_home(self.home)
        with open(self.home / "users.lock", "a") as users:
            with _alone(self.home / "start.lock"):
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                yield
            finally:
                with _alone(self.home / "start.lock"):
                    self._leave(users.fileno())

    def mind(self) -> bool:
        """Start the server again if it is gone, for somebody who uses it; whether it was."""
        if self._postmaster() is not None:
            return False
        with _alone(self.home / "start.lock"):
            self._start()
        return True

    def stop(self) -> None:
        """Stop the server whoever uses it, and wait until it is gone."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        # SIGINT is PostgreSQL's fast shutdown: running transactions are rolled back.
        os.kill(postmaster, signal.SIGINT)
        deadline = time.monotonic() + STOP_PATIENCE
        while self._postmaster() is not None:
            _reap()
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"PostgreSQL (process {postmaster}) does not stop within {STOP_PATIENCE:.0f} s"
                )
            time.sleep(0.02)

    def data_major(self) -> int | None:
        """The version that made the data here; None if there are none yet."""
        data = self._data()
        return int((data / "PG_VERSION").read_text().strip()) if data else None

    def _leave(self, users: int) -> None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self.stop()

    def _data(self) -> Path | None:
        made = [d for d in self.home.glob("postgres-*") if (d / "PG_VERSION").exists()]
        made = [d for d in made if d.suffix != ".new"]
        return max(made, key=lambda d: int(d.name.removeprefix("postgres-")), default=None)

    def _start(self) -> None:
        if self._postmaster() is not None and self._wait_until_ready(None):
            return
        data = self._data()
        account = server_account(data)
        self._refuse_unreachable(account)
        major = self.data_major()
        programs = find_programs(
            account=account,
            copies=self.home / "programs",
            major=major,
            at_least=major or self.at_least,
        )
        _make_private(self.socket_directory, account)
        if data is None:
            data = _make_data(self.home, programs=programs, account=account)
        self._start_server(data, programs=programs, account=account)
        self._make_roles()

    def _refuse_unreachable(self, account: Account) -> None:
        if not account.can_enter(self.home):
            raise PostgresError(
                f"the database server runs as {account.name}, which cannot reach {self.home}; "
                "set HUIYIN_DATA to a folder that it can, for example /var/lib/huiyin"
            )

    def _postmaster(self) -> int | None:
        """The process id of the running server, None if the lock file is stale or absent.

        A signal test would take a zombie, or a process that got the same id since, for the
        server; the command line does not lie.
        """
        data = self._data()
        if data is None:
            return None
        try:
            pid = int((data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return None
        return pid if os.fsencode(data) in command else None

    def _start_server(self, data: Path, *, programs: Programs, account: Account) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while True:
            self._clear_stale_locks(data)
            server = self._launch(data, programs=programs, account=account)
            if self._wait_until_ready(server):
                return
            # Backends of a killed server hold its shared memory until they notice; seconds.
            if "shared memory" not in self._log_tail() or time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not start:\n{self._log_tail()}")
            time.sleep(0.2)

    def _clear_stale_locks(self, data: Path) -> None:
        lock = data / "postmaster.pid"
        (self.socket_directory / f"{SOCKET_FILE}.lock").unlink(missing_ok=True)
        if lock.exists():
            # A zombie counts as alive for PostgreSQL, but it overlooks its own parent's id, which
            # we are about to be. The file must stay: by its other lines PostgreSQL refuses to
            # start while backends of a killed server still write.
            lines = lock.read_text().splitlines(keepends=True)
            lock.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))

    def _launch(
        self, data: Path, *, programs: Programs, account: Account
    ) -> subprocess.Popen[bytes]:
        log = self.home / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.unlink()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_directory),
            "unix_socket_permissions": "0700",
            "max_connections": str(self.connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            # Disks without heads; and compiling a plan costs more than our short queries do.
            "random_page_cost": "1.1",
            "jit": "off",
        }
        if self.throw_away:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with open(log, "ab") as output:
            # An own session, so that Ctrl-C in a terminal reaches us and not the server.
            server = subprocess.Popen(
                [programs.folder / "postgres", "-D", data, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=data if not account.is_other else "/",
                start_new_session=True,
                env=_server_environment(),
                **account.identity(),
            )
        _started.append(server)
        return server

    def _wait_until_ready(self, server: subprocess.Popen[bytes] | None) -> bool:
        """True once the server answers, False when it ended; PostgresError when too slow.

        `server` is ours to ask; None stands for one that another process started.
        """
        deadline = time.monotonic() + START_PATIENCE
        while self._postmaster() is not None if server is None else server.poll() is None:
            try:
                psycopg.connect(self.address(role="postgres", database="postgres")).close()
                return True
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise PostgresError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.02)
        return False

    def _log_tail(self) -> str:
        text = (self.home / "postgres.log").read_text("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-8:])

    def _make_roles(self) -> None:
        with psycopg.connect(
            self.address(role="postgres", database="postgres"), autocommit=True
        ) as connection:
            present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, rights in ((OWNER, "LOGIN CREATEDB"), (APPLICATION, "LOGIN")):
                if role not in present:
                    name = sql.Identifier(role)
                    connection.execute(sql.SQL(f"CREATE ROLE {{}} {rights}").format(name))
            # Membership lets the owner end the application's sessions before it drops a database.
            connection.execute(f"GRANT {APPLICATION} TO {OWNER}")
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))


def _make_home(home: Path) -> None:
    if not home.exists():
        home.mkdir(parents=True)
        # The server's account passes through; its own folders below are closed to all others.
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _make_private(folder: Path, account: Account) -> None:
    """A folder that only the server's account enters; a squatter's one is refused."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != account.uid:
            raise PostgresError(f"{folder} exists and is not {account.name}'s; remove it") from None
        folder.chmod(0o700)


def _make_data(home: Path, *, programs: Programs, account: Account) -> Path:
    data = home / f"postgres-{programs.major}"
    unfinished = home / f"postgres-{programs.major}.new"
    # Left by an initdb that was killed.
    subprocess.run(["rm", "-rf", "--", str(unfinished)], check=True)
    _make_private(unfinished, account)
    locale = ["--locale=C.UTF-8"]
    if programs.major >= 17:
        # Built in, so that an upgrade of the C library cannot change the order of an index.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["-U", "postgres", "--auth-local=trust", "--auth-host=reject"]
    command: list[str | Path] = [programs.folder / "initdb", "-D", unfinished]
    made = subprocess.run(
        [*command, *access, *locale, "--encoding=UTF8", "--no-instructions"],
        capture_output=True,
        text=True,
        cwd="/",
        env=_server_environment(),
        **account.identity(),
    )
    if made.returncode != 0:
        raise PostgresError(f"initdb failed:\n{made.stderr.strip()[-2000:]}")
    return unfinished.rename(data)


def _server_environment() -> dict[str, str]:
    # Neither PG* variables nor a foreign locale of the caller may steer the server.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _reap() -> None:
    """Take the exit status of servers that were our children, so that no zombie is left."""
    for server in _started:
        server.poll()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with open(path, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
