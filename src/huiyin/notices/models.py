"""What people were told, or are about to be."""

from __future__ import annotations

from django.db import models

from huiyin.ledger.models import Target
from huiyin.notices.querysets import NoticeQuerySet


class Notice(models.Model):
    """One message to one person about one target; the key makes it impossible to send it twice.

    `template` names an entry of the table in `messages.py`; `params` holds titles, labels and
    moments for it, never a phone number. `delivered_at`: handed on over the clerk's own channel.
    """

    recipient = models.ForeignKey(Target, models.PROTECT, related_name="notices")
    about = models.ForeignKey(Target, models.PROTECT, related_name="+")
    policy = models.CharField(max_length=60, default="")
    clause = models.CharField(max_length=60, default="")
    template = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
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
            models.Index(fields=["about", "-created_at"], name="notices_about"),
        ]
