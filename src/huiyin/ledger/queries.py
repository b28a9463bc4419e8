"""Reads of the ledger: what happened to something, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from huiyin.core.pages import Page, keyset_page
from huiyin.ledger.models import Fact
from huiyin.ledger.visibility import Viewer


def timeline(
    target_ids: Sequence[int], viewer: Viewer, cursor: str = "", *, size: int = 50
) -> Page:
    """Facts about these targets as far as the viewer sees them, newest first; one statement.

    Each comes with its target, its actors, its note and the fact that voids it, if any.
    """
    rows = (
        Fact.objects.about(target_ids)
        .visible_to(viewer)
        .select_related("target", "by", "recorded_by", "note", "voided_by")
    )
    return keyset_page(rows, order=("-happened_at", "-id"), cursor=cursor, size=size)
