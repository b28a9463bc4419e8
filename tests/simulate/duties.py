"""The duties of the simulated policy, in both versions."""

from __future__ import annotations

from typing import Any

SHEET = {"record": "sheet"}
LOOK = {"record": "look"}

DUTIES: dict[str, dict[str, Any]] = {
    # After a fact: lengths, clocks, owners.
    "check": {
        "on": "order.done",
        "where": {"order.kind": "big"},
        "owed_by": "clerk",
        "within": {"pick": "order.kind", "big": "3d", "else": {"setting": "soon"}},
        "extend": {"until": "10wd", "from": "consent", "consent": "head", "reason": "required"},
        "late": [{"after": "0h", "tell": "head"}, {"after": "36h", "tell": "holder"},
                 {"after": "2wd", "tell": "chief"}],
        "proof": SHEET,
    },
    "tidy": {
        "on": "order.done",
        "where": {"order.kind": "small"},
        "owed_by": {"any_of": ["clerk", "head"], "not": "order.worker"},
        "within": {"setting": "soon", "from": "known"},
        "roll": "forward",
        "proof": SHEET,
    },
    "recheck": {"on": "check.met", "owed_by": "head", "within": "5wd", "proof": LOOK},
    "explain": {"on": "check.missed", "owed_by": "chief", "within": "eod", "proof": LOOK},
    "settle": {
        "on": {"all": ["order.sent", "order.paid"]}, "owed_by": "clerk", "within": "1w",
        "proof": LOOK,
    },
    "greet": {
        "on": {"first": ["order.done", "order.sent"]}, "owed_by": "officer", "within": "36h",
        "from": "recorded", "proof": SHEET,
    },
    "welcome": {
        "on": "order.sent", "once": "target", "owed_by": {"head_of": "order.worker"},
        "within": "2w", "from": {"fact": "order.done", "time": "happened"}, "proof": LOOK,
    },
    "collect": {
        "on": "order.sent", "owed_by": "fact.by", "at": "order.pay_on",
        "proof": {"fact": "order.paid"},
    },
    "thank": {"on": "order.paid", "owed_by": "order.worker", "within": "1mo", "proof": SHEET},
    "report": {
        "on": "order.failed", "owed_by": "clerk", "within": "72h", "from": "known",
        "each": "recipient", "proof": {"record": "notice", "sent_to": ["bureau", "centre"]},
    },
    "brief": {
        "on": "order.failed", "owed_by": "clerk", "within": "9d", "roll": "backward",
        "each": "person", "proof": LOOK,
    },
    "inform": {
        "on": "order.failed", "owed_by": "head", "within": "2d", "proof": SHEET,
        "each": {"member": "order.watchers"},
    },
    "ship": {
        "on": "route.decided", "where": {"route.result": "express"}, "owed_by": "officer",
        "within": "12h", "proof": {"fact": "order.sent"},
    },
    "visit": {
        "on": "order.done", "within": "7d", "proof": LOOK,
        "share": {"per": "month", "clerk": "60%", "head": "30%", "each": 1, "not": "order.worker"},
    },
    # By period.
    "summary": {"every": "quarter", "by": "10wd after end", "owed_by": "chief", "proof": LOOK},
    "watch": {"every": "holiday", "owed_by": "head", "proof": SHEET},
    "week": {
        "every": "week(sun)", "by": "sat end_of_work", "off": "previous workday",
        "each": "person", "owed_by": "clerk", "proof": SHEET,
        "late": [{"after": "0h", "tell": "holder"}, {"after": "2d", "tell": "chief"}],
    },
    "rounds": {
        "every": {"setting": "round"}, "over": "customer", "joined": "now",
        "owed_by": "officer", "late": [{"after": "0h", "tell": "head"}], "proof": SHEET,
    },
    "month": {
        "every": "month", "by": "3d after end", "over": {"customer": {"class": "factory"}},
        "times": 2, "level": True, "owed_by": "clerk", "proof": LOOK,
    },
    "spot": {
        "every": "month", "over": "customer", "draw": {"share": "40%", "least": 1},
        "owed_by": "head", "proof": SHEET,
    },
    # From a last fact on, and ahead of a date.
    "chase": {
        "every": "7d", "since": "order.sent", "until": "order.paid", "over": "order",
        "within": "1d", "owed_by": "clerk", "proof": SHEET,
    },
    "rhythm": {
        "every": "1mo", "since": "order.done", "until": "order.paid",
        "over": {"order": {"kind": "big"}}, "owed_by": "order.worker", "proof": LOOK,
    },
    "remind": {
        "before": "order.pay_on", "lead": "3d", "until": "order.paid",
        "over": {"order": {"kind": "big"}}, "owed_by": "head", "proof": LOOK,
    },
    "calls": {
        "quota": {"at_least": {"setting": "calls"}, "per": "week", "of": "record.filed",
                  "where": {"record.form": "sheet"}, "distinct": "target", "leave": "prorata"},
        "owed_by": "clerk",
    },
}  # fmt: skip

SECOND: dict[str, dict[str, Any]] = {
    **{key: duty for key, duty in DUTIES.items() if key != "watch"},
    "check": {
        **DUTIES["check"],
        "within": {"pick": "order.kind", "big": "4wd", "else": {"setting": "soon"}},
    },
    "visit": {
        **DUTIES["visit"],
        "share": {"per": "month", "clerk": "50%", "head": "50%", "each": 1, "not": "order.worker"},
    },
    "week": {**DUTIES["week"], "every": "week", "by": "eod"},
    "chase": {**DUTIES["chase"], "every": "5d"},
    "calls": {
        "quota": {"at_least": 6, "per": "month", "of": "record.filed", "leave": "keep"},
        "owed_by": "clerk",
    },
    "again": {
        "every": "5d", "owed_by": "head", "over": {"order": {"kind": "big"}}, "proof": SHEET,
    },
}  # fmt: skip
