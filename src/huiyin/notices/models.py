"""What people were told, and how it reaches them outside of these pages."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Person
from huiyin.core.fields import EncryptedText
from huiyin.ledger.models import Target
from huiyin.notices.kinds import DEFAULTS, Way
from huiyin.notices.querysets import IS_READ, DeliveryQuerySet, NoticeQuerySet, RouteQuerySet
from huiyin.notices.schedule import Quiet

MAIL = "mail"
"""The one channel so far."""


class Notice(models.Model):
    """One message to one person about one target; the key makes it impossible to send it twice.

    `template` names an entry of the table in `messages.py`; `params` holds titles, labels and
    moments for it, never a phone number. `in_sight`: the recipient saw the target when he was
    told. `delivered_at`: handed on over the clerk's own channel.
    """

    recipient = models.ForeignKey(Target, models.PROTECT, related_name="notices")
    about = models.ForeignKey(Target, models.PROTECT, related_name="+")
    policy = models.CharField(max_length=60, default="")
    clause = models.CharField(max_length=60, default="")
    template = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
    in_sight = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["recipient", "-created_at", "-id"],
                condition=models.Q(read_at=None),
                name="notices_unread",
            ),
            models.Index(
                F("recipient"), IS_READ, F("created_at").desc(), F("id").desc(),
                name="notices_inbox",
            ),
            models.Index(fields=["about", "-created_at"], name="notices_about"),
        ]  # fmt: skip


class MailChannel(models.Model):
    """The firm's mail server and its hours: one row. Times of day are in the firm's zone.

    Who heads the whole firm sets it up. Without it, or while it is not active, nothing is queued.
    """

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS（常用端口 587）")
        TLS = "tls", _("TLS（常用端口 465）")
        NONE = "none", _("不加密（常用端口 25，只用于本机或内网）")

    id = models.SmallIntegerField(primary_key=True, default=1)
    active = models.BooleanField(default=True)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    username = models.CharField(max_length=254, default="")
    password = EncryptedText(default="")
    sender_name = models.CharField(max_length=60, default="")
    sender_address = models.CharField(max_length=254)
    base_url = models.CharField(max_length=200, default="")
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    digest_at = models.TimeField(default=time(8, 30))
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="notices_mail_channel_is_one"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notices_mail_channel_quiet_pair",
            ),
        ]

    @property
    def quiet(self) -> Quiet | None:
        return _quiet(self.quiet_from, self.quiet_to)


class MailPreference(models.Model):
    """Where and how one person wants mail. `ways`: kind → way, where it is not the default."""

    class Hours(models.TextChoices):
        FIRM = "firm", _("按公司的时段")
        OWN = "own", _("用自己的时段")
        NONE = "none", _("不设免打扰")

    person = models.OneToOneField(
        Person, models.PROTECT, primary_key=True, related_name="mail_preference"
    )
    address = EncryptedText(default="")
    language = models.CharField(max_length=10, default="zh-hans")
    ways = models.JSONField(default=dict)
    hours = models.CharField(max_length=4, choices=Hours, default=Hours.FIRM)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    changed_at = models.DateTimeField()

    @property
    def address_masked(self) -> str:
        """How anybody else sees the address: the first sign and where it is."""
        local, at, domain = str(self.address).rpartition("@")
        return f"{local[:1]}•••{at}{domain}" if at else ""

    def way_for(self, kind: str) -> str:
        return str(self.ways.get(kind, DEFAULTS[kind]))

    def quiet(self, channel: MailChannel) -> Quiet | None:
        """His own quiet hours, the firm's, or none."""
        if self.hours == self.Hours.FIRM:
            return channel.quiet
        return _quiet(self.quiet_from, self.quiet_to) if self.hours == self.Hours.OWN else None


class Delivery(models.Model):
    """One mail to one person: the outbox. `key` is unique, and `message_id` follows from it.

    queued → sending → sent | queued again | failed; queued → dropped. `reason` says why it
    waits, went although it was quiet, or was dropped; `trouble` and `error` what went wrong at
    the last try. A try is taken back only by who began it: `tries` counts them.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", _("单条")
        DIGEST = "digest", _("每日汇总")

    class State(models.TextChoices):
        QUEUED = "queued", _("待发")
        SENDING = "sending", _("正在发送")
        SENT = "sent", _("已发")
        FAILED = "failed", _("失败")
        DROPPED = "dropped", _("不发")

    channel = models.CharField(max_length=10, default=MAIL)
    recipient = models.ForeignKey(Target, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    message_id = models.CharField(max_length=340)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=20, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, default="")
    error = models.CharField(max_length=300, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "dropped"]),
                name="notices_delivery_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(next_try_at__isnull=False),
                name="notices_delivery_queued_has_its_turn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state="queued"), name="notices_queue"
            ),
            models.Index(
                fields=["claimed_at"], condition=Q(state="sending"), name="notices_sending"
            ),
            models.Index(
                fields=["-failed_at", "-id"], condition=Q(state="failed"), name="notices_failed"
            ),
            # The last success and the last trouble of a channel, whatever became of the rest.
            models.Index(
                fields=["channel", "-sent_at"], condition=Q(state="sent"), name="notices_sent"
            ),
            models.Index(
                fields=["channel", "-failed_at"], condition=~Q(trouble=""), name="notices_trouble"
            ),
        ]


class Route(models.Model):
    """How one notice goes over one channel: at once, in the digest, or not, and why.

    There is a row for every notice that was written while the channel was in use.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="routes", db_index=False)
    channel = models.CharField(max_length=10, default=MAIL)
    way = models.CharField(max_length=6, choices=Way)
    reason = models.CharField(max_length=20, default="")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="routes")

    objects = RouteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_route_once"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "id"],
                condition=Q(way="digest", delivery=None, reason=""),
                name="notices_for_digest",
            ),
        ]


def _quiet(start: time | None, end: time | None) -> Quiet | None:
    return None if start is None or end is None else Quiet(start, end)
