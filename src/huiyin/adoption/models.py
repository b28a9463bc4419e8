"""Packs in force: which version of which policy, from when, approved by whom, how settled."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.adoption.querysets import AdoptionQuerySet
from huiyin.ledger.models import Target


class PolicyVersion(models.Model):
    """One text of one pack, kept as it was adopted; the digest is the SHA-256 of its sources."""

    append_only = True

    policy = models.TextField()
    version = models.PositiveIntegerField()
    number = models.TextField()
    digest = models.TextField(unique=True)
    sources = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["policy", "version"])]


class Adoption(models.Model):
    """A firm puts a version of a pack into force; two people approve, in trial one may.

    ``start`` says what becomes of facts that were recorded before the approval: with ``live``
    they open obligations as if the policy had been there, with ``history`` they stay history.
    """

    class Mode(models.TextChoices):
        TRIAL = "trial", _("试用")
        FORCE = "force", pgettext_lazy("mode", "施行")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待批准")
        IN_FORCE = "in_force", _("在用")
        ENDED = "ended", _("已终止")

    class Start(models.TextChoices):
        HISTORY = "history", _("只管启用之后登记的事实")
        LIVE = "live", _("施行日以来已登记的事实也开出义务")

    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="adoptions")
    mode = models.TextField(choices=Mode)
    start = models.TextField(choices=Start, default=Start.HISTORY)
    state = models.TextField(choices=State, default=State.PROPOSED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    time_zone = models.TextField()
    role_map = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="adoption_two_people",
                condition=Q(mode="trial") | Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="adoption_approved_when_decided",
                condition=Q(state="proposed") | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="adoption_ends_after_start",
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
            ),
        ]


class SettingChange(models.Model):
    """The log of a setting; the newest row is the value, in the language's own forms: ``7d``."""

    append_only = True

    policy = models.TextField()
    key = models.TextField()
    value = models.TextField()
    reason = models.TextField()
    changed_by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["policy", "key", "-id"])]


class Party(models.Model):
    """A recipient outside the firm whom a policy names: the target that stands for it."""

    policy = models.TextField()
    key = models.TextField()
    target = models.OneToOneField(Target, models.PROTECT, related_name="party")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "key"], name="party_once")]


class Acknowledgement(models.Model):
    """A person has read the declarative clauses of a version and says so. Never taken back."""

    append_only = True

    person = models.ForeignKey(Target, models.PROTECT, related_name="acknowledgements")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "policy_version"], name="acknowledged_once")
        ]
