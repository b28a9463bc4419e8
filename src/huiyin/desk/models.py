"""What people keep of the lists they work with: views, and sheets that are being made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.accounts.models import Person, Position
from huiyin.core.fields import EncryptedText
from huiyin.desk.querysets import ExportQuerySet, SavedViewQuerySet


class SavedView(models.Model):
    """A list as somebody wants to see it again: the address of what was asked, under a name.

    It holds no rows: whoever opens it sees what he may see. `is_default` opens with the room,
    `pinned` stands above the list, `shared_with` offers it to everybody in a position.
    """

    owner = models.ForeignKey(Person, models.PROTECT, related_name="saved_views")
    room = models.TextField()
    name = models.CharField(_("名称"), max_length=40)
    query = models.TextField(blank=True, default="")
    pinned = models.BooleanField(_("放在列表上方"), default=True)
    is_default = models.BooleanField(_("打开这个房间时先看它"), default=False)
    shared_with = models.ForeignKey(
        Position, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("共享给岗位"),
    )  # fmt: skip
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "room", "name"], name="desk_saved_view_name_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "room"],
                condition=Q(is_default=True),
                name="desk_saved_view_one_default",
            ),
        ]


class Export(models.Model):
    """A long sheet on its way, or lying ready for the one who asked for it.

    `query` may hold a name or a number that was searched for, so it is encrypted; the sheet
    itself goes after a week.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("export", "排队中")
        RUNNING = "running", pgettext_lazy("export", "生成中")
        READY = "ready", pgettext_lazy("export", "可下载")
        FAILED = "failed", pgettext_lazy("export", "没有完成")

    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="exports")
    requested_at = models.DateTimeField()
    room = models.TextField()
    query = EncryptedText(blank=True, default="")
    language = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    rows = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    file_name = models.TextField(blank=True, default="")
    content = models.BinaryField(null=True)
    ready_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="desk_export_ready_has_its_sheet",
                condition=Q(state="ready", content__isnull=False, ready_at__isnull=False)
                | ~Q(state="ready"),
            ),
        ]
        indexes = [models.Index(fields=["requested_by", "-id"], name="desk_export_of_person")]
