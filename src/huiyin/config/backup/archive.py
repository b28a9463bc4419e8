"""The archive: a tar whose parts say what they should be.

    manifest.json   what is in it (`manifest`), of a fixed size, so that it can be written last
    database.dump   pg_dump's custom format
    field_keys      the key file, only if asked for
    SHA256SUMS      of the parts above, as `sha256sum -c` reads them
    SEAL            an HMAC of the sums by the index key: nobody else can have made them

It is written under a name of its own and gets its final one when it is whole and on the disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _
from pydantic import ValidationError

from huiyin.config.backup.errors import BackupError
from huiyin.config.backup.manifest import FORMAT, Head, Manifest

MANIFEST, DUMP, KEYS, SUMS, SEAL = (
    "manifest.json",
    "database.dump",
    "field_keys",
    "SHA256SUMS",
    "SEAL",
)
ORDERS = ([MANIFEST, DUMP, SUMS, SEAL], [MANIFEST, DUMP, KEYS, SUMS, SEAL])
MANIFEST_ROOM = 256 * 1024  # bytes; a hundred tables take thirty thousand
BLOCK = 512  # of a tar
CHUNK = 1024 * 1024
LARGEST_PART = MANIFEST_ROOM  # of all but the dump


@dataclass(frozen=True, slots=True)
class Archive:
    """A whole archive: its parts are there and are what the sums say."""

    path: Path
    manifest: Manifest
    sums: bytes
    seal: str
    keys: bytes | None
    dump_at: int

    @contextmanager
    def dump(self) -> Iterator[Iterator[bytes]]:
        """The dump in pieces, for the standard input of pg_restore."""
        with open(self.path, "rb") as file:
            file.seek(self.dump_at)
            yield _pieces(file, self.manifest.dump.size)


class Writer:
    """Writes one archive below its temporary name; see `writing`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sums: list[str] = []
        self._dump = ("", 0)
        self._put(MANIFEST, b"", size=MANIFEST_ROOM)
        file.write(b"\0" * MANIFEST_ROOM)

    def add_dump(self, stream: BinaryIO) -> tuple[str, int]:
        """Take in the dump; returns its SHA-256 and size, which are known only at its end."""
        at = self._file.tell()
        self._put(DUMP, b"", size=0)
        digest, size = hashlib.sha256(), 0
        while piece := stream.read(CHUNK):
            self._file.write(piece)
            digest.update(piece)
            size += len(piece)
        self._file.write(b"\0" * (-size % BLOCK))
        end = self._file.tell()
        self._file.seek(at)
        self._put(DUMP, b"", size=size)
        self._file.seek(end)
        self._dump = (digest.hexdigest(), size)
        return self._dump

    def finish(
        self, manifest: Manifest, *, keys: bytes | None, seal: Callable[[bytes], str]
    ) -> None:
        text = manifest.model_dump_json().encode()
        if len(text) > MANIFEST_ROOM:
            raise BackupError(f"the manifest takes {len(text)} bytes, {MANIFEST_ROOM} are kept")
        padded = text.ljust(MANIFEST_ROOM - 1) + b"\n"
        parts = [(MANIFEST, hashlib.sha256(padded).hexdigest()), (DUMP, self._dump[0])]
        if keys is not None:
            self._put(KEYS, keys, size=len(keys))
            parts.append((KEYS, hashlib.sha256(keys).hexdigest()))
        sums = "".join(f"{digest}  {name}\n" for name, digest in parts).encode()
        for name, content in ((SUMS, sums), (SEAL, f"{seal(sums)}\n".encode())):
            self._put(name, content, size=len(content))
        self._file.write(b"\0" * 2 * BLOCK)
        self._file.seek(BLOCK)
        self._file.write(padded)

    def _put(self, name: str, content: bytes, *, size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        # GNU's header keeps its 512 bytes for any size; pax would add blocks for a large one.
        self._file.write(entry.tobuf(tarfile.GNU_FORMAT))
        self._file.write(content + b"\0" * (-len(content) % BLOCK))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A writer whose archive appears at `path` whole or not at all. Raises BackupError."""
    if path.exists():
        raise BackupError(_("%(file)s 已经存在，备份不会覆盖它；请换一个名字。") % {"file": path})
    unfinished = path.with_name(f".{path.name}.part")
    try:
        handle = os.open(unfinished, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupError(
            _("不能写入 %(folder)s：%(why)s。") % {"folder": path.parent, "why": error.strerror}
        ) from error
    with os.fdopen(handle, "r+b") as file:
        _alone(file, path)
        try:
            file.truncate()
            yield Writer(file)
            file.flush()
            os.fsync(file.fileno())
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise BackupError(
                _("写 %(file)s 时出错：%(why)s。没有留下半份备份。")
                % {"file": path, "why": error.strerror}
            ) from error
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def _alone(file: BinaryIO, path: Path) -> None:
    # What a killed backup left below this name is written over; a living one is not.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BackupError(_("另一个备份正在写 %(file)s。") % {"file": path}) from error
    except OSError:
        return  # a network share without locks


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, where its file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(path: Path) -> Archive:
    """The archive, once every byte of it was read and found right. Raises BackupError."""
    try:
        with open(path, "rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            return _read(path, tar)
    except FileNotFoundError as error:
        raise BackupError(_("没有 %(file)s 这个文件。") % {"file": path}) from error
    except (OSError, tarfile.TarError, EOFError, ValidationError, ValueError) as error:
        raise _damaged(path, str(error).splitlines()[0]) from error


def _read(path: Path, tar: tarfile.TarFile) -> Archive:
    members = tar.getmembers()
    names = [member.name for member in members]
    if names[:1] == [MANIFEST]:
        _refuse_newer(Head.model_validate_json(_content(tar, members[0])))
    if names not in ORDERS or not all(member.isreg() for member in members):
        raise _damaged(path, _("缺少部分内容：只有 %s") % (", ".join(names[:9]) or "0"))
    digests = {m.name: _digest(tar, m) for m in members}
    texts = {m.name: _content(tar, m) for m in members if m.name != DUMP}
    manifest = Manifest.model_validate_json(texts[MANIFEST])
    told = dict(reversed(line.split("  ", 1)) for line in texts[SUMS].decode("ascii").splitlines())
    wrong = [name for name in names if name in told and told[name] != digests[name]]
    if wrong or told.keys() != set(names) - {SUMS, SEAL} or manifest.dump.sha256 != digests[DUMP]:
        raise _damaged(path, _("校验和不符：%s") % ", ".join(wrong or [SUMS]))
    return Archive(
        path=path,
        manifest=manifest,
        sums=texts[SUMS],
        seal=texts[SEAL].decode("ascii").strip(),
        keys=texts.get(KEYS),
        dump_at=members[1].offset_data,
    )


def _refuse_newer(head: Head) -> None:
    if head.format > FORMAT:
        raise BackupError(
            _(
                "这份备份由更新的版本 %(theirs)s 制作（格式 %(format)s），本机是 %(ours)s；请先升级。"
            )
            % {"theirs": head.version, "format": head.format, "ours": version("huiyin")}
        )


def _damaged(path: Path, why: str) -> BackupError:
    return BackupError(
        _("%(file)s 不完整或被改动过（%(why)s），不能用来恢复；请换一份备份。")
        % {"file": path, "why": why}
    )


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    part = tar.extractfile(member) or io.BytesIO()
    while piece := part.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > LARGEST_PART:
        raise ValueError(f"{member.name} takes {member.size} bytes")
    return (tar.extractfile(member) or io.BytesIO()).read()


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(CHUNK, size))):
        size -= len(piece)
        yield piece
