"""Reads the environment, loudly: a wrong value stops the start and says what to write."""

import os
import shlex
from pathlib import Path
from urllib.parse import urlsplit


class BadEnvironment(ValueError):
    """A variable has a value that cannot be meant."""


def text(name: str, *, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, *, default: int) -> int:
    raw = text(name)
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit():
        raise BadEnvironment(f"{name}={raw!r} is not a whole number; write for example {default}")
    return int(raw)


def flag(name: str) -> bool:
    raw = text(name, default="0")
    if raw not in ("0", "1"):
        raise BadEnvironment(f"{name}={raw!r} is neither 0 nor 1")
    return raw == "1"


def web_address(name: str) -> str:
    raw = text(name)
    try:
        parts = urlsplit(raw)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        complete = False
    if raw and not (complete and raw.isascii() and raw.isprintable() and " " not in raw):
        raise BadEnvironment(
            f"{name}={raw!r} is no address; write for example https://watch.example/ping"
        )
    return raw


def data_home() -> Path:
    """The folder of everything that must survive: database, keys, uploads.

    HUIYIN_DATA names it; otherwise root uses /var/lib/huiyin, because the database server may not
    run as root and could not reach a folder below /root, and anybody else the XDG data folder.
    """
    named = text("HUIYIN_DATA")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/huiyin")
    return Path(text("XDG_DATA_HOME", default="~/.local/share")).expanduser() / "huiyin"


def command() -> str:
    """How one calls this house in a shell, as the README writes it, with its data folder if named."""
    called = ".venv/bin/huiyin"
    return (
        f"HUIYIN_DATA={shlex.quote(str(data_home()))} {called}" if text("HUIYIN_DATA") else called
    )
