"""Lines of the access table about customers, what they said of contacts, and notices."""

from __future__ import annotations

from typing import Any

from tests.app import scene as on

SAID = {"decision": "withdrawn", "channel": "phone", "purpose": "followup", "how": "phone",
        "evidence": "录音 0302"}  # fmt: skip

NEW = {"number": "9栋0101", "name": "周家", "unit": "zone", "contact-1-phone": "13900000101"}
MENDED = {"number": "3栋1202", "name": "周家", "unit": "zone", "seen": "customer_seen"}

# As in `test_every_route`.
#                                                   nobody · supervisor · head · owner · repairer ·
#                                                   colleague · outsider · far_head · left · off
CUSTOMER_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("customers:list", {}, None,                    "302 200 200 200 200 200 200 200 302 302"),
    ("customers:page", {"customer_id": "customer_id"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    # Heads and the front desk keep the customers of their units; elsewhere nobody puts one.
    ("customers:new", {}, None,
                       "302 200 200 403 403 403 403 200 302 302 unit_head=200 postless=403"),
    ("customers:new", {}, NEW,
                       "302 302 302 403 403 403 403 422 302 302 unit_head=302 postless=403"),
    ("customers:edit", {"customer_id": "customer_id"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("customers:edit", {"customer_id": "customer_id"}, MENDED,
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("customers:edit", {"customer_id": "customer_id"}, MENDED | {"seen": "0"},
                                                    "302 409 409 403 404 404 404 404 302 302"),
    ("customers:reveal", {"contact_id": "contact_id"}, {"reason": "约回访"},
                                                    "302 200 200 200 404 404 404 404 302 302"),
    # Whoever sees the household takes down what it says; so does who heads its unit take it back.
    ("customers:consents", {"customer_id": "customer_id"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("customers:consents", {"customer_id": "customer_id"}, SAID,
                                                    "302 302 302 302 404 404 404 404 302 302"),
    ("customers:consent_void", {"customer_id": "customer_id", "fact_id": "statement"},
     {"reason": "听错了"},                           "302 302 302 302 404 404 404 404 302 302"),
    ("customers:consent_void", {"customer_id": "customer_id", "fact_id": "completion"},
     {"reason": "错"},                               "302 404 404 404 404 404 404 404 302 302"),
    ("notices:inbox", {}, None,                     "302 200 200 200 200 200 200 200 302 302"),
    ("notices:read_all", {}, {"upto": "1"},         "302 302 302 302 302 302 302 302 302 302"),
    ("notices:preferences", {}, None,               "302 200 200 200 200 200 200 200 302 302"),
    ("notices:preferences", {}, on.WISHES,          "302 302 302 302 302 302 302 302 302 302"),
    ("notices:page", {"id": "notice"}, None,        "302 200 200 200 404 404 404 404 302 302"),
    # The notice is to the head; his superior sees that it exists, and only he reads it.
    ("notices:read", {"id": "notice"}, {},
                                       "302 403 302 403 404 404 404 404 302 302 unit_head=403"),
    ("notices:delivered", {"id": "notice"}, {},     "302 302 302 302 404 404 404 404 302 302"),
    ("notices:copied", {"target_id": "done"}, {},   "302 204 204 204 404 404 404 404 302 302"),
    ("followups:plan", {"target_id": "done"}, None, "302 200 200 200 404 404 404 404 302 302"),
    ("followups:plan", {"target_id": "done"},
     {"channel": "phone", "planned_for": "2026-03-09T10:00"},
                                                    "302 302 302 302 404 404 404 404 302 302"),
    ("followups:cancel", {"followup_id": "planned"}, {"reason": "住户改期"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
]  # fmt: skip
