"""Founds the demo firm once, and lets the days pass that came since the last time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from huiyin.accounts.models import Firm
from huiyin.desk.demo import estate, rounds, troubles, voices
from huiyin.desk.demo.estate import Founding
from huiyin.desk.demo.life import Life
from huiyin.desk.demo.repairs import Repairs
from huiyin.desk.demo.sample import load_sample
from huiyin.notices.models import Notice
from huiyin.notices.services import mark_read
from huiyin.obligations import services as obligations
from huiyin.subjects.models import Subject

SEED = 20260101

Progress = Callable[[int, int], None]


def build(folder: Path, *, now: datetime, progress: Progress = lambda _done, _all: None) -> None:
    """The sample firm of the pack in ``folder`` as it stands at ``now``.

    A firm that is there already goes on from its last day. Raises ValueError when the firm of
    this database is not a demo: a real firm is never touched.
    """
    sample = load_sample(folder)
    firm = Firm.objects.first()
    if firm is not None and not firm.demo:
        raise ValueError("this database holds a real firm; the demo needs one of its own")
    zone = ZoneInfo(firm.time_zone if firm else "Asia/Shanghai")
    today = now.astimezone(zone).date()
    since = today - timedelta(days=sample.days)
    chance = random.Random(f"{SEED}{today}")
    if firm is None:
        start = datetime.combine(since, datetime.min.time(), zone)
        estate.found(Founding(sample, folder, since, start, chance))
    last = Subject.objects.order_by("-created_at").values_list("created_at", flat=True).first()
    if last is not None:
        since = max(since, last.astimezone(zone).date() + timedelta(days=1))
    life = Life(sample, zone, now, chance)
    days = (today - since).days + 1
    for passed, _day in enumerate(_days(life, since), 1):
        progress(passed, days)
    _read_what_is_old(now=now)


def _days(life: Life, since: date) -> Iterator[date]:
    """Let every day from ``since`` to today pass; yields each day when it is over."""
    repairs = Repairs(life, serial=Subject.objects.count())
    day = since
    while day <= life.today:
        if day == since or day.day == 1:  # periods begin with a month
            obligations.plan(now=life.at(day, 0))
        repairs.complete(day)
        troubles.advance(life, day)
        repairs.follow_up(day)
        voices.speak(life, day)
        rounds.go(life, day)
        obligations.tick(now=life.at(day, 23.9))
        yield day
        day += timedelta(days=1)


def _read_what_is_old(*, now: datetime) -> None:
    """People have read what they were told before yesterday."""
    old = Notice.objects.unread().filter(created_at__lt=now - timedelta(days=1))
    told: dict[int, list[int]] = {}
    for pk, recipient in old.values_list("pk", "recipient"):
        told.setdefault(recipient, []).append(pk)
    for recipient, notices in told.items():
        mark_read(notices, by=recipient, now=now)
