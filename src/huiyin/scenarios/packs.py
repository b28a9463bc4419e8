"""Finding packs: by id in the folder of packs, or by their own folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huiyin.policy.loading import Pack, load_pack
from huiyin.scenarios.errors import Misused


def folder(pack: str) -> Path:
    """The folder of a pack, given by id or by path. Raises Misused naming the packs there are."""
    for place in (Path(settings.HUIYIN_PACKS) / pack, Path(pack)):
        if (place / "policy.yaml").is_file():
            return place
    raise Misused(
        _("没有制度包“%(pack)s”；现有：%(known)s")
        % {"pack": pack, "known": "、".join(place.name for place in every())}
    )


def folders(packs: Sequence[str]) -> list[Path]:
    """The folders of these packs; of all when none is named."""
    return [folder(pack) for pack in packs] or every()


def every() -> list[Path]:
    """All packs of the installation."""
    return sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))


def load(pack: str) -> Pack:
    """The parsed pack. Raises Misused, PackErrors."""
    return load_pack(folder(pack))
