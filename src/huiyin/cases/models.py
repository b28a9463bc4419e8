"""What customers bring up and what is found, with its way and its gates to closing."""

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


class CaseManager(models.Manager.from_queryset(CaseQuerySet)):
    """Those that came in: what an undone import brought is in no list and no figure."""

    def get_queryset(self) -> CaseQuerySet:
        return super().get_queryset().filter(retracted_at=None)


class Case(models.Model):
    """One item with its way to closing; it *is* the owner of one ledger target.

    It is about a ``subject``, or directly about a ``customer``. Its kind decides its way (see
    ``ways``); the stage follows from what was done and is moved only by conditional updates.
    ``description`` are the words as they came: the database keeps them unchanged, or empties them.
    A re-visit that finds a problem unsolved starts the next ``round``; ``notice``, ``answer`` and
    ``revisit`` are the papers of the running round, those of earlier rounds stay in the timeline.
    ``sorted_at``: its first decision (answered, promised, decided, handled, notified, referred).
    ``raised_by`` is empty where an imported table does not say who took it down; ``retracted_at``:
    the import that brought it was undone, or whoever entered it took it back.
    """

    class Kind(models.TextChoices):
        PROBLEM = "problem", pgettext_lazy("kind of case", "问题")
        COMPLAINT = "complaint", _("投诉")
        QUESTION = "question", _("询问")
        OPINION = "opinion", _("意见")
        REQUEST = "request", _("要求")
        SUGGESTION = "suggestion", _("建议")
        FINDING = "finding", _("检查发现")

    class Severity(models.TextChoices):
        MINOR = "minor", _("一般")
        MODERATE = "moderate", _("较重")
        MAJOR = "major", _("重大")

    class Stage(models.TextChoices):
        RAISED = "raised", _("已提出")
        PROMISED = "promised", _("已约答复")
        NOTIFIED = "notified", _("已通知")
        RECTIFIED = "rectified", _("已整改")
        REVISITED = "revisited", _("已复访")
        DECIDED = "decided", _("已决定")
        HANDLED = "handled", _("已处理")
        REPLIED = "replied", _("已答复")
        CLOSED = "closed", _("已关闭")

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("已解决")
        EXPLAINED = "explained", _("已解释，客户认可")
        COMPENSATED = "compensated", _("已补偿")
        UNFOUNDED = "unfounded", _("查明不成立")
        WITHDRAWN = "withdrawn", _("客户撤回")

    class Decision(models.TextChoices):
        ADOPTED = "adopted", _("采纳")
        NOT_ADOPTED = "not_adopted", _("不采纳")

    class Channel(models.TextChoices):
        VISIT = "visit", _("当面")
        PHONE = "phone", _("电话")
        MESSAGE = "message", _("微信或短信")
        LETTER = "letter", _("书面")

    target = models.OneToOneField(Target, models.PROTECT, primary_key=True, related_name="case")
    number = models.TextField()
    kind = models.TextField(choices=Kind)
    origin = models.TextField()
    severity = models.TextField(choices=Severity)
    description = models.TextField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="cases")
    subject = models.ForeignKey(Target, models.PROTECT, null=True, related_name="cases_about")
    repairer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases_to_rectify")
    raised_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases_raised")
    raised_at = models.DateTimeField()
    at_visit = models.BooleanField(default=False)
    safety = models.BooleanField(default=False)
    topic = models.TextField(default="")
    complained_about = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at_once = models.BooleanField(default=False)
    promised_reply_at = models.DateTimeField(null=True)
    sorted_at = models.DateTimeField(null=True)
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
    decision = models.TextField(choices=Decision, default="")
    decision_reason = models.TextField(default="")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    handling = models.TextField(default="")
    handled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    reply_to_customer = models.TextField(default="")
    reply_channel = models.TextField(choices=Channel, default="")
    replied_at = models.DateTimeField(null=True)
    outcome = models.TextField(choices=Outcome, default="")
    closed_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    # Number and description as they are compared, kept by the database.
    search = models.GeneratedField(
        expression=folded_together("number", "description"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = CaseManager()
    with_retracted = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(retracted_at=None), name="case_number_once"
            ),
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
            models.CheckConstraint(
                name="case_is_about_something",
                condition=Q(subject__isnull=False) | Q(customer__isnull=False),
            ),
            models.CheckConstraint(
                name="case_decided_says_how_and_by_whom",
                condition=Q(decision="", decided_at=None, decided_by=None)
                | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="case_handled_says_by_whom",
                condition=Q(handled_at=None, handled_by=None)
                | Q(handled_at__isnull=False, handled_by__isnull=False),
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
            models.Index(fields=["raised_at"], name="case_raised"),
            GinIndex(Signs("search"), name="case_signs"),
            GinIndex(Pairs("search"), name="case_pairs"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.stage != self.Stage.CLOSED


class Referral(models.Model):
    """A case that was referred to somebody of the company, and what he ruled.

    While a ruling is outstanding there is one referral of a case, so two who refer it at the same
    moment do not both do so.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    to = models.ForeignKey(Person, models.PROTECT, related_name="referrals_to_rule_on")
    asked = models.TextField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ruling = models.TextField(default="")
    ruled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ruled_at=None), name="referral_one_at_a_time"
            ),
            models.CheckConstraint(
                name="referral_ruling_says_when",
                condition=Q(ruling="", ruled_at=None) | (~Q(ruling="") & Q(ruled_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="referral_of_case")]
