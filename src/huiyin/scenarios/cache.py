"""What the last run found out, kept as long as neither the pack nor the engine has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent


def digest(folder: Path) -> str:
    """SHA-256 over every file of a pack and every Python file of the engine, as hexadecimal text."""
    total = hashlib.sha256()
    for path in [*_files(folder, "*.yaml", "*.feature"), *_files(PACKAGE, "*.py")]:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def load(place: Path) -> dict[str, Any]:
    """The kept findings, or nothing when there are none that can be read."""
    try:
        found = json.loads(place.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(place: Path, findings: dict[str, Any]) -> None:
    """Keep findings; a reader sees the old file or the new one, never half of one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(".part")
    draft.write_text(json.dumps(findings, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(place)


def _files(folder: Path, *patterns: str) -> Iterable[Path]:
    return sorted(path for pattern in patterns for path in folder.rglob(pattern))
