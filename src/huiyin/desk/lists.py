"""Every list of the house by the name of its room: customers, cases, obligations, subjects:repair."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huiyin.cases.listing import CaseList
from huiyin.core.errors import NotFound
from huiyin.core.lists import Listing
from huiyin.customers.listing import CustomerList
from huiyin.desk.obligation_list import ObligationList
from huiyin.followups.listing import FollowupList
from huiyin.ledger.visibility import Viewer
from huiyin.subjects import declared
from huiyin.subjects.listing import SubjectList

SUBJECTS = "subjects"
ROOMS: dict[str, Callable[[Viewer, datetime], Listing]] = {
    "customers": CustomerList,
    "cases": CaseList,
    "followups": FollowupList,
    "obligations": ObligationList,
}


def listing(room: str, viewer: Viewer, now: datetime) -> Listing:
    """The room's list for a viewer. Raises NotFound for a room that has none."""
    name, _colon, kind = room.partition(":")
    if name == SUBJECTS and kind:
        return SubjectList(viewer, now, declared.kind_of(kind))
    if room not in ROOMS:
        raise NotFound(_("没有“%(room)s”这个列表。") % {"room": room[:40]})
    return ROOMS[room](viewer, now)


def room_of(match: Any) -> str:
    """The room whose list an address opens (a resolver match); "" for any other page."""
    if match is not None and match.view_name == "desk:obligations":
        return "obligations"
    if match is None or match.url_name != "list":
        return ""
    if match.app_name == SUBJECTS:
        return f"{SUBJECTS}:{match.kwargs['kind']}"
    return match.app_name if match.app_name in ROOMS else ""
