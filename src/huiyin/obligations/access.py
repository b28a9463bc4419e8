from __future__ import annotations

from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import NotFound
from huiyin.obligations.models import Obligation

PARTIES = ("target", "opener", "settled_by", "holder__as_person", "adoption")


def for_reading(viewer: Viewer, obligation_id: int) -> Obligation:
    """The obligation if the viewer may see it; raises NotFound otherwise."""
    row = (
        Obligation.objects.visible_to(viewer)
        .select_related(*PARTIES)
        .filter(id=obligation_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row
