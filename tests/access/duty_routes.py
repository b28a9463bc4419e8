"""Doing what is owed, and points: who gets what, in the columns of `test_every_route`."""

from __future__ import annotations

from typing import Any

DUTY_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("desk:obligation", {"obligation": "obligation"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    (
        "desk:copies",
        {"obligation": "obligation"},
        {},
        "302 204 204 204 404 404 404 404 302 302",
    ),
    (
        "desk:deliveries",
        {"obligation": "obligation"},
        {},
        "302 200 200 200 404 404 404 404 302 302",
    ),
    # Who owes it cannot release himself; who is entrusted with the household heads nobody.
    ("desk:waiver", {"obligation": "obligation"}, {"reason": "住户外出"},
                                       "302 302 409 409 404 404 404 404 302 302 unit_head=302"),
    ("desk:obligations", {}, None,                  "302 200 200 200 200 200 200 200 302 302"),
    # A question is decided by whoever the policy asks, here the supervisor.
    ("desk:decision", {"obligation": "question"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("desk:decision", {"obligation": "question"}, {"results": "fast", "reason": "伤了人"},
                                                    "302 302 409 409 404 404 404 404 302 302"),
    # Who owes it asks for longer; who is entrusted with the household reads that it is possible.
    ("desk:extension", {"obligation": "inspect"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("desk:extension", {"obligation": "inspect"}, {"reason": "住户外出"},
                                       "302 302 302 409 404 404 404 404 302 302 unit_head=409"),
    ("desk:paper", {"form": "job_sheet", "target_id": "broken"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("desk:paper", {"form": "job_sheet", "target_id": "broken"}, {"result": "good"},
                                       "302 302 302 409 404 404 404 404 302 302 unit_head=409"),
    ("desk:handover", {"record_id": "report"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("desk:handover", {"record_id": "report"}, {"to": "bureau", "channel": "other", "way": "挂号信"},
                                                    "302 302 302 302 404 404 404 404 302 302"),
    # Points are the person's own and theirs who oversee his unit.
    ("desk:points", {"person": "scored"}, None,     "302 200 200 404 200 404 404 404 302 302"),
    ("desk:breaches", {"person": "scored"},
     {"clause": "second:1.c", "reason": "没有巡查", "occurrence": "x"},
                                                    "302 302 302 404 403 404 404 404 302 302"),
    ("desk:point", {"entry": "booked"}, None,       "302 200 200 404 200 404 404 404 302 302"),
    ("desk:contest", {"entry": "booked"}, {"reason": "当天停电"},
                                                    "302 409 409 404 302 404 404 404 302 302"),
    ("desk:ruling", {"entry": "contested"}, {"decision": "upheld", "reason": "查明"},
                                                    "302 302 302 404 403 404 404 404 302 302"),
    ("desk:confirm_points", {"entry": "booked"}, {},
                                                    "302 409 409 404 409 404 404 404 302 302"),
    ("desk:withdraw_breach", {"entry": "booked"}, {"reason": "看错了"},
                                                    "302 302 302 404 403 404 404 404 302 302"),
]  # fmt: skip
