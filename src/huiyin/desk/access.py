"""Saved views and exports by id for a viewer: the object, 404 or 403."""

from __future__ import annotations

from datetime import datetime

from huiyin.core.errors import Forbidden, NotFound
from huiyin.desk.abilities import may_export
from huiyin.desk.models import Export, SavedView
from huiyin.ledger.visibility import Viewer


def view_for_changing(viewer: Viewer, view_id: int) -> SavedView:
    """His own. NotFound, or Forbidden for one that a colleague shares with him."""
    found = SavedView.objects.offered_to(viewer).filter(pk=view_id).first()
    if found is None:
        raise NotFound
    if found.owner_id != viewer.person_id:
        raise Forbidden
    return found


def export_for_reading(viewer: Viewer, export_id: int, now: datetime) -> Export:
    """Only who asked for it, as long as it is kept, and as long as he may export at all.

    Comes without its content. Raises NotFound, Forbidden.
    """
    mine = Export.objects.of(viewer.person_id or 0).kept(now).defer("content")
    found = mine.filter(pk=export_id).first()
    if found is None:
        raise NotFound
    if not may_export(viewer):
        raise Forbidden
    return found
