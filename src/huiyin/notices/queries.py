"""What a person has been told, and how the channel is that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from huiyin.core.pages import Page, keyset_page
from huiyin.ledger.visibility import Viewer
from huiyin.notices.models import MAIL, Delivery, MailChannel, Notice
from huiyin.notices.troubles import OF_CHANNEL

INBOX_ORDER = ("is_read", "-created_at", "-id")
LATE_AFTER = timedelta(minutes=10)
"""A mail that waits this long after its turn, without a try, means that no worker runs."""


def unread(person_id: int) -> QuerySet[Any]:
    """What the person has not read yet, newest first."""
    rows = Notice.objects.to(person_id).unread()
    return rows.select_related("about").order_by("-created_at", "-id")


def inbox(viewer: Viewer, *, cursor: str = "", size: int = 50) -> Page:
    """Everything that the viewer was told, unread first, newest first.

    Raises Invalid for a cursor that is none.
    """
    rows = Notice.objects.to(viewer.person_id or 0).with_sight(viewer).unread_first()
    return keyset_page(rows, order=INBOX_ORDER, cursor=cursor, size=size)


@dataclass(frozen=True, slots=True)
class Health:
    """How the mail channel is. `state`: none, off, well, failing, stuck or failed.

    none: nothing is set up. failing: the latest tries met a trouble of the channel (`trouble`,
    `error`: the server's own words, `failed_at`). stuck: mail waits and nobody tries it, so no
    worker runs. failed: the channel works, but `failed` mails were given up. `waiting` counts
    mail whose turn has come, since `oldest_at`.
    """

    state: str
    waiting: int = 0
    oldest_at: datetime | None = None
    failed: int = 0
    trouble: str = ""
    error: str = ""
    failed_at: datetime | None = None
    sent_at: datetime | None = None

    @property
    def is_well(self) -> bool:
        return self.state in ("none", "off", "well")


def channel_health(now: datetime) -> Health:
    """How the mail channel is at `now`, for the doctor and for the channel's page."""
    channel = MailChannel.objects.first()
    if channel is None:
        return Health("none")
    queue = Delivery.objects.filter(channel=MAIL, state__in=["queued", "failed"]).aggregate(
        waiting=Count("pk", filter=_is_waiting(now)),
        oldest=Min("created_at", filter=_is_waiting(now)),
        turn=Min("next_try_at", filter=Q(state="queued")),
        failed=Count("pk", filter=Q(state="failed")),
    )
    tried = Delivery.objects.filter(channel=MAIL)
    sent = tried.filter(state="sent").order_by("-sent_at").first()
    # A trouble of one mail says nothing about the channel.
    bad = tried.exclude(trouble="").filter(trouble__in=OF_CHANNEL).order_by("-failed_at").first()
    failing = bad is not None and (sent is None or bad.failed_at > sent.sent_at)
    stuck = queue["turn"] is not None and now - queue["turn"] > LATE_AFTER
    return Health(
        state=_state(active=channel.active, failing=failing, stuck=stuck, failed=queue["failed"]),
        waiting=queue["waiting"],
        oldest_at=queue["oldest"],
        failed=queue["failed"],
        trouble=bad.trouble if failing else "",
        error=bad.error if failing else "",
        failed_at=bad.failed_at if failing else None,
        sent_at=sent.sent_at if sent else None,
    )


def failed_deliveries(size: int = 20) -> Sequence[Any]:
    """Those given up last, with the person that each was to."""
    return list(
        Delivery.objects.failed()
        .filter(channel=MAIL)
        .select_related("recipient__as_person")
        .order_by("-failed_at", "-id")[:size]
    )


def site_address() -> str:
    """Where the firm's people open this system, for links outside it; empty if nobody said."""
    return MailChannel.objects.values_list("base_url", flat=True).first() or ""


def route_of(notice: Notice) -> Any:
    """How the notice goes by mail, with its delivery; None if no channel was in use then."""
    return notice.routes.filter(channel=MAIL).select_related("delivery").first()  # type: ignore[attr-defined]


def _is_waiting(now: datetime) -> Q:
    """Its turn has come, or it was tried before; not what waits for the quiet hours to end."""
    return Q(state="queued") & (Q(next_try_at__lte=now) | Q(tries__gt=0))


def _state(*, active: bool, failing: bool, stuck: bool, failed: int) -> str:
    if not active:
        return "off"
    if failing:
        return "failing"
    if stuck:
        return "stuck"
    return "failed" if failed else "well"
