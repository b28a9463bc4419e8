"""pg_dump and pg_restore, as processes that read and write through pipes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import psycopg
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huiyin.config.backup.errors import BackupError
from huiyin.config.postgres.programs import find_tools
from huiyin.config.processes import die_with_parent


@contextmanager
def dumping(connection_string: str, *, major: int, snapshot: str) -> Iterator[BinaryIO]:
    """The dump of a database as of a snapshot. Raises BackupError at the end if it failed."""
    arguments = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=60000",
        f"--snapshot={snapshot}",
    ]
    with tempfile.TemporaryFile() as said:
        command = _command("pg_dump", connection_string, arguments, major)
        process = subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=said)
        assert process.stdout is not None
        try:
            yield process.stdout  # type: ignore[misc]
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            status = process.wait()
        _refuse_failure("pg_dump", status, said)


def load(connection_string: str, dump: Iterable[bytes], *, major: int) -> None:
    """Fill an empty database with a dump, as the role that connects. Raises BackupError.

    Its statistics are taken at once: without them the first large questions would take for ever.
    """
    # Owners, rights and comments are not of the dump: roles may be named otherwise here.
    arguments = ["--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
    with tempfile.TemporaryFile() as said:
        command = _command("pg_restore", connection_string, arguments, major)
        process = subprocess.Popen(**command, stdin=subprocess.PIPE, stderr=said)
        assert process.stdin is not None
        try:
            for piece in dump:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before its input did, and says why
        except BaseException:
            process.kill()
            raise
        finally:
            status = process.wait()
        _refuse_failure("pg_restore", status, said)
    with psycopg.connect(connection_string, autocommit=True) as filled:
        filled.execute("ANALYZE")


def _command(
    program: str, connection_string: str, arguments: list[str], major: int
) -> dict[str, Any]:
    parts = {key: str(value) for key, value in conninfo_to_dict(connection_string).items()}
    # The list of processes shows arguments to everybody.
    password = parts.pop("password", "")
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}
    tool = find_tools(major).folder / program
    return {
        "args": [tool, *arguments, f"--dbname={make_conninfo(**parts)}"],
        "env": environment,
        "preexec_fn": die_with_parent,
    }


def _refuse_failure(program: str, status: int, said: BinaryIO) -> None:
    if status == 0:
        return
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    raise BackupError(
        _("%(program)s 以状态 %(status)s 结束：%(why)s")
        % {"program": program, "status": status, "why": "\n".join(lines[-5:])}
    )
