"""A backup counts once it was restored; whatever is wrong with one is said before it is used."""

from __future__ import annotations

import random
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from huiyin.config.backup import archive, making, restoring
from huiyin.config.backup.errors import BackupError
from huiyin.config.scratch import django_uses
from huiyin.core.models import BackupRun
from tests.config import backups
from tests.config.backups import (
    Estate,
    huiyin,
    refused,
    running,
    small_disk,
    succeeded,
    wait_for,
)
from tests.config.conftest import NOW

pytestmark = pytest.mark.slow


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


@pytest.mark.long
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


@pytest.mark.long
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


def test_a_full_disk_leaves_no_half_archive(estate: Estate, home: Path) -> None:
    with small_disk(home / "small", "400k") as disk:
        said = refused(huiyin("backup", disk / "firm.huiyin", env=estate.database.environment()))

        assert "No space left" in said and "没有留下半份备份" in said
        assert list(disk.iterdir()) == []


def test_nobody_backs_up_what_his_key_does_not_open(estate: Estate, tmp_path: Path) -> None:
    env = {**estate.database.environment(), "HUIYIN_KEY_FILE": str(tmp_path / "none")}

    said = refused(huiyin("backup", tmp_path / "closed.huiyin", env=env))

    assert "打不开" in said and "customers_contact.phone" in said
    assert list(tmp_path.iterdir()) == []
