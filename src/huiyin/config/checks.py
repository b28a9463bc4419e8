"""What the house as such can tell about its health; rooms add their own to `core.health`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.config import database
from huiyin.config.backup import ring
from huiyin.config.grants import append_only_tables
from huiyin.config.postgres.programs import OLDEST_MAJOR
from huiyin.core import backups, clock, crypto
from huiyin.core.health import Finding, Status
from huiyin.core.models import BackupRun

LOW, LOWEST = 2 * 1024**3, 512 * 1024**2  # bytes free
MEGABYTE = 1024**2
SKEW, WORST_SKEW = timedelta(minutes=2), timedelta(minutes=10)  # from ten on facts are refused
DRILL = timedelta(days=7)  # without nightly backups, how long one by hand is good for


def server(_now: datetime) -> Iterator[Finding]:
    key, title = "database", _("数据库")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (major,) = cursor.fetchone()
    found = f"PostgreSQL {major}"
    if major >= OLDEST_MAJOR:
        yield Finding(key, title, Status.OK, found)
        return
    yield Finding(
        key, title, Status.FAILED, found,
        _("回音需要 %s 或更新的版本") % OLDEST_MAJOR,
        _("升级数据库服务器：备份，换新版本，恢复"),
    )  # fmt: skip


def migrations(_now: datetime) -> Iterator[Finding]:
    key, title = "migrations", _("数据库结构")
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        yield Finding(key, title, Status.OK)
        return
    yield Finding(
        key, title, Status.FAILED,
        _("还有 %s 步升级没有做") % len(waiting),
        _("程序比数据库新，页面会出错"),
        _("运行 huiyin migrate（huiyin serve 启动时会自己做）"),
    )  # fmt: skip


def rights(_now: datetime) -> Iterator[Finding]:
    """Asked of the server, since a grant by hand would not show in any file."""
    key, title = "rights", _("只增不改的表")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name"
            " WHERE has_table_privilege(%s, quote_ident(name), 'UPDATE, DELETE, TRUNCATE')",
            [append_only_tables(), settings.HUIYIN_APPLICATION_ROLE],
        )
        loose = [name for (name,) in cursor.fetchall()]
    if not loose:
        yield Finding(key, title, Status.OK, _("%s 张，应用改不了") % len(append_only_tables()))
        return
    yield Finding(
        key, title, Status.FAILED, ", ".join(loose),
        _("应用的角色可以改动这些表，记录就不再是证据"),
        _("运行 huiyin migrate，收回多给的权限；再查是谁给的"),
    )  # fmt: skip


def secret_files(_now: datetime) -> Iterator[Finding]:
    key, title = "secrets", _("密钥文件的权限")
    files = [settings.HUIYIN_DATA / "secret_key", Path(settings.HUIYIN_KEY_FILE)]
    loose = [f for f in files if f.exists() and f.stat().st_mode & 0o077]
    if not loose:
        yield Finding(key, title, Status.OK)
        return
    names = " ".join(map(str, loose))
    yield Finding(
        key, title, Status.FAILED, names,
        _("这台机器上的其他账户也能读到密钥"), f"chmod 600 {names}",
    )  # fmt: skip


def keys(_now: datetime) -> Iterator[Finding]:
    """The key file opens what is encrypted: tried on a value of every column and key."""
    key, title = "keys", _("密钥打得开加密的内容")
    path = Path(settings.HUIYIN_KEY_FILE)
    connection.ensure_connection()
    found = ring.samples(connection.connection)
    try:
        held = crypto.read_ring(path) if found or path.exists() else None
    except crypto.NotAKeyRing as error:
        held, said = None, str(error)
    else:
        said = ""
    closed = sorted({each.column for each in ring.unopened(found, held)})
    if not closed and not said:
        yield Finding(key, title, Status.OK, _("%s 列") % len({each.column for each in found}))
        return
    yield Finding(
        key, title, Status.FAILED, said or ", ".join(closed),
        _("这些姓名和电话读不出来，新的也不要再录入"),
        _("把备份时的密钥文件放回 %s") % path,
    )  # fmt: skip


def key_copy(_now: datetime) -> Iterator[Finding]:
    key, title = "key_copy", _("密钥另存了一份")
    path = Path(settings.HUIYIN_KEY_FILE)
    if not path.exists():
        yield Finding(key, title, Status.OK, _("还没有密钥"))
        return
    try:
        digest = ring.digest_of(crypto.read_ring(path))
    except crypto.NotAKeyRing:
        return  # told by the check before
    if BackupRun.objects.filter(key_copied=digest).exists():
        yield Finding(key, title, Status.OK)
        return
    yield Finding(
        key, title, Status.WARNING, _("现在的密钥还没有另存过"),
        _("机器坏了，备份里的姓名和电话就再也打不开"),
        _("运行 huiyin backup 文件名，把 .key 文件存到别处，不要和备份放在一起"),
    )  # fmt: skip


def disk(_now: datetime) -> Iterator[Finding]:
    folders = {"disk": (_("数据所在的磁盘"), Path(settings.HUIYIN_DATA))}
    if settings.HUIYIN_BACKUP_FOLDER:
        folders["backup_disk"] = (_("备份所在的磁盘"), Path(settings.HUIYIN_BACKUP_FOLDER))
    for key, (title, folder) in folders.items():
        there = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(there).free
        status = Status.OK if free >= LOW else Status.WARNING
        status = Status.FAILED if free < LOWEST else status
        found = _("%(folder)s 还剩 %(free)s MB") % {"folder": folder, "free": free // MEGABYTE}
        if status is Status.OK:
            yield Finding(key, title, status, found)
        else:
            yield Finding(
                key, title, status, found,
                _("磁盘写满时数据库会停下"), _("腾出空间，或换一块更大的磁盘"),
            )  # fmt: skip


def clocks(_now: datetime) -> Iterator[Finding]:
    key, title = "clock", _("时钟")
    with connection.cursor() as cursor:
        before = clock.now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
        after = clock.now()
        cursor.execute("SELECT recorded_at FROM ledger_fact ORDER BY id DESC LIMIT 1")
        last = cursor.fetchone()
    apart = abs(theirs - (before + (after - before) / 2))
    if last:
        apart = max(apart, last[0] - after)
    found = _("与数据库、与最后一条记录相差 %s 秒") % max(0, round(apart.total_seconds()))
    if apart <= SKEW:
        yield Finding(key, title, Status.OK, found)
        return
    yield Finding(
        key, title, Status.FAILED if apart > WORST_SKEW else Status.WARNING, found,
        _("时限和先后会算错；差到十分钟，新的记录会被拒绝"),
        _("把两台机器的时钟都对准（timedatectl set-ntp true）"),
    )  # fmt: skip


def backup(now: datetime) -> Iterator[Finding]:
    key, title = "backup", _("备份")
    state = backups.state(now)
    good = state.last_good
    found = _("最近一次校验通过的备份：%s") % (_moment(good.started_at) if good else _("从来没有"))
    if state.has_failed and state.last:
        found += _("；最近一次失败：%s") % state.last.error
    if not state.wanted:
        recent = good is not None and good.started_at >= now - DRILL
        yield Finding(
            key, title, Status.OK if recent else Status.WARNING, found,
            _("没有设每夜备份"),
            _("把 HUIYIN_BACKUP_FOLDER 设为另一块磁盘上的文件夹，后台每夜备份并校验"),
        )  # fmt: skip
        return
    yield Finding(
        key, title, Status.FAILED if state.is_red else Status.OK, found,
        _("超过 26 小时没有校验通过的备份，或最近一次失败了") if state.is_red else "",
        _("看备份文件夹是否可写、磁盘是否已满，再运行 huiyin backup") if state.is_red else "",
    )  # fmt: skip


def _moment(value: datetime) -> str:
    return f"{value.astimezone(zone()):%Y-%m-%d %H:%M}"


def place(_now: datetime) -> Iterator[Finding]:
    """Where all this is; never wrong."""
    where = str(settings.HUIYIN_DATA) if database.is_embedded() else _("HUIYIN_DATABASE_URL 所指")
    yield Finding("place", _("数据"), Status.OK, where)
