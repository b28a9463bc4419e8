"""Contacts with customers: planned, held, proven by a record."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Person
from huiyin.cases.models import Case
from huiyin.customers.models import Customer
from huiyin.followups.querysets import FollowupQuerySet
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record


class Followup(models.Model):
    """One contact about a target: a repair, a household visited at home, a case when it is a re-visit.

    Who was present stands in the record; ``obligation`` is what the plan was made for, ``case``
    the one that was re-visited, ``raised`` are the cases that came of it, one for each item.
    """

    class Channel(models.TextChoices):
        VISIT = "visit", _("上门")
        PHONE = "phone", _("电话")
        MESSAGE = "message", _("微信或短信")

    class State(models.TextChoices):
        PLANNED = "planned", _("已约定")
        HELD = "held", _("已回访")
        CANCELLED = "cancelled", _("已取消")

    about = models.ForeignKey(Target, models.PROTECT, related_name="followups")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="followups")
    obligation = models.ForeignKey(Obligation, models.PROTECT, null=True, related_name="followups")
    channel = models.TextField(choices=Channel, default=Channel.VISIT)
    planned_for = models.DateTimeField(null=True)
    planned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    held_at = models.DateTimeField(null=True)
    state = models.TextField(choices=State)
    record = models.OneToOneField(Record, models.PROTECT, null=True, related_name="followup")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="revisits")
    raised = models.ManyToManyField(Case, related_name="found_by")

    objects = FollowupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="followup_held_has_its_record",
                condition=Q(state="held", held_at__isnull=False, record__isnull=False)
                | (~Q(state="held") & Q(held_at=None, record=None)),
            ),
            models.CheckConstraint(
                name="followup_planned_says_when",
                condition=Q(state="held") | Q(planned_for__isnull=False, planned_by__isnull=False),
            ),
            # Two colleagues who plan the same visit at the same moment: the second is told so.
            models.UniqueConstraint(
                fields=["about"], condition=Q(state="planned"), name="followup_one_plan_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-held_at"], name="followup_of_customer"),
            models.Index(
                fields=["planned_for"], condition=Q(state="planned"), name="followup_planned"
            ),
            models.Index(
                Coalesce("held_at", "planned_for").desc(), F("id").desc(), name="followup_newest"
            ),
        ]
