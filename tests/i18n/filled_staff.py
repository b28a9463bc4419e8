"""Forms of 设置 about units, people and positions, filled in rightly and wrongly."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huiyin.accounts.models import Person, Unit
from huiyin.obligations.models import Obligation

POLICY = "property-management"


def wrong_staff() -> list[tuple[str, dict[str, Any]]]:
    """Units, people, posts and leave that cannot be; and what may not be given out or undone."""
    root, person = Unit.objects.get(parent=None), Person.objects.get(number="P4")
    whose = [person.pk]
    unit = Unit.objects.exclude(parent=None).order_by("pk")[0]
    owed = Obligation.objects.filter(state="open").exclude(owed_roles=[])[0]
    days = {"from_on": "2026-03-20", "to_on": "2026-03-18"}
    post = {"position": "officer", "unit": unit.pk, "from_on": "2026-03-20", "to_on": "2026-03-18"}
    keen = Person.objects.get(posts__position="supervisor")
    return [
        (reverse("desk:units"), {"name": "x", "parent": ""}),
        (reverse("desk:unit", args=[unit.pk]), {"name": "x", "parent": unit.pk}),
        (reverse("desk:unit", args=[unit.pk]), {"name": "", "parent": root.pk}),
        (reverse("desk:people"), {"name": "x" * 50, "number": "P1"}),
        (reverse("desk:person", args=whose), {"name": "x", "number": "P1"}),
        (reverse("desk:person_posts", args=whose), post),
        (reverse("desk:person_leaves", args=whose), days),
        (reverse("desk:person_leaves", args=whose), {"from_on": "x", "deputy": "x"}),
        (reverse("desk:departure", args=[keen.pk]), {"last_on": "2026-03-31"}),
        (reverse("desk:post_end", args=[keen.posts.get().pk]), {"last_on": "2026-03-31"}),
        (reverse("desk:roles"), {"person": "x"}),
        (reverse("desk:positions"), {"title": "Officer", "scope": "own"}),
        (reverse("desk:position", args=["officer"]), {"title": "x", "scope": "own", "governs": 1}),
        (reverse("desk:position", args=["manager"]), {"title": "x", "scope": "own"}),
        (reverse("desk:assignments"), {"to": person.pk}),
        (reverse("desk:assignments"), {"obligation": owed.pk, "to": person.pk}),
        (reverse("desk:assignments"), {"obligation": owed.pk, "to": "x"}),
        (reverse("desk:start_units"), {"units": " "}),
        (reverse("desk:start_signing_in"), {}),
        (reverse("desk:undo"), {"reason": "x"}),
    ]


def right_staff() -> list[tuple[str, dict[str, Any]]]:
    """The same as they are taken."""
    root, person = Unit.objects.get(parent=None), Person.objects.get(number="P9")
    unit = Unit.objects.exclude(parent=None).order_by("pk")[0]
    days = {"from_on": "2026-04-20", "to_on": "2026-04-21"}
    post = {"position": "officer", "unit": unit.pk, "from_on": "2026-03-20"}
    return [
        (reverse("desk:units"), {"name": "Gate", "parent": root.pk}),
        (reverse("desk:unit", args=[unit.pk]), {"name": "One", "parent": root.pk}),
        (reverse("desk:people"), {"name": "Li", "number": "L1"} | post),
        (reverse("desk:person", args=[person.pk]), {"name": "Wang", "number": "P9"}),
        (reverse("desk:person_posts", args=[person.pk]), post),
        (reverse("desk:person_leaves", args=[person.pk]), days),
        (reverse("desk:roles"), post | {"person": person.pk, "position": "deputy"}),
        (reverse("desk:positions"), {"title": "Porter", "scope": "own"}),
        (reverse("desk:position", args=["officer"]), {"title": "Caretaker", "scope": "own"}),
        (reverse("desk:acknowledgement", args=[POLICY]), {}),
    ]
