"""Lines of the access table about the first run, the firm's staff, and what one gives or takes back."""

from __future__ import annotations

from typing import Any

# As in `test_every_route`.
#          nobody · supervisor · head · owner · repairer · colleague · outsider · far_head · left · off
ALL = "302 200 200 200 200 200 200 200 302 302"
ON = "302 302 302 302 302 302 302 302 302 302"
HEADS = "302 200 403 403 403 403 403 403 302 302"
HEADS_ON = "302 302 403 403 403 403 403 403 302 302"
# This firm did not come by the first run, so its pack is unknown there.
NO_WAY = "302 404 403 403 403 403 403 403 302 302"
# About one of 一区: he and who heads him see him; who heads the firm changes him.
SEEN = "302 200 200 404 404 200 404 404 302 302"
CHANGED = "302 302 403 404 404 403 404 404 302 302"
AWAY = "302 302 302 404 404 403 404 404 302 302"

POLICY = {"policy": "property-management"}
FOUNDING = POLICY | {"firm": "x", "person": "x", "pack": "property-management", "role": "manager"}
NEWCOMER = {"name": "新人", "number": "N1", "unit": "zone", "position": "officer",
            "from_on": "2026-03-05"}  # fmt: skip
POST = {"position": "officer", "unit": "zone", "from_on": "2026-03-05", "to_on": ""}
DAYS = {"from_on": "2026-04-01", "to_on": "2026-04-02", "deputy": ""}
WHOSE = {"person": "colleague"}

STAFF_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("desk:start", {}, None, HEADS),
    ("desk:start", {}, FOUNDING, "302 403 403 403 403 403 403 403 302 302"),
    ("desk:start_units", {}, None, HEADS),
    ("desk:start_units", {}, {"units": "三区"}, HEADS_ON),
    ("desk:start_people", {}, None, NO_WAY),
    ("desk:start_people", {}, {"made_up": "1"}, NO_WAY),
    ("desk:start_adoption", {}, None, NO_WAY),
    ("desk:start_adoption", {}, {}, "302 409 403 403 403 403 403 403 302 302"),
    ("desk:start_customers", {}, None, NO_WAY),
    ("desk:start_customers", {}, {}, NO_WAY),
    ("desk:start_signing_in", {}, {}, "302 409 403 403 403 403 403 403 302 302"),
    ("desk:units", {}, None, ALL),
    ("desk:units", {}, {"name": "三区", "parent": "company"}, HEADS_ON),
    ("desk:unit", {"unit": "zone"}, None, ALL),
    ("desk:unit", {"unit": "zone"}, {"name": "壹区", "parent": "company"}, HEADS_ON),
    ("desk:people", {}, None, ALL),
    ("desk:people", {}, NEWCOMER, HEADS_ON),
    ("desk:person", WHOSE, None, SEEN),
    ("desk:person", WHOSE, {"name": "改名", "number": "N2"}, CHANGED),
    ("desk:person_posts", WHOSE, POST, CHANGED),
    ("desk:person_leaves", WHOSE, DAYS, AWAY),
    ("desk:departure", WHOSE, {"last_on": "2026-03-31", "successor": ""}, CHANGED),
    ("desk:post_end", {"post": "post"}, {"last_on": "2026-03-31"}, CHANGED),
    ("desk:leave_end", {"leave": "leave"}, {"to_on": "2026-03-19"}, AWAY),
    ("desk:roles", {}, None, ALL),
    ("desk:roles", {}, POST | {"person": "colleague"}, HEADS_ON),
    ("desk:positions", {}, {"title": "门岗", "scope": "own"}, HEADS_ON),
    ("desk:position", {"position": "officer"}, None, ALL),
    ("desk:position", {"position": "officer"}, {"title": "楼管", "scope": "own"}, HEADS_ON),
    ("desk:acknowledgement", POLICY, None, ALL),
    ("desk:acknowledgement", POLICY, {}, ON),
    ("desk:acknowledgement", {"policy": "no-such-policy"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    # The officer has just entered something; on what the others did something was built, or they
    # did nothing.
    ("desk:undo", {}, None, ALL),
    ("desk:undo", {}, {"reason": "错了"},           "302 409 409 302 409 409 409 409 302 302"),
    # Who heads a unit gives out what is owed there, to whom he sees.
    ("desk:assignments", {}, None,                  "302 200 200 403 403 403 403 200 302 302"),
    ("desk:assignments", {}, {"obligation": "obligation", "to": "lead"},
                                                    "302 302 302 403 403 403 403 422 302 302"),
]  # fmt: skip
