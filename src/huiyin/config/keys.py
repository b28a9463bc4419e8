"""Secrets that are made once, at the first start, and kept in files that only we can read."""

import hashlib
import os
import secrets
from pathlib import Path

from huiyin.config.environment import data_home, text


def secret_key() -> str:
    """Django's signing key: from HUIYIN_SECRET_KEY, else from a file made at the first start."""
    named = text("HUIYIN_SECRET_KEY")
    if named:
        return named
    path = data_home() / "secret_key"
    if not path.exists():
        write_once(path, secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()


def cookie_name(name: str, *, secret: str) -> str:
    """A cookie's name for this house alone.

    Browsers tell hosts apart, not ports: of two houses at one host each would take the other's
    cookie for its own and answer with a new one. The signing key is what all machines of one
    house share and what no other house has.
    """
    return f"{name}_{hashlib.sha256(f'cookies of {secret}'.encode()).hexdigest()[:8]}"


def key_file() -> Path:
    """The file of the keys that encrypt personal fields. Without it backups are unreadable."""
    named = text("HUIYIN_KEY_FILE")
    return Path(named).absolute() if named else data_home() / "field_keys"


def write_once(path: Path, content: str) -> None:
    """Write `content` unless another process was first; the file appears whole or not at all."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o711 if os.geteuid() == 0 else 0o700)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
