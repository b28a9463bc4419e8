"""The periodic job: make the digests that are due, and send what waits in the outbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from huiyin.core import clock
from huiyin.notices import outbox
from huiyin.notices.smtp import Mailer, Trouble

RUN = 45.0
"""Seconds after which a run ends: the next one begins with the next minute."""


def send_mail(now: Callable[[], datetime] = clock.now, *, run: float = RUN) -> int:
    """Send what is due; safe to run side by side and again. Returns how many mails were taken.

    A trouble that the next mail would meet too ends the run, so that a server that is down
    holds up nobody else's work.
    """
    outbox.requeue_stale(now=now())
    outbox.make_digests(now=now())
    sent, end = 0, time.monotonic() + run
    with Mailer() as mailer:
        while time.monotonic() < end:
            claimed = outbox.claim(now=now())
            if claimed is None:
                break
            if isinstance(claimed, outbox.PutAside):
                continue
            trouble = _sent(mailer, claimed, now)
            sent += trouble is None
            if trouble is not None and trouble.of_channel:
                break
    return sent


def _sent(mailer: Mailer, claimed: outbox.Claimed, now: Callable[[], datetime]) -> Trouble | None:
    ready = claimed.ready
    try:
        mailer.send(ready.server, ready.message, to=ready.to)
    except Trouble as trouble:
        outbox.mark_failed(claimed, trouble, now=now())
        return trouble
    outbox.mark_sent(claimed, now=now())
    return None
