"""What the pages of subjects may be asked for and told."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _


class EventForm(forms.Form):
    """That something happened, and when; without a moment it is now."""

    event = forms.CharField(label=_("事件"), max_length=60)
    happened_at = forms.DateTimeField(
        label=_("发生时间"), required=False, help_text=_("不填就是现在。"),
        # Before it no zone is sure, and the first year of all cannot be turned into UTC.
        validators=[MinValueValidator(datetime(1900, 1, 1, tzinfo=UTC))],
    )  # fmt: skip


class VoidForm(forms.Form):
    """Why an event is taken back."""

    reason = forms.CharField(label=_("撤销的原因"), max_length=200)
