"""What somebody says of a view that he keeps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Position
from huiyin.core.words import wrong_form
from huiyin.desk.models import SavedView
from huiyin.desk.services import NAME_LENGTH, ViewForm


class SavedViewForm(forms.Form):
    """Name and use of a view; without a position it is shared with nobody."""

    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH)
    pinned = forms.BooleanField(label=_("放在列表上方"), required=False)
    is_default = forms.BooleanField(label=_("打开这个房间时先看它"), required=False)
    shared_with = forms.ModelChoiceField(
        Position.objects.order_by("code"), label=_("共享给岗位"), required=False
    )

    @classmethod
    def of(cls, view: SavedView) -> SavedViewForm:
        return cls(
            initial={
                "name": view.name,
                "pinned": view.pinned,
                "is_default": view.is_default,
                "shared_with": view.shared_with_id,
            }
        )

    def checked(self) -> ViewForm:
        """Raises Invalid with the messages by field."""
        if not self.is_valid():
            raise wrong_form(self)
        given: dict[str, Any] = self.cleaned_data
        position = given["shared_with"]
        return ViewForm(
            given["name"], given["pinned"], given["is_default"], position and position.pk
        )
