"""Imports by id for a viewer. What a file brings concerns the whole firm, so its heads import."""

from __future__ import annotations

from huiyin.accounts.abilities import may_settle
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Forbidden, NotFound
from huiyin.imports.models import ImportBatch


def require_importing(viewer: Viewer) -> None:
    """Raises Forbidden for who does not head the firm."""
    if not may_settle(viewer):
        raise Forbidden


def batch_for(viewer: Viewer, batch_id: int) -> ImportBatch:
    """Raises Forbidden, NotFound."""
    require_importing(viewer)
    found = ImportBatch.objects.select_related("progress").filter(pk=batch_id).first()
    if found is None:
        raise NotFound
    return found
