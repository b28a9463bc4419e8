"""Lines of the access table about the work calendar and the mail channel."""

from __future__ import annotations

from typing import Any

from tests.access.world import NOTICE
from tests.app import scene as on

# As in `test_every_route`.
#          nobody · supervisor · head · owner · repairer · colleague · outsider · far_head · left · off
SETTINGS_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    # The work calendar is everybody's to read, and theirs to change who head the whole firm.
    ("desk:calendar", {}, None,                     "302 302 302 302 302 302 302 302 302 302"),
    ("desk:calendar_year", {"year": 2026}, None,    "302 200 200 200 200 200 200 200 302 302"),
    ("desk:calendar_year", {"year": 1999}, None,    "302 404 404 404 404 404 404 404 302 302"),
    ("desk:calendar_days", {"year": 2026}, {"day": "2026-03-14", "worked": "on", "reason": "盘点"},
                                                    "302 302 403 403 403 403 403 403 302 302"),
    ("desk:calendar_removal", {"year": 2026, "day_id": "own_day"}, {"reason": "取消"},
                                                    "302 302 403 403 403 403 403 403 302 302"),
    ("desk:calendar_notices", {"year": 2026}, {"file": NOTICE},
                                                    "302 302 403 403 403 403 403 403 302 302"),
    ("desk:calendar_confirmation", {"year": 2027}, {"source": "通知"},
                                                    "302 302 403 403 403 403 403 403 302 302"),
    ("desk:calendar_hours", {"year": 2026}, {"end_of_work": "17:30"},
                                                    "302 302 403 403 403 403 403 403 302 302"),
    # Everybody reads whether mail works; who heads the whole firm sets it up.
    ("notices:channel", {}, None,                   "302 200 200 200 200 200 200 200 302 302"),
    ("notices:channel", {}, on.CHANNEL,             "302 302 403 403 403 403 403 403 302 302"),
    ("notices:trial", {}, {"to": "a@b.example"},    "302 409 403 403 403 403 403 403 302 302"),
    ("notices:retries", {}, {},                     "302 302 403 403 403 403 403 403 302 302"),
]  # fmt: skip
