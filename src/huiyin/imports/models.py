"""Imported files and their rows: what was read, and how each row ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huiyin.ledger.models import Target


class ImportBatch(models.Model):
    """One file taken in with one map. The digests (SHA-256) say whether it is the same again.

    Staging goes in chunks and can be taken up again; applying is one transaction, so a batch
    that is not `applied` has changed nothing outside its own rows.
    """

    class Mode(models.TextChoices):
        HISTORY = "history", _("历史")
        LIVE = "live", _("实时")

    class State(models.TextChoices):
        STAGING = "staging", _("读取中")
        STAGED = "staged", _("已试读")
        APPLIED = "applied", _("已导入")
        FAILED = "failed", _("失败")

    what = models.TextField()
    kind = models.TextField(default="")
    file_name = models.TextField()
    file_digest = models.TextField()
    map_digest = models.TextField()
    mode = models.TextField(choices=Mode)
    state = models.TextField(choices=State, default=State.STAGING)
    form = models.TextField(default="")
    titles = models.JSONField(default=dict)
    notices = models.JSONField(default=list)
    by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    row_count = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["file_digest", "map_digest"], name="imports_batch_same")]
        constraints = [
            models.CheckConstraint(
                name="imports_batch_adds_up",
                condition=~Q(state__in=["staged", "applied"])
                | Q(row_count=F("accepted") + F("refused") + F("duplicate")),
            ),
            models.CheckConstraint(
                name="imports_batch_applied_at",
                condition=~Q(state="applied") | Q(applied_at__isnull=False),
            ),
        ]


class StagedRow(models.Model):
    """One row of a file: its values by name, and for a refused one where and why.

    Values may be personal, so the rows of a batch can be deleted with it.
    """

    class Outcome(models.TextChoices):
        READ = "read", _("已读")
        ACCEPTED = "accepted", _("接受")
        REFUSED = "refused", _("拒绝")
        DUPLICATE = "duplicate", _("重复")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    outcome = models.TextField(choices=Outcome)
    column = models.TextField(default="")
    value = models.TextField(default="")
    code = models.TextField(default="")
    detail = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="imports_row_once"),
            models.CheckConstraint(
                name="imports_row_refused_says_why",
                condition=Q(outcome="refused") & ~Q(code="") | ~Q(outcome="refused") & Q(code=""),
            ),
        ]
