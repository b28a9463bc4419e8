"""What a person may do with lists as a whole."""

from __future__ import annotations

from huiyin.ledger.visibility import Viewer


def may_export(viewer: Viewer) -> bool:
    """Heads take lists out of the house; who only sees what is his own does not need a file."""
    return viewer.person_id is not None and (viewer.all or bool(viewer.unit_ids))
