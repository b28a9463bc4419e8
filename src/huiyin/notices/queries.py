"""What a person has been told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from huiyin.core.pages import Page, keyset_page
from huiyin.notices.models import Notice


def unread(person_id: int) -> QuerySet[Any]:
    """What the person has not read yet, newest first."""
    rows = Notice.objects.to(person_id).unread()
    return rows.select_related("about").order_by("-created_at", "-id")


def page_for(person_id: int, *, cursor: str = "", size: int = 50) -> Page:
    """Everything that the person was told, newest first."""
    rows = Notice.objects.to(person_id).select_related("about")
    return keyset_page(rows, order=("-created_at", "-id"), cursor=cursor, size=size)
