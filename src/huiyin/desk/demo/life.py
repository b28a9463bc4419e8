"""The sample firm while its days pass: who is there, where people live, what time it is.

Everything goes through the services, at the moment it would have happened.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from huiyin.accounts.models import Person
from huiyin.customers.models import Customer
from huiyin.desk.demo.sample import Sample


@dataclass
class Life:
    """``now`` is the end of the last day; nothing lies behind it."""

    sample: Sample
    zone: ZoneInfo
    now: datetime
    chance: random.Random

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def voices(self) -> random.Random:
        """The dice of what residents say: apart, so that the repairs of a day stay what they are."""
        return random.Random(f"voices {self.today}")

    @cached_property
    def staff(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        rows = Person.objects.order_by("number").prefetch_related("posts")
        for person in rows:
            for post in person.posts.all():
                found.setdefault(post.position_id, []).append(person)
        return found

    @cached_property
    def places(self) -> Sequence[Customer]:
        return list(Customer.objects.select_related("target").order_by("number"))

    @cached_property
    def supervisors(self) -> set[int]:
        return {person.pk for person in self.staff["supervisor"]}

    def at(self, day: date, hour: float) -> datetime:
        """A moment of a day in the firm's zone, never after now."""
        midnight = datetime.combine(day, time.min, self.zone)
        return min(midnight + timedelta(hours=hour), self.now)

    def at_end(self, day: date) -> datetime:
        """24:00 of a day in the firm's zone."""
        return datetime.combine(day + timedelta(days=1), time.min, self.zone)
