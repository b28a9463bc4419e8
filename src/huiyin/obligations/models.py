"""Duties at work: what somebody owes about a target by when, and the counters of shares."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.querysets import ObligationQuerySet


class Obligation(models.Model):
    """One instance of a duty line. ``due_at`` is the last moment on time (24:00 = 00:00).

    ``first_due_at`` is kept where it was extended or recomputed, ``plan_on`` the day on which a
    levelled one is suggested. A quota needs so many and has ``counted`` so many. ``met_fact`` and
    ``missed_fact`` are the engine facts about it, which fall with it.

    Blocked is what nobody may do: ``blocked_by`` says why no person can be found for it,
    ``obstructed_by`` names the checker that refuses every way to do it, whoever asks, since
    ``obstructed_at``. Its clock stands still meanwhile.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已办")
        WAIVED = "waived", _("免除")
        VOIDED = "voided", _("撤销")
        BLOCKED = "blocked", _("受阻")

    # Only keys by which somebody asks have an index, and where most are empty, of the others alone.
    adoption = models.ForeignKey(
        Adoption, models.PROTECT, related_name="obligations", db_index=False
    )
    policy = models.TextField()
    duty = models.TextField()
    line = models.TextField()
    clauses = ArrayField(models.TextField())
    target = models.ForeignKey(Target, models.PROTECT, related_name="obligations", db_index=False)
    opener = models.ForeignKey(
        Fact, models.PROTECT, null=True, related_name="opened", db_index=False
    )
    # The opener where each one opens its own; empty for what is owed once, or by period.
    key_opener = models.BigIntegerField(null=True)
    period = DateRangeField(null=True)
    owed_roles = ArrayField(models.TextField(), default=list)
    holder = models.ForeignKey(Target, models.PROTECT, null=True, related_name="held_obligations")
    excluded = models.ForeignKey(
        Target, models.PROTECT, null=True, related_name="+", db_index=False
    )
    recipient = models.ForeignKey(
        Target, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ordinal = models.IntegerField(default=0)
    values = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    first_due_at = models.DateTimeField(null=True)
    plan_on = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    needed = models.PositiveIntegerField(null=True)
    counted = models.PositiveIntegerField(default=0)
    state = models.TextField(choices=State, default=State.OPEN)
    done_at = models.DateTimeField(null=True)
    done_recorded_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        Fact, models.PROTECT, null=True, related_name="settled", db_index=False
    )
    next_look_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=0)
    missed = models.BooleanField(default=False)
    met_fact = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+", db_index=False)
    missed_fact = models.ForeignKey(
        Fact, models.PROTECT, null=True, related_name="+", db_index=False
    )
    blocked_by = models.TextField(default="")
    obstructed_by = models.TextField(default="", db_default="")
    obstructed_at = models.DateTimeField(null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        constraints = [
            # The key that makes doubles impossible: rule line = policy + rule, not version. What was
            # voided may be owed anew.
            models.UniqueConstraint(
                fields=[
                    "policy",
                    "line",
                    "target",
                    "key_opener",
                    "owed_roles",
                    "recipient",
                    "ordinal",
                    "period",
                ],
                name="obligation_once",
                condition=~Q(state="voided"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="obligation_obstructed_since",
                condition=Q(obstructed_by="", obstructed_at=None)
                | (~Q(obstructed_by="") & Q(obstructed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="obligation_done_has_its_fact",
                condition=~Q(state="done") | Q(done_at__isnull=False, settled_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_look_at", "id"], condition=Q(state="open"), name="obligation_look"
            ),
            models.Index(
                fields=["holder", "due_at", "id"],
                # What 今日 counts by, so that counting reads the index alone.
                include=["plan_on", "obstructed_by"],
                condition=Q(state__in=["open", "blocked"]),
                name="obligation_mine",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["open", "blocked"], holder=None),
                name="obligation_pool",
            ),
            models.Index(fields=["target", "id"], name="obligation_target"),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["open", "blocked"]),
                name="obligation_waiting_due",
            ),
            models.Index(
                fields=["opener"], condition=Q(opener__isnull=False), name="obligation_opener"
            ),
            models.Index(
                fields=["settled_by"],
                condition=Q(settled_by__isnull=False),
                name="obligation_settled_by",
            ),
            models.Index(
                F("holder"),
                RangeStartsWith("period"),
                condition=Q(period__isnull=False, opener__isnull=True),
                name="obligation_round",
            ),
            models.Index(fields=["policy", "due_at"], name="obligation_policy_due"),
            models.Index(
                F("policy"),
                RangeStartsWith("period"),
                condition=Q(period__isnull=False),
                name="obligation_period",
            ),
            models.Index(fields=["id"], condition=Q(state="blocked"), name="obligation_blocked"),
        ]

    @property
    def opened_late(self) -> bool:
        """Opened after its own due moment: late for the clause, not for the person."""
        return self.due_at is not None and self.opened_at > self.due_at

    def standing(self, now: datetime) -> str:
        """``due met entered_late overdue late waived voided blocked`` at ``now``.

        On time iff done <= due; punctuality goes by when it happened, so what was entered after
        the due moment but happened before it is 补录, counted apart.
        """
        if self.state == self.State.OPEN:
            return "overdue" if self.due_at is not None and now > self.due_at else "due"
        if self.state != self.State.DONE:
            return self.state
        if self.due_at is not None and self.done_at > self.due_at:
            return "late"
        if self.due_at is not None and self.done_recorded_at > self.due_at:
            return "entered_late"
        return "met"


class ShareCount(models.Model):
    """The locked counter of one share in one period; ``counts`` is role → [items, allotted]."""

    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    duty = models.TextField()
    period = models.DateField()
    ends_at = models.DateTimeField()
    counts = models.JSONField(default=dict)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adoption", "duty", "period"], name="share_count_once")
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(closed=False), name="share_count_running")
        ]


class ShareItem(models.Model):
    """One completed item that a share counted: who might take it and to whom it was allotted."""

    count = models.ForeignKey(ShareCount, models.PROTECT, related_name="items")
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+")
    eligible = ArrayField(models.TextField())
    allotted = ArrayField(models.TextField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["count", "fact"], name="share_item_once")]


class QuotaItem(models.Model):
    """A fact that counts into a quota; several with one key count once."""

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="quota_items")
    key = models.TextField()
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["obligation", "key", "fact"], name="quota_item_once")
        ]


class ScoreEntry(models.Model):
    """Points for a person. They count from ``counts_at``; empty while somebody has to confirm.

    Never edited: what is taken back is an entry of its own that ``reverses`` this one and counts
    from the same moment on, or from now.
    """

    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    policy = models.TextField()
    rule = models.TextField()
    clauses = ArrayField(models.TextField())
    account = models.TextField()
    person = models.ForeignKey(Target, models.PROTECT, related_name="score_entries")
    points = models.IntegerField()
    period = models.DateField()
    fact = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+")
    occurrence = models.TextField()
    counts_at = models.DateTimeField(null=True)
    confirm = models.TextField(default="")
    contested_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    reversed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "rule", "person", "occurrence"],
                condition=Q(reverses=None, reversed=False),
                name="score_once",
            )
        ]
        indexes = [
            models.Index(fields=["person", "account", "period"], name="score_balance"),
        ]


class Refusal(models.Model):
    """An act that a policy refused: nothing else of it was written."""

    append_only = True

    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    rule = models.TextField()
    clauses = ArrayField(models.TextField())
    act = models.TextField()
    target = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()


class Question(models.Model):
    """A rule could not decide because a value is missing; a person has to supply it."""

    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    rule = models.TextField()
    clauses = ArrayField(models.TextField())
    target = models.ForeignKey(Target, models.PROTECT, related_name="questions")
    missing = models.TextField()
    key = models.TextField(unique=True)
    asked_at = models.DateTimeField()
