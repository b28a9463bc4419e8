"""What the pages of subjects may be asked for and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from huiyin.core.words import YEARS


class EventForm(forms.Form):
    """That something happened, and when; without a moment it is now.

    ``wrong``: of the subject's fields that were sent with it, see ``Learning.wrong``.
    """

    wrong: Mapping[str, Sequence[str]] = {}

    event = forms.CharField(label=_("事件"), max_length=60)
    happened_at = forms.DateTimeField(
        label=_("发生时间"), required=False, help_text=_("不填就是现在。"),
        # Programs write 1900 and the like for nothing.
        validators=[MinValueValidator(datetime(YEARS[0], 1, 1, tzinfo=UTC), _("请核对年份。"))],
    )  # fmt: skip


class VoidForm(forms.Form):
    """Why an event is taken back."""

    reason = forms.CharField(label=_("撤销的原因"), max_length=200)
