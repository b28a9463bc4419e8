"""What the frame of every page shows: the rooms with their counts, and the first run's steps."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.cases.models import Case
from huiyin.core import clock
from huiyin.desk import first_run_views
from huiyin.desk.list_tools import opened
from huiyin.desk.lists import SUBJECTS
from huiyin.obligations.today import count_now

SUBJECT_ICONS = ("wrench", "calendar", "package", "clipboard-list")
"""One after another, so that neighbouring rooms are told apart."""


def rooms(request: HttpRequest) -> dict[str, Any]:
    """The rooms that work, in the order of the day; nobody who is not signed in sees any."""
    person = getattr(request, "person", None)
    if person is None:
        return {"rooms": []}
    now = clock.now()
    due = count_now(person.pk, now=now, zone=timezone.get_current_timezone())
    open_cases = Case.objects.visible_to(request.viewer).open()
    his = open_cases.managed_by(request.viewer) | open_cases.owed_by(request.viewer, now=now)
    found = [
        _room("today", _("今日"), reverse("desk:today"), "list-checks", due),
        _room("customers", pgettext("room", "客户"), reverse("customers:list"), "users"),
        *_subject_rooms(),
        _room("cases", pgettext("room", "事项"), reverse("cases:list"), "flag", his.count()),
        _room("records", pgettext("room", "记录"), reverse("records:list"), "file-text"),
        _room("policy", _("制度"), reverse("desk:policies"), "scale"),
        _room("settings", _("设置"), reverse("desk:settings"), "settings"),
    ]
    return {
        "rooms": [
            room
            | {
                "current": _is_current(request, room),
                "url": opened(request, room["list"] or room["key"], room["url"]),
            }
            for room in found
        ]
    }


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """The steps of the first run, for pages that it leads through; asked when one shows them."""
    if getattr(request, "person", None) is None:
        return {"first_steps": []}
    return {"first_steps": SimpleLazyObject(lambda: first_run_views.strip(request))}


def _room(key: str, title: str, url: str, icon: str, count: int = 0) -> dict[str, Any]:
    return {"key": key, "title": title, "url": url, "icon": icon, "count": count, "list": ""}


def _subject_rooms() -> list[dict[str, Any]]:
    language = get_language() or "zh"
    kinds = {
        kind: subject.title.say_many(language)
        for _adoption, pack in adoptions.current()
        for kind, subject in pack.policy.subjects.items()
    }
    return [
        _room(kind, title, reverse("subjects:list", args=[kind]), icon)
        | {"list": f"{SUBJECTS}:{kind}"}
        for (kind, title), icon in zip(kinds.items(), cycle(SUBJECT_ICONS), strict=False)
    ]


def _is_current(request: HttpRequest, room: dict[str, Any]) -> bool:
    if room["key"] == "today":
        return request.path == "/" or request.path.startswith(
            ("/followups/", "/obligations/", "/notices/")
        )
    return request.path.startswith(room["url"])
