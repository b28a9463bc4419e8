"""The first thing in an archive: what is in it, and what it takes to open it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
"""Grows when an older Huiyin could no longer read an archive."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Head(_Part):
    """What every format says: enough to tell that an archive is newer than this Huiyin."""

    format: int
    version: str


class TableDigest(_Part):
    """A table's rows: how many, and the SHA-256 over the SHA-256 of each (`digests`)."""

    rows: int
    sha256: str


class Content(_Part):
    """What the database held at the snapshot.

    Two with the same `digest` hold the same of the firm; what the machine notes for itself (jobs,
    runs of the backup) is in `tables` alone.
    """

    tables: dict[str, TableDigest]
    structure: str
    digest: str

    def differences(self, other: Content) -> list[str]:
        """The tables whose rows differ, and "structure" if columns, triggers or the like do."""
        names = sorted(self.tables.keys() | other.tables.keys())
        found = [n for n in names if self.tables.get(n) != other.tables.get(n)]
        return found + ["structure"] * (self.structure != other.structure)


class Keys(_Part):
    """Which keys the encrypted columns need, and what proves each without revealing it.

    `proofs` is by key id, with "index" for the key of the blind index.
    """

    needed: tuple[str, ...] = ()
    proofs: dict[str, str] = Field(default_factory=dict)


class Dump(_Part):
    size: int
    sha256: str


class Manifest(Head):
    """What an archive says about itself."""

    created_at: datetime
    postgres: int
    database_size: int
    migrations: tuple[str, ...]
    migrations_digest: str
    content: Content
    keys: Keys
    dump: Dump
