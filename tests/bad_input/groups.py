"""The 52 groups of bad input, and where each is tried; what is not built yet says why."""

from __future__ import annotations

TRIED: dict[int, str] = {
    **dict.fromkeys(range(1, 14), "texts.py"),
    **dict.fromkeys((14, 15, 16, 24), "costly.py"),
    **dict.fromkeys((17, 18), "texts.py"),
    19: "workbooks.py",
    20: "costly.py and workbooks.py",
    **dict.fromkeys((21, 22, 23, 25, 26, 27, 28), "workbooks.py"),
    29: "pictures.py, sent by tests/access/test_uploads.py",
    **dict.fromkeys(
        (30, 31, 32, 33, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45), "cells.py, fields.py"
    ),
    34: "cells.py",
    46: "requests.py; every form in tests/access/test_hostile_forms.py",
    47: "requests.py; every route in tests/access/test_every_route.py",
    48: "cells.py; tests/access/test_hostile_forms.py, test_lost_answers.py, test_two_at_once.py",
    49: "requests.py; tests/access/test_headers_and_sessions.py",
    50: "requests.py; tests/access/test_headers_and_sessions.py",
    51: "packs.py, maps.py",
    52: "test_pages.py; wrong notices in tests/app/accounts/test_calendar_notices.py",
}
"""Group → where its generators are."""

NOT_BUILT: dict[str, str] = {
    "19: XLS, ODS and ET read as tables": "refused with a way out: every office program saves XLSX",
    "39: strength as values of its own type": "no pack measures strength; in text it stands as it is",
    "46: JSON bodies": "no address takes JSON but the passkeys' own; a form is refused by its fields",
    "46: slow senders, bodies without length, 1 GB": "the web server in front ends them",
    "49: webhooks to inner addresses": "the product calls nobody but the mail server that its head names",
    "50: guessing names by time": "a name of nobody costs a hash too; how long it takes is not measured",
}  # fmt: skip
"""Of a group, what has nothing to be tried on, and why."""
