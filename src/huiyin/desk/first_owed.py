"""What leads from 今日 to the first follow-up of a firm: its form, or where there is none to hold yet."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from huiyin.accounts.visibility import Viewer
from huiyin.desk.doing import act_of, action_for
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import owed_by
from huiyin.obligations.querysets import ObligationQuerySet
from huiyin.subjects import declared as subjects
from huiyin.ui.moments import due_words

LOOKED_AT = 50
"""Obligations among which the first follow-up is sought: before it a firm has few."""


def first_owed(viewer: Viewer, *, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The form of the viewer's first follow-up and until when it is owed, else what brings one.

    Where only colleagues owe some, ``who`` is the one whose is due first. Two statements.
    """
    kind = next(iter(subjects.kinds()), None)
    found = {
        "customers_url": reverse("customers:list"),
        "kind": kind.title if kind else "",
        "register_url": reverse("subjects:new", args=[kind.key]) if kind else "",
    }
    rows = Obligation.objects.visible_to(viewer).open().free()
    if viewer.person_id is not None and (
        own := _first(rows.filter(owed_by(viewer.person_id, now=now)))
    ):
        due = due_words(own.due_at, now=now, zone=zone)
        return found | {"form_url": action_for(own)[1], "due": due}
    other = _first(rows.exclude(holder=None))
    return found | {"who": other.holder.as_person.name if other else ""}


def _first(rows: ObligationQuerySet) -> Obligation | None:
    related = rows.select_related("target", "adoption", "holder__as_person")
    found = related.order_by("due_at", "pk")[:LOOKED_AT]
    return next((row for row in found if act_of(row) == "followup"), None)
