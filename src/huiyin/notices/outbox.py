"""The outbox at work: digests are made, deliveries claimed, and what became of each is kept.

Each function is one transaction; between `claim` and `mark_…` the mail is sent without one.
At least once: what was claimed and never marked is queued again. Effective once: however often a
delivery is sent, its Message-ID is the same, and a receiver keeps one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from huiyin.accounts.queries import zone as firm_zone
from huiyin.notices.models import MAIL, Delivery, MailChannel, Route
from huiyin.notices.preparing import READ_ALREADY, Dropped, Later, Ready, prepare
from huiyin.notices.routing import message_id
from huiyin.notices.schedule import QUIET_HOURS, STALE_AFTER, WAITS, last_digest, wait_after
from huiyin.notices.smtp import Trouble
from huiyin.notices.troubles import LOST


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in hand: the number of the try that sends it, and the mail."""

    id: int
    tries: int
    at: datetime
    ready: Ready


@dataclass(frozen=True, slots=True)
class PutAside:
    """A delivery whose turn it was and which is not sent now: dropped, or quiet hours began."""

    reason: str


@transaction.atomic
def make_digests(*, now: datetime) -> int:
    """A delivery for everybody who has something unread since his last digest, once a day.

    Returns how many. Whose digest of the day is made already waits for the next one.
    """
    # Locked, so that of two workers the second finds the first one's digests made.
    channel = MailChannel.objects.filter(active=True).select_for_update().first()
    if channel is None:
        return 0
    zone = firm_zone()
    moment = last_digest(now, channel.digest_at, zone)
    waiting = Route.objects.waiting_for_digest().filter(channel=MAIL, notice__created_at__lt=moment)
    people = list(
        waiting.filter(notice__read_at=None)
        .order_by("notice__recipient")
        .values_list("notice__recipient", flat=True)
        .distinct()
    )
    made = _insert_digests(people, f"{moment.astimezone(zone).date()}", channel, now)
    if made:
        with connection.cursor() as cursor:
            cursor.execute(FILL_DIGESTS, [list(made), list(made.values()), MAIL, moment])
    waiting.filter(notice__read_at__isnull=False).update(reason=READ_ALREADY)
    return len(made)


def _insert_digests(
    people: Sequence[int], day: str, channel: MailChannel, now: datetime
) -> Mapping[int, int]:
    """Delivery → person, of those who have none of this day yet."""
    if not people:
        return {}
    keys = [f"{MAIL}:digest:{day}:{person}" for person in people]
    ids = [message_id(key, channel.sender_address) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_DIGESTS, [MAIL, now, now, list(people), keys, ids])
        return dict(cursor.fetchall())


@transaction.atomic
def requeue_stale(*, now: datetime) -> int:
    """What was claimed so long ago that nobody can be sending it any more is queued again.

    After as many tries as any delivery gets it is given up: whatever kills its senders, it
    does not go on for ever. Returns how many were stale.
    """
    stale = Delivery.objects.filter(state="sending", claimed_at__lt=now - STALE_AFTER)
    lost = {"trouble": LOST, "error": "", "failed_at": now, "claimed_at": None}
    given_up = stale.filter(tries__gt=len(WAITS)).update(state="failed", **lost)
    return given_up + stale.update(state="queued", next_try_at=now, **lost)


@transaction.atomic
def claim(*, now: datetime) -> Claimed | PutAside | None:
    """Take the delivery whose turn it is, so that nobody else does; None when there is none."""
    due = Delivery.objects.due(now).filter(channel=MAIL)
    delivery = due.select_for_update(skip_locked=True).first()
    if delivery is None:
        return None
    row = Delivery.objects.filter(pk=delivery.pk)
    found = prepare(delivery, now=now)
    if isinstance(found, Dropped):
        row.update(state="dropped", reason=found.reason, next_try_at=None)
        _leave_out(found.left_out)
        return PutAside(found.reason)
    if isinstance(found, Later):
        row.update(next_try_at=found.at, reason=QUIET_HOURS)
        return PutAside(QUIET_HOURS)
    row.update(state="sending", tries=F("tries") + 1, claimed_at=now, next_try_at=None)
    return Claimed(delivery.pk, delivery.tries + 1, now, found)


@transaction.atomic
def mark_sent(claimed: Claimed, *, now: datetime) -> bool:
    """The server took it. False: the try was taken back meanwhile, and another one runs."""
    changed = Delivery.objects.in_hand(claimed.id, claimed.tries, claimed.at).update(
        state="sent", sent_at=now, claimed_at=None, trouble="", error=""
    )
    if changed:
        _leave_out(claimed.ready.left_out)
    return bool(changed)


@transaction.atomic
def mark_failed(claimed: Claimed, trouble: Trouble, *, now: datetime) -> bool:
    """The try failed: queued again with a longer wait each time, or given up."""
    wait = None if trouble.final else wait_after(claimed.tries)
    after = {"state": "failed"} if wait is None else {"state": "queued", "next_try_at": now + wait}
    changed = Delivery.objects.in_hand(claimed.id, claimed.tries, claimed.at).update(
        trouble=trouble.code, error=trouble.said, failed_at=now, claimed_at=None, **after
    )
    return bool(changed)


def _leave_out(left_out: Sequence[tuple[int, str]]) -> None:
    """Keep why a notice is not in the mail; one statement per reason, of which there are few."""
    routes: dict[str, list[int]] = defaultdict(list)
    for route, reason in left_out:
        routes[reason].append(route)
    for reason, found in routes.items():
        Route.objects.filter(pk__in=found).update(reason=reason)


INSERT_DIGESTS = """
INSERT INTO notices_delivery (channel, kind, state, reason, tries, trouble, error,
                              created_at, next_try_at, recipient_id, key, message_id)
SELECT %s, 'digest', 'queued', '', 0, '', '', %s, %s, given.person, given.key, given.message_id
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given(person, key, message_id)
ON CONFLICT (key) DO NOTHING
RETURNING id, recipient_id
"""
FILL_DIGESTS = """
UPDATE notices_route route SET delivery_id = made.id
FROM unnest(%s::bigint[], %s::bigint[]) AS made(id, person), notices_notice notice
WHERE notice.id = route.notice_id AND notice.recipient_id = made.person
  AND route.channel = %s AND route.way = 'digest'
  AND route.delivery_id IS NULL AND route.reason = ''
  AND notice.read_at IS NULL AND notice.created_at < %s
"""
