"""Personal fields at rest: AES-GCM with a ring of keys, and a blind index to find them by.

A ciphertext is bound to its key and its column: moved to another column it does not open.
The ring is one file (`settings.HUIYIN_KEY_FILE`), made at the first use, readable by us alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12  # what GCM is specified for; random, fresh for each value


FINGERPRINT = b"huiyin key fingerprint"


class CannotDecrypt(ValueError):
    """The text was not made by this ring for this column, or was changed since."""


class NotAKeyRing(ValueError):
    """The file is not there, cannot be read, or holds something else."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys by id, which of them encrypts now, and the key of the blind index.

    Old keys stay, so that what they encrypted opens; the index key never changes, because an
    index is compared and not opened.
    """

    current: str
    keys: dict[str, bytes]
    index: bytes


def encrypt(column: str, text: str) -> str:
    """`text` as ASCII, bound to `column` (`table.column`); the same text never looks the same."""
    ring = _ring()
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(
        nonce, text.encode(), _binding(ring.current, column)
    )
    return f"{ring.current}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(column: str, token: str) -> str:
    """The text again. Raises CannotDecrypt when key, column or content do not fit."""
    return decrypt_with(_ring(), column, token)


def decrypt_with(ring: KeyRing, column: str, token: str) -> str:
    """As `decrypt`, with another ring than the one in use: that of a backup, of a doctor."""
    key_id, _colon, body = token.partition(":")
    key = ring.keys.get(key_id)
    if key is None:
        raise CannotDecrypt(f"{column}: the key ring has no key {key_id!r}; restore the key file")
    try:
        raw = base64.b64decode(body, validate=True)
        opened = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _binding(key_id, column))
    except (InvalidTag, ValueError) as error:
        raise CannotDecrypt(f"{column}: the value was changed or belongs elsewhere") from error
    return opened.decode()


def blind_index(column: str, normalized: str) -> str:
    """Equal for equal `normalized` values of the same column, and telling nothing else."""
    message = f"{column}\0{normalized}".encode()
    return hmac.new(_ring().index, message, hashlib.sha256).hexdigest()


def rotate_key() -> str:
    """Add a key that encrypts from now on; returns its id. Running processes take it on restart."""
    ring = read_ring(_path())
    key_id = f"k{len(ring.keys) + 1}"
    grown = KeyRing(key_id, ring.keys | {key_id: secrets.token_bytes(KEY_BYTES)}, ring.index)
    unfinished = _written(grown, _path())
    unfinished.replace(_path())
    _loaded.cache_clear()
    return key_id


def fingerprints(ring: KeyRing) -> dict[str, str]:
    """Proves each key of the ring, and the index key (as "index"), without revealing any."""
    return {
        id: hmac.new(key, FINGERPRINT, hashlib.sha256).hexdigest()[:32]
        for id, key in {**ring.keys, "index": ring.index}.items()
    }


def read_ring(path: Path) -> KeyRing:
    """The ring of a file. Raises NotAKeyRing."""
    try:
        return parse_ring(path.read_text("ascii"))
    except OSError as error:
        raise NotAKeyRing(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise NotAKeyRing(f"{path} is not a key file") from error


def parse_ring(text: str) -> KeyRing:
    """The ring that a key file holds. Raises NotAKeyRing."""
    try:
        held = json.loads(text)
        return KeyRing(
            current=held["current"],
            keys={id: base64.b64decode(key) for id, key in held["keys"].items()},
            index=base64.b64decode(held["index"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAKeyRing("not a key file") from error


def _ring() -> KeyRing:
    return _loaded(_path())


@lru_cache(maxsize=4)
def _loaded(path: Path) -> KeyRing:
    if not path.exists():
        _make(path)
    return read_ring(path)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    first = KeyRing("k1", {"k1": secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))
    unfinished = _written(first, path)
    try:
        # Linking refuses an existing name: of two processes at a first start, one makes the ring.
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()


def _written(ring: KeyRing, path: Path) -> Path:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(
            {
                "current": ring.current,
                "keys": {id: base64.b64encode(key).decode() for id, key in ring.keys.items()},
                "index": base64.b64encode(ring.index).decode(),
            },
            file,
        )
        file.flush()
        os.fsync(file.fileno())
    return unfinished


def _path() -> Path:
    return Path(settings.HUIYIN_KEY_FILE)


def _binding(key_id: str, column: str) -> bytes:
    return f"{key_id}|{column}".encode()
