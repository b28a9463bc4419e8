"""The operating-system account that the server runs as. PostgreSQL refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huiyin.config.postgres.errors import PostgresError

# An own account is best; Debian's package brings `postgres`; `nobody` exists everywhere.
CANDIDATES = ("huiyin", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the server: ourselves, or, when we are root, an account without privileges."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def identity(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a program as this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, program: Path) -> bool:
        """Whether the account can reach and run `program`: asked, since parents may be closed."""
        if not self.is_other:
            return os.access(program, os.X_OK)
        try:
            asked = subprocess.run(
                [program, "--version"], capture_output=True, cwd="/", **self.identity()
            )
        except PermissionError:
            return False
        return asked.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can pass through `folder` and all its parents."""
        if not self.is_other:
            return os.access(folder, os.X_OK)
        asked = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            capture_output=True,
            cwd="/",
            **self.identity(),
        )
        return asked.returncode == 0

    def own(self, path: Path) -> None:
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def server_account(data: Path | None = None) -> Account:
    """The account for a new cluster, or the owner of the cluster that lies in `data`.

    Raises PostgresError when root finds none of the accounts it may use.
    """
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(name=me.pw_name, uid=me.pw_uid, gid=me.pw_gid, is_other=False)
    if data is not None and data.exists():
        return _as_other(pwd.getpwuid(data.stat().st_uid))
    for name in CANDIDATES:
        try:
            return _as_other(pwd.getpwnam(name))
        except KeyError:
            continue
    raise PostgresError(
        "PostgreSQL refuses to run as root, and none of the accounts "
        f"{', '.join(CANDIDATES)} exists; make one: useradd --system huiyin"
    )


def _as_other(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)
