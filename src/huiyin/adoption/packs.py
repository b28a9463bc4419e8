"""Packs that are installed on this machine, ready to be adopted."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from huiyin.core.errors import NotFound
from huiyin.policy.loading import FILES, Pack, load_pack

__all__ = ["Pack", "installed", "load_pack", "sources", "texts"]


def installed() -> list[Pack]:
    """Every installed pack, by name. Raises PackErrors for one that does not parse."""
    return [_pack(name) for name in _names()]


def sources(name: str) -> dict[str, str]:
    """The texts of an installed pack; raises NotFound."""
    if name not in _names():
        raise NotFound
    return texts(settings.HUIYIN_PACKS / name)


def texts(folder: Path) -> dict[str, str]:
    """The files that decide, as adoption stores them."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES}


def _names() -> list[str]:
    return sorted(path.parent.name for path in settings.HUIYIN_PACKS.glob("*/policy.yaml"))


@lru_cache(maxsize=32)
def _pack(name: str) -> Pack:
    return load_pack(settings.HUIYIN_PACKS / name)
