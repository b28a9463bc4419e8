"""`huiyin backup` and `huiyin restore`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from huiyin.config.backup.manifest import Manifest
    from huiyin.core.health import Broken
    from huiyin.core.models import BackupRun

SHOWN = 16  # signs of a digest; enough to compare by eye
ENDED_BY_SIGNAL = 128 + signal.SIGTERM


def register(subparsers: Any) -> None:
    backup = subparsers.add_parser(
        "backup",
        help="one archive of everything, proven by restoring it into a scratch database",
        description="Without FILE: a new one in HUIYIN_BACKUP_FOLDER; old ones there make room.",
    )
    backup.add_argument("file", nargs="?", type=Path, metavar="FILE")
    key = backup.add_mutually_exclusive_group()
    key.add_argument("--with-key", action="store_true", help="the key file inside the archive")
    key.add_argument("--no-key", action="store_true", help="no copy of the key file")
    backup.add_argument("--no-verify", action="store_true", help="do not try to restore it")
    backup.set_defaults(run=run_backup)
    restore = subparsers.add_parser("restore", help="a backup into an empty data folder")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--key", type=Path, metavar="FILE", help="the key file of the backup")
    restore.add_argument("--into", choices=["scratch"], help="only try whether it would work")
    restore.set_defaults(run=run_restore)


def run_backup(options: argparse.Namespace) -> int:
    return _run(_backup, options)


def run_restore(options: argparse.Namespace) -> int:
    return _run(_restore, options)


def _run(command: Any, options: argparse.Namespace) -> int:
    import django

    django.setup()

    # Ended by a signal it still removes what is half done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED_BY_SIGNAL))
    try:
        return int(command(options))
    except _failures() as error:
        print(f"huiyin: {error}", file=sys.stderr)
        return 1


def _failures() -> tuple[type[Exception], ...]:
    """What is told in a sentence; anything else is a fault of ours and shows where."""
    import psycopg
    from django.db import DatabaseError

    from huiyin.config.backup.errors import BackupError
    from huiyin.config.postgres import PostgresError

    return BackupError, PostgresError, psycopg.Error, DatabaseError


def _backup(options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from huiyin.config import database
    from huiyin.config.backup import nightly
    from huiyin.config.backup.errors import BackupError

    if options.file is None and nightly.folder() is None:
        raise BackupError(_("请写明备份到哪个文件，或者用 HUIYIN_BACKUP_FOLDER 指定备份文件夹。"))
    with database.server():
        return _nightly(options) if options.file is None else _to_file(options)


def _to_file(options: argparse.Namespace) -> int:
    from huiyin.accounts.queries import zone
    from huiyin.config.backup import making, nightly
    from huiyin.core import clock
    from huiyin.core.models import BackupRun

    now = clock.now()
    path = options.file.absolute()
    if path.is_dir():
        path /= nightly.file_name(now, zone())
    manifest = making.make(path, with_key=options.with_key, now=now)
    _say_made(path, manifest)
    run = BackupRun(started_at=now, path=str(path), key_copied=_keep_key(options, path))
    return _finish(run, path, manifest, verify=not options.no_verify)


def _nightly(options: argparse.Namespace) -> int:
    from huiyin.accounts.queries import zone
    from huiyin.config.backup import making, nightly
    from huiyin.core import clock
    from huiyin.core.models import BackupRun

    now, folder = clock.now(), nightly.folder()
    assert folder is not None
    path = folder / nightly.file_name(now, zone())
    run = BackupRun.objects.create(started_at=now, path=str(path))
    try:
        _make_folder(path.parent)
        manifest = making.make(path, with_key=options.with_key, now=now)
        _say_made(path, manifest)
        status = _finish(run, path, manifest, verify=not options.no_verify)
    except _failures() as error:
        if not run.error:
            _note(run, error=str(error))
        raise
    if status:
        path.rename(f"{path}{nightly.UNPROVEN}")
    else:
        nightly.tidy(folder)
    return status


def _make_folder(folder: Path) -> None:
    from django.utils.translation import gettext as _

    from huiyin.config.backup.errors import BackupError

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(
            _("备份文件夹 %(folder)s 不能用：%(why)s。") % {"folder": folder, "why": error.strerror}
        ) from error


def _finish(run: BackupRun, path: Path, manifest: Manifest, *, verify: bool) -> int:
    """Prove the archive if asked, and note how it ended."""
    run.size, run.digest = path.stat().st_size, manifest.content.digest
    if not verify:
        _note(run, error="")
        return 0
    from django.utils.translation import gettext as _

    from huiyin.config.backup import archive, making, proving
    from huiyin.config.backup.errors import BackupError

    print(_("· 校验：恢复到临时数据库，核对内容"), flush=True)
    began = time.monotonic()
    try:
        proof = proving.prove(archive.read(path), making.key_at_hand(), now=run.started_at)
    except BackupError as error:
        _note(run, error=str(error))
        raise
    run.verified = proof.holds
    _note(run, error=proof.said())
    return _say_proof(proof, manifest, minutes=(time.monotonic() - began) / 60)


def _note(run: BackupRun, *, error: str) -> None:
    from huiyin.core import clock

    run.error, run.finished_at = error, clock.now()
    run.save()


def _keep_key(options: argparse.Namespace, path: Path) -> str:
    """Copy the key file beside the archive if it should be; returns which ring is kept now."""
    from django.utils.translation import gettext as _

    from huiyin.config.backup import making, ring

    held = making.key_at_hand()
    if held is None or options.no_key:
        return ""
    if options.with_key:
        print(_("· 密钥在备份里面：拿到这个文件的人能看到姓名和电话，请妥善保管。"))
    else:
        beside = making.copy_key(path)
        print(_("· 密钥 %s：请把备份和密钥放在两个地方；没有密钥，姓名和电话再也打不开。") % beside)
    return ring.digest_of(held.ring)


def _say_made(path: Path, manifest: Manifest) -> None:
    from django.utils.translation import gettext as _

    print(
        _("· 备份 %(file)s（%(size).1f MB），内容摘要 %(digest)s")
        % {
            "file": path,
            "size": path.stat().st_size / 1024**2,
            "digest": manifest.content.digest[:SHOWN],
        },
        flush=True,
    )


def _say_proof(proof: Any, manifest: Manifest, *, minutes: float) -> int:
    from django.utils.translation import gettext as _

    from huiyin.core import health

    if not proof.holds:
        print(_("✗ 这份备份没有通过校验，不能依靠它：%s") % proof.said(), file=sys.stderr)
        _say_broken(proof.broken)
        return 1
    tables = manifest.content.tables.values()
    print(
        _(
            "✓ 校验通过：%(tables)s 张表 %(rows)s 行与备份时相同，%(invariants)s 条不变式成立，"
            "用时 %(minutes).1f 分钟。"
        )
        % {
            "tables": len(tables),
            "rows": sum(each.rows for each in tables),
            "invariants": len(health.invariants()),
            "minutes": minutes,
        }
    )
    return 0


def _say_broken(broken: Sequence[Broken]) -> None:
    from huiyin.core import health

    for each in broken:
        shown = each.rows[: health.SHOWN]
        print(f"  {each.invariant.code} {each.invariant.holds}: {shown}", file=sys.stderr)


def _restore(options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from huiyin.config.backup import restoring
    from huiyin.core import clock

    now, began = clock.now(), time.monotonic()
    print(_("· 检查 %s：是否完整、能否打开") % options.file, flush=True)
    checked = restoring.check(options.file.absolute(), options.key)
    manifest = checked.archive.manifest
    if options.into == "scratch":
        proof = restoring.prove(checked, now=now)
        return _say_proof(proof, manifest, minutes=(time.monotonic() - began) / 60)
    broken = restoring.restore(checked, now=now, say=lambda text: print(f"· {text}", flush=True))
    _say_restored(manifest, now=now, minutes=(time.monotonic() - began) / 60)
    if broken:
        print(_("✗ 备份时就有不成立的不变式："), file=sys.stderr)
        _say_broken(broken)
    return 1 if broken else 0


def _say_restored(manifest: Manifest, *, now: datetime, minutes: float) -> None:
    from django.utils.translation import gettext as _

    tables = manifest.content.tables.values()
    age = now - manifest.created_at
    print(
        _(
            "✓ 已恢复：%(tables)s 张表 %(rows)s 行，内容摘要 %(digest)s，与备份时相同；"
            "用时 %(minutes).1f 分钟。"
        )
        % {
            "tables": len(tables),
            "rows": sum(each.rows for each in tables),
            "digest": manifest.content.digest[:SHOWN],
            "minutes": minutes,
        }
    )
    print(
        _("  备份做于 %(days)s 天 %(hours)s 小时之前，此后的工作要补录。启动：huiyin serve")
        % {"days": age.days, "hours": age.seconds // 3600}
    )
