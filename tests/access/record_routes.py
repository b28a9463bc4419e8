"""Lines of the access table about records: reading, printing, empty forms, pictures.

Columns as in `test_every_route`.
"""

from __future__ import annotations

from typing import Any

from tests.app import scene as on

RECORD_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("records:page", {"record_id": "record"}, None, "302 200 200 200 404 404 404 404 302 302"),
    # A paper of a case is about the case: its repairer reads it, the household's officer does not.
    ("records:page", {"record_id": "notice_record"}, None,
                                                    "302 200 200 200 200 404 404 404 302 302"),
    # Who made it and who heads the unit mend it; the household's officer reads it.
    ("desk:amendment", {"record_id": "record"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("desk:amendment", {"record_id": "record"}, on.SATISFIED | {"amended-why": "更正", "key": "k"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("records:list", {}, None,                      "302 200 200 200 200 200 200 200 302 302"),
    ("records:printing", {"record_id": "record"}, {},
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("records:printing", {"record_id": "notice_record"}, {},
                                                    "302 200 200 200 200 404 404 404 302 302"),
    # Which records were chosen stands in the form; see tests/app/records/test_print_pages.py.
    ("records:printings", {}, {},                   "302 422 422 422 422 422 422 422 302 302"),
    ("records:printings", {}, {"record": ["0"]},    "302 404 404 404 404 404 404 404 302 302"),
    # An empty form is the policy's, which everybody reads; what it is about has to be his to see.
    ("records:empty_form", {"form": "repair_visit"}, {},
                                                    "302 200 200 200 200 200 200 200 302 302"),
    ("records:empty_form", {"form": "no_such_form"}, {},
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("records:empty_form_about", {"form": "repair_visit", "target_id": "done"}, {},
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("records:empty_form_about", {"form": "repair_visit", "target_id": "customer_id"}, {},
                                                    "302 422 422 422 404 404 404 404 302 302"),
    ("records:picture", {"record_id": "record", "sha256": "signature"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("records:picture", {"record_id": "record", "sha256": "photo"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("records:picture", {"record_id": "notice_record", "sha256": "receipt"}, None,
                                                    "302 200 200 200 200 404 404 404 302 302"),
    # A digest opens nothing by itself: a picture is read through the record that shows it.
    ("records:picture", {"record_id": "notice_record", "sha256": "photo"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
]  # fmt: skip
