"""Reads of the ledger: what happened to something, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from huiyin.core.pages import Page, keyset_page
from huiyin.ledger.models import Fact
from huiyin.ledger.visibility import Viewer


def timeline(
    target_ids: Sequence[int],
    viewer: Viewer,
    cursor: str = "",
    *,
    size: int = 50,
    besides: Q | None = None,
) -> Page:
    """Facts about these targets as far as the viewer sees them, newest first; one statement.

    ``besides``: which of them he sees in any case, as somebody who has a part in the matter.
    Each comes with its target, its actors, its note and the fact that voids it, if any. Facts of
    one act stay on one page.
    """
    rows = (
        Fact.objects.about(target_ids)
        .visible_to(viewer, besides)
        .select_related("target", "by", "recorded_by", "note", "voided_by")
    )
    return keyset_page(
        rows, order=("-happened_at", "-id"), cursor=cursor, size=size, together=act_of
    )


def act_of(fact: Fact) -> tuple[Any, ...]:
    """What facts have in common that one act of a person stated.

    One transaction may hold a whole file; its rows differ in their source.
    """
    return (fact.xact, fact.recorded_at, fact.happened_at, fact.by_id, fact.source)
