"""One-time links by which people choose a password, and what the firm asks of its heads."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huiyin.accounts.models import User
from huiyin.accounts.signin.querysets import LinkQuerySet
from huiyin.ledger.models import Target

MOST_GRACE_DAYS = 90


class Link(models.Model):
    """A way to choose a password without the old one: for one login, once, until `expires_at`.

    Only the digest of its secret is kept, so nobody can read a working link out of the database.
    It ends by being used, or by a newer one for the same login.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    given_by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gte=F("given_at")), name="signin_link_ends_after_start"
            )
        ]


class RuleChange(models.Model):
    """The log of what the firm asks at the sign-in; the newest row counts.

    Heads are whoever holds a position that sees a whole sub-tree. `grace_days` is how long one
    may still sign in without a second factor, from the change or from becoming a head.
    """

    append_only = True

    heads_need_factor = models.BooleanField()
    grace_days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    changed_by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_days__lte=MOST_GRACE_DAYS),
                name="signin_grace_is_a_quarter_at_most",
            )
        ]
