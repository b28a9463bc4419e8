"""What the pages of subjects may be asked for and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huiyin.core.words import YEARS
from huiyin.ledger.models import SKEW
from huiyin.records import backdating
from huiyin.subjects.models import Subject


class EventForm(forms.Form):
    """That something happened, when, and when it became known; without a moment it is now.

    What was known long ago says why it is entered only now. ``wrong``: of the subject's fields that
    were sent with it, see ``Learning.wrong``.
    """

    wrong: Mapping[str, Sequence[str]] = {}
    reason = ""

    def __init__(self, sent: QueryDict, *, subject: Subject, now: datetime) -> None:
        super().__init__(sent)
        self._subject, self._now = subject, now

    event = forms.CharField(label=_("事件"), max_length=60)
    happened_at = forms.DateTimeField(
        label=_("发生时间"), required=False, help_text=_("不填就是现在。"),
        # Programs write 1900 and the like for nothing.
        validators=[MinValueValidator(datetime(YEARS[0], 1, 1, tzinfo=UTC), _("请核对年份。"))],
    )  # fmt: skip
    known_at = forms.DateTimeField(
        label=_("得知时间"), required=False,
        help_text=_("后来才知道的，写什么时候知道的；不填就是发生时就知道。"),
    )  # fmt: skip
    late_reason = forms.CharField(label=_("补录原因"), required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        happened_at = told.get("happened_at") or self._now
        known_at = told["known_at"] = told.get("known_at") or happened_at
        told["happened_at"] = happened_at
        if known_at < happened_at:
            self.add_error("known_at", gettext("得知时间不能早于发生时间。"))
        elif known_at > self._now + SKEW and happened_at <= self._now + SKEW:
            self.add_error("known_at", gettext("时间在将来，尚未发生的事不能登记。"))
        self.reason = backdating.read_reason(self.data)
        wrong = backdating.wrong_reason(
            self.reason,
            of=f"{self._subject.kind}.{told.get('event', '')}",
            about=self._subject.pk, happened_at=known_at, now=self._now,
        )  # fmt: skip
        for name, said in wrong.items():
            self.add_error(name, said)
        return told


class VoidForm(forms.Form):
    """Why an event is taken back."""

    reason = forms.CharField(label=_("撤销的原因"), max_length=200)
