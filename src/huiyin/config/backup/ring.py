"""Which keys the rows need, and whether a key file has them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.apps import apps
from django.utils.translation import gettext as _
from psycopg import sql

from huiyin.config.backup.errors import BackupError
from huiyin.config.backup.manifest import Keys
from huiyin.core import crypto
from huiyin.core.fields import EncryptedText

SAMPLE = """
SELECT split_part({column}, ':', 1), min({column}) FROM {table} WHERE {column} <> '' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A key file that is at hand: what it holds, as text, and where it was found."""

    ring: crypto.KeyRing
    text: str
    where: Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One value for each column and key that encrypted it."""

    column: str
    key: str
    value: str


def samples(session: psycopg.Connection) -> list[Sample]:
    """From every encrypted column that the database has, one value for each key."""
    return [
        Sample(f"{table}.{column}", key, value)
        for table, column in _encrypted_columns(session)
        for key, value in session.execute(
            sql.SQL(SAMPLE).format(
                column=sql.Identifier(column), table=sql.Identifier("public", table)
            )
        ).fetchall()
    ]


def _encrypted_columns(session: psycopg.Connection) -> list[tuple[str, str]]:
    there = session.execute(
        "SELECT table_name::text, column_name::text FROM information_schema.columns"
        " WHERE table_schema = 'public'"
    ).fetchall()
    fields = (f for m in apps.get_models() for f in m._meta.concrete_fields)
    ours = {(f.model._meta.db_table, f.column) for f in fields if isinstance(f, EncryptedText)}
    return sorted(ours.intersection(there))


def unopened(found: list[Sample], ring: crypto.KeyRing | None) -> list[Sample]:
    """Those samples that the ring does not open: of a key that it lacks, or has another of."""
    return [each for each in found if ring is None or not _opens(ring, each)]


def _opens(ring: crypto.KeyRing, sample: Sample) -> bool:
    try:
        crypto.decrypt_with(ring, sample.column, sample.value)
    except crypto.CannotDecrypt:
        return False
    return True


def keys_for(found: list[Sample], ring: crypto.KeyRing | None) -> Keys:
    """What an archive says about the keys: those that are needed, and the proof of each."""
    needed = tuple(sorted({each.key for each in found}))
    return Keys(needed=needed, proofs=crypto.fingerprints(ring) if ring else {})


def held_in(path: Path) -> Held:
    """The key file at `path`. Raises BackupError."""
    try:
        return Held(crypto.read_ring(path), path.read_text("ascii"), path)
    except crypto.NotAKeyRing as error:
        raise BackupError(
            _("%(file)s 不是密钥文件，或者读不出来。请用 --key 指明备份时的密钥文件。")
            % {"file": path}
        ) from error


def missing_in(needed: Keys, ring: crypto.KeyRing) -> list[str]:
    """The ids of keys that an archive needs and the ring has not, or has others of."""
    if not needed.needed:
        return []
    has = crypto.fingerprints(ring)
    return [id for id in (*needed.needed, "index") if has.get(id) != needed.proofs.get(id)]


def refuse_unless_it_opens(needed: Keys, held: Held | None) -> None:
    """Raises BackupError when the archive's encrypted values would stay closed."""
    if needed.needed and held is None:
        raise BackupError(
            _(
                "没有密钥文件，备份里的姓名和电话（密钥 %(keys)s）打不开。"
                "请用 --key 指明备份时的密钥文件。"
            )
            % {"keys": ", ".join(needed.needed)}
        )
    if held and (wrong := missing_in(needed, held.ring)):
        raise BackupError(
            _(
                "密钥文件 %(file)s 不是这份备份的：密钥 %(keys)s 对不上。"
                "请用 --key 指明备份时的密钥文件。"
            )
            % {"file": held.where, "keys": ", ".join(wrong)}
        )


def digest_of(ring: crypto.KeyRing) -> str:
    """Names a ring in one word; changes with every key that is added."""
    pairs = sorted(crypto.fingerprints(ring).items())
    return hashlib.sha256(repr(pairs).encode()).hexdigest()[:16]


def seal_of(sums: bytes, ring: crypto.KeyRing | None) -> str:
    """What only somebody with the key can write below the archive's sums; "" without a key."""
    return hmac.new(ring.index, sums, hashlib.sha256).hexdigest() if ring else ""
