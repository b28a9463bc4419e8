"""`huiyin doctor`: is everything in place that the house stands on, and do its rows hold together?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection
from django.utils.translation import gettext as _

from huiyin.config import checks, database, work_checks
from huiyin.config.postgres import PostgresError
from huiyin.core import clock, health
from huiyin.core.health import Broken, Check, Finding, Status
from huiyin.core.punctuation import explained

WITHOUT_DATABASE: tuple[Check, ...] = (checks.place, checks.secret_files, checks.disk)
WITH_DATABASE: tuple[Check, ...] = (
    checks.rights,
    checks.keys,
    checks.key_copy,
    checks.clocks,
    work_checks.worker,
    work_checks.queue,
    checks.backup,
)
MARKS = {Status.OK: "✓", Status.WARNING: "!", Status.FAILED: "✗"}


def examine(now: datetime) -> Iterator[Finding]:
    """Everything that can be told; without a database only what needs none."""
    yield from _ask(WITHOUT_DATABASE, now)
    # Without a server, or without the tables of this version, nothing further can be asked.
    for check in (checks.server, checks.migrations):
        answer = list(_ask((check,), now))
        yield from answer
        if any(each.status is Status.FAILED for each in answer):
            return
    yield from _ask((*WITH_DATABASE, *health.checks()), now)


def _ask(asked: tuple[Check, ...], now: datetime) -> Iterator[Finding]:
    for check in asked:
        try:
            yield from list(check(now))
        except OperationalError as error:
            yield Finding(
                "database", _("数据库"), Status.FAILED, str(error).splitlines()[0],
                _("连不上数据库，什么都不能做"),
                _("看数据库服务器是否在运行；内置的看数据文件夹里的 postgres.log"),
            )  # fmt: skip
            return
        except DatabaseError as error:
            # One check that cannot look must not hide what the others see.
            yield Finding(
                check.__name__, check.__name__, Status.FAILED, str(error).splitlines()[0],
                _("这一项没能检查"), _("先解决上面的问题，再运行一次"),
            )  # fmt: skip


def report(*, invariants: bool, full: bool, as_json: bool) -> int:
    """Print what was found; the exit status is 0 if nothing failed."""
    now = clock.now()
    findings: list[Finding] = []
    broken: list[Broken] | None = None
    try:
        with database.server():
            findings = list(examine(now))
            if invariants and all(
                f.status is not Status.FAILED or f.key not in ("database", "migrations")
                for f in findings
            ):
                broken = health.broken(health.Look(now=now, full=full))
            connection.close()
    except PostgresError as error:
        findings.append(
            Finding("database", _("数据库"), Status.FAILED, str(error), _("数据库没有启动"))
        )
    ill = bool(broken) or any(each.status is Status.FAILED for each in findings)
    if as_json:
        print(json.dumps(_as_json(findings, broken), ensure_ascii=False, indent=2, default=str))
    else:
        _print(findings, broken)
    return 1 if ill else 0


def _print(findings: list[Finding], broken: list[Broken] | None) -> None:
    for each in findings:
        line = explained(each.title, each.found) if each.found else each.title
        print(f"{MARKS[each.status]} {line}")
        if each.status is not Status.OK:
            print(f"    {each.means}")
            if each.remedy:
                print(f"    → {each.remedy}")
    if broken is None:
        return
    failing = {each.invariant: each.rows for each in broken}
    for invariant in health.invariants():
        rows = failing.get(invariant, [])
        print(f"{'✗' if rows else '✓'} {invariant.code} {invariant.holds}")
        for row in rows[: health.SHOWN]:
            print("    " + " · ".join(map(str, row)))
        if len(rows) > health.SHOWN:
            print("    " + _("……还有更多"))


def _as_json(findings: list[Finding], broken: list[Broken] | None) -> dict[str, Any]:
    statuses = [each.status for each in findings]
    worst = next((s for s in (Status.FAILED, Status.WARNING) if s in statuses), Status.OK)
    answer: dict[str, Any] = {
        "status": Status.FAILED if broken else worst,
        "findings": [
            {
                "key": each.key,
                "title": str(each.title),
                "status": each.status,
                "found": str(each.found),
                "means": str(each.means),
                "remedy": str(each.remedy),
            }
            for each in findings
        ],
    }
    if broken is not None:
        failing = {each.invariant: each.rows for each in broken}
        answer["invariants"] = [
            {"code": i.code, "holds": str(i.holds), "rows": failing.get(i, [])[: health.SHOWN]}
            for i in health.invariants()
        ]
    return answer
