"""Imported files and their rows: what was read, how each row ended, what it brought."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.core.fields import EncryptedJson, EncryptedText
from huiyin.ledger.models import Target


class ImportBatch(models.Model):
    """One file taken in with one map. The digests (SHA-256) say whether it is the same again.

    Staging goes in chunks and can be taken up again; applying is one transaction, so a batch
    that is not `applied` has changed nothing outside its own rows. A file that was uploaded waits
    for its map first: ``head`` are its first rows, ``choices`` what was chosen for its columns,
    ``map_text`` the map that came of it. ``accepted`` rows either ``created`` or ``updated``
    something; some of them are ``in_doubt``. ``obstacles`` are why it could not be undone;
    ``notices`` may quote the file. ``titles`` and ``places`` (from 1) say from which columns each
    name is read. ``emptied_at``: since when nothing of the file is kept any more.
    """

    class Mode(models.TextChoices):
        HISTORY = "history", _("历史")
        LIVE = "live", _("实时")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("待对应")
        STAGING = "staging", _("读取中")
        STAGED = "staged", _("已试读")
        APPLYING = "applying", _("导入中")
        APPLIED = "applied", _("已导入")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", pgettext_lazy("import", "已取消")
        UNDOING = "undoing", _("撤销中")
        UNDONE = "undone", _("已撤销")

    what = models.TextField()
    kind = models.TextField(default="")
    file_name = models.TextField()
    file_digest = models.TextField()
    map_digest = models.TextField(default="")
    mode = models.TextField(choices=Mode)
    state = models.TextField(choices=State, default=State.STAGING)
    form = models.TextField(default="")
    titles = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    notices = EncryptedJson(default=list)
    by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    undo_reason = models.TextField(default="")
    emptied_at = models.DateTimeField(null=True)
    row_count = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    in_doubt = models.PositiveIntegerField(default=0)
    head = EncryptedJson(default=None)
    choices = models.JSONField(default=dict)
    map_text = models.TextField(default="")
    language = models.CharField(max_length=20, default="")
    obstacles = EncryptedJson(default=None)
    error = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["file_digest", "map_digest"], name="imports_batch_same"),
            models.Index(fields=["state", "created_at"], name="imports_batch_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="imports_batch_adds_up",
                condition=~Q(state__in=["staged", "applied", "undone"])
                | Q(row_count=F("accepted") + F("refused") + F("duplicate")),
            ),
            models.CheckConstraint(
                name="imports_batch_applied_at",
                condition=~Q(state__in=["applied", "undone"]) | Q(applied_at__isnull=False),
            ),
            models.CheckConstraint(
                name="imports_batch_undone_at",
                condition=~Q(state="undone") | Q(undone_at__isnull=False),
            ),
        ]


class FilePart(models.Model):
    """A piece of an uploaded file, as base64; kept until the batch is applied or given up."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="parts", db_index=False)
    place = models.PositiveIntegerField()
    content = EncryptedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="imports_part_once"),
        ]


class StagedRowQuerySet(models.QuerySet["StagedRow"]):
    """Rows of a file by how they ended."""

    def refused(self) -> StagedRowQuerySet:
        """Those that are not taken."""
        return self.filter(outcome=StagedRow.Outcome.REFUSED)

    def in_doubt(self) -> StagedRowQuerySet:
        """Those that are taken, and of which something has to be looked into."""
        return self.filter(outcome=StagedRow.Outcome.ACCEPTED).exclude(code="")


class StagedRow(models.Model):
    """One row of a file: its cells and its values by name, and for a refused one where and why.

    An accepted one that says so is in doubt: something of it has to be looked into. All of it may
    be personal, so it is encrypted; of other rows that were applied it is emptied at once, of
    those that say why after a month. What is not ``readable`` has no values that could be judged.
    """

    class Outcome(models.TextChoices):
        READ = "read", _("已读")
        ACCEPTED = "accepted", _("接受")
        REFUSED = "refused", _("拒绝")
        DUPLICATE = "duplicate", _("重复")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    values = EncryptedJson(default=None)
    cells = EncryptedJson(default=None)
    readable = models.BooleanField(default=True)
    outcome = models.TextField(choices=Outcome)
    act = models.TextField(default="")
    column = models.TextField(default="")
    value = EncryptedText(default="")
    code = models.TextField(default="")
    detail = EncryptedText(default="")

    objects = StagedRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="imports_row_once"),
            models.CheckConstraint(
                name="imports_row_refused_says_why",
                condition=Q(outcome="refused") & ~Q(code="")
                | Q(outcome="accepted")
                | Q(outcome__in=["read", "duplicate"]) & Q(code=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "number"],
                condition=Q(outcome="refused"),
                name="imports_row_refused",
            ),
            models.Index(
                fields=["batch", "number"],
                condition=Q(outcome="accepted") & ~Q(code=""),
                name="imports_row_in_doubt",
            ),
        ]


class Effect(models.Model):
    """What a row brought: it made a target, or changed one that was there.

    ``before`` is how what it changed stood, ``after`` how it left it, by name; both only so that
    the import can be undone, and emptied after a month.
    """

    class Act(models.TextChoices):
        CREATED = "create", _("新增")
        UPDATED = "update", _("更新")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="effects", db_index=False)
    number = models.PositiveIntegerField()
    target = models.ForeignKey(Target, models.PROTECT, related_name="+")
    act = models.TextField(choices=Act)
    before = EncryptedJson(default=None)
    after = EncryptedJson(default=None)

    class Meta:
        indexes = [models.Index(fields=["batch", "number"], name="imports_effect_of_batch")]


class Progress(models.Model):
    """How far the work on a batch is; in a row of its own, written beside its transaction."""

    class Phase(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("import", "等待开始")
        READING = "reading", _("正在读取")
        CHECKING = "checking", _("正在核对")
        WRITING = "writing", _("正在写入")
        UNDOING = "undoing", _("正在撤销")

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True)
    phase = models.TextField(choices=Phase, default=Phase.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)


class RememberedMap(models.Model):
    """What was chosen for files with this header, so that it need not be chosen again."""

    what = models.TextField()
    kind = models.TextField(default="")
    header_digest = models.TextField()
    choices = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["what", "kind", "header_digest"], name="imports_map_of_header"
            ),
        ]
