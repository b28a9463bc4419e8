"""Problems that were found, with their gates to closing."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.accounts.models import Person
from huiyin.cases.querysets import CaseQuerySet
from huiyin.core.search import Pairs, Signs, folded_together
from huiyin.customers.models import Customer
from huiyin.ledger.models import Target
from huiyin.records.models import Record


class Case(models.Model):
    """A problem with its way to closing; it *is* the owner of one ledger target.

    The stage follows from the facts and is moved only by conditional updates. A re-visit that
    finds the problem unsolved starts the next ``round``; ``notice``, ``answer`` and ``revisit``
    are the papers of the running round, those of earlier rounds stay in the timeline.
    """

    class Kind(models.TextChoices):
        PROBLEM = "problem", pgettext_lazy("kind of case", "问题")
        COMPLAINT = "complaint", _("投诉")
        QUESTION = "question", _("询问")
        SUGGESTION = "suggestion", _("建议")
        FINDING = "finding", _("检查发现")

    class Severity(models.TextChoices):
        MINOR = "minor", _("一般")
        MODERATE = "moderate", _("较重")
        MAJOR = "major", _("重大")

    class Stage(models.TextChoices):
        RAISED = "raised", _("已提出")
        NOTIFIED = "notified", _("已通知")
        RECTIFIED = "rectified", _("已整改")
        REVISITED = "revisited", _("已复访")
        CLOSED = "closed", _("已关闭")

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("已解决")
        EXPLAINED = "explained", _("已解释，客户认可")
        COMPENSATED = "compensated", _("已补偿")
        UNFOUNDED = "unfounded", _("查明不成立")

    class Channel(models.TextChoices):
        VISIT = "visit", _("当面")
        PHONE = "phone", _("电话")
        MESSAGE = "message", _("微信或短信")
        LETTER = "letter", _("书面")

    target = models.OneToOneField(Target, models.PROTECT, primary_key=True, related_name="case")
    number = models.TextField(unique=True)
    kind = models.TextField(choices=Kind)
    origin = models.TextField()
    severity = models.TextField(choices=Severity)
    description = models.TextField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="cases")
    subject = models.ForeignKey(Target, models.PROTECT, null=True, related_name="cases_about")
    repairer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases_to_rectify")
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="cases_raised")
    raised_at = models.DateTimeField()
    stage = models.TextField(choices=Stage, default=Stage.RAISED)
    round = models.PositiveSmallIntegerField(default=1)
    notice = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+")
    notified_at = models.DateTimeField(null=True)
    rectify_by = models.DateTimeField(null=True)
    answer = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+")
    rectified_at = models.DateTimeField(null=True)
    rectifier = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revisit = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+")
    revisited_at = models.DateTimeField(null=True)
    reply_to_customer = models.TextField(default="")
    reply_channel = models.TextField(choices=Channel, default="")
    replied_at = models.DateTimeField(null=True)
    outcome = models.TextField(choices=Outcome, default="")
    closed_at = models.DateTimeField(null=True)
    # Number and description as they are compared, kept by the database.
    search = models.GeneratedField(
        expression=folded_together("number", "description"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_closed_says_when",
                condition=Q(stage="closed", closed_at__isnull=False)
                | (~Q(stage="closed") & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="case_rectified_says_by_whom",
                condition=Q(rectified_at=None, rectifier=None)
                | Q(rectified_at__isnull=False, rectifier__isnull=False),
            ),
            models.CheckConstraint(
                name="case_notified_has_its_notice",
                condition=~Q(stage="notified") | Q(notice__isnull=False, notified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_reply_says_when",
                condition=Q(reply_to_customer="", replied_at=None)
                | (~Q(reply_to_customer="") & Q(replied_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["stage", "raised_at"], condition=~Q(stage="closed"), name="case_open"
            ),
            models.Index(
                fields=["-closed_at", "-target"], condition=Q(stage="closed"), name="case_closed"
            ),
            models.Index(fields=["subject", "target"], name="case_subject"),
            GinIndex(Signs("search"), name="case_signs"),
            GinIndex(Pairs("search"), name="case_pairs"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.stage != self.Stage.CLOSED
