"""The shapes of what people say about the work calendar."""

from __future__ import annotations

import codecs
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts.calendar_notices import YEARS
from huiyin.core.errors import Invalid

MOST_BYTES = 200_000
MOST_WORKDAYS = 500
FIRST, LAST = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)


class CalendarForm(forms.Form):
    """A form whose mistakes are shown beside its fields, in our words."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.error_messages["max_length"] = _(
                "最多 %(limit_value)s 个字，现在有 %(show_value)s 个，请写短一些。"
            )
            if isinstance(field, forms.DateField):
                field.error_messages["min_value"] = _("不能早于 %(limit_value)s。")
                field.error_messages["max_value"] = _("不能晚于 %(limit_value)s。")

    def require_valid(self) -> dict[str, Any]:
        """What was entered, cleaned. Raises Invalid with the messages by field."""
        if not self.is_valid():
            raise Invalid({name: list(messages) for name, messages in self.errors.items()})
        return self.cleaned_data


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
    )


class DayForm(CalendarForm):
    """A day that the firm sees otherwise than the public calendar."""

    day = _day_field(gettext_lazy("日期"))
    worked = forms.ChoiceField(
        label=gettext_lazy("安排"),
        choices=[("off", gettext_lazy("休息")), ("on", gettext_lazy("上班"))],
    )
    reason = forms.CharField(label=gettext_lazy("原因"))


class NoticeForm(CalendarForm):
    """A file of days; cleaned it is its text."""

    file = forms.FileField(label=gettext_lazy("通知文件"))

    def clean_file(self) -> str:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise ValidationError(_("文件太大；一年的节假日只有几十行。"))
        return _decoded(given.read())


class ConfirmationForm(CalendarForm):
    source = forms.CharField(label=gettext_lazy("依据"))


class HoursForm(CalendarForm):
    end_of_work = forms.TimeField(label=gettext_lazy("下班时间"), input_formats=["%H:%M"])


class CountForm(forms.Form):
    """From which day how many working days are counted; backwards if there are less than none."""

    start = _day_field(gettext_lazy("起算日"))
    count = forms.IntegerField(
        label=gettext_lazy("工作日数"),
        validators=[MinValueValidator(-MOST_WORKDAYS), MaxValueValidator(MOST_WORKDAYS)],
    )


def labels() -> dict[str, str]:
    """Titles by field, for the summary of what has to be mended."""
    shapes = (DayForm, NoticeForm, ConfirmationForm, HoursForm, CountForm)
    return {name: str(field.label) for shape in shapes for name, field in shape.base_fields.items()}


def _decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or what Excel writes in China."""
    if content.startswith(b"PK"):
        raise ValidationError(_("这是 XLSX 工作簿，请在表格软件里另存为 CSV UTF-8。"))
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(_("文件不是文本表格，请在表格软件里另存为 CSV UTF-8。"))
