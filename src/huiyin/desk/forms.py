"""The shape of an adoption's proposal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from huiyin.adoption.models import Adoption
from huiyin.core.words import wrong_form


class AdoptionForm(forms.Form):
    """Which pack, from which day in the firm's zone, and whether on trial."""

    pack = forms.ChoiceField(label=_("制度包"))
    starts_on = forms.DateField(
        label=_("施行日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 12, 31))],
    )
    mode = forms.ChoiceField(label=_("方式"), choices=Adoption.Mode.choices)

    start = forms.ChoiceField(label=_("已登记的事实"), choices=Adoption.Start.choices)

    def __init__(
        self, data=None, *, packs: Sequence[tuple[str, str]], now: datetime, zone: ZoneInfo
    ) -> None:  # type: ignore[no-untyped-def]
        super().__init__(data, initial={"starts_on": now.astimezone(zone).date().isoformat()})
        self.fields["pack"].choices = list(packs)

    def require_valid(self) -> None:
        """Raises Invalid with the messages by field."""
        if not self.is_valid():
            raise wrong_form(self)


class DayForm(forms.Form):
    """The day, in the firm's zone, on which somebody's posts are asked for."""

    day = forms.DateField(
        label=_("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 12, 31))],
    )
