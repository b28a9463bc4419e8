"""What a list of customers may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


class ListForm(forms.Form):
    """Search, class and page; anything that does not fit is as if it were not asked."""

    q = forms.CharField(required=False, max_length=80)
    after = forms.CharField(required=False, max_length=400)

    def __init__(self, data: Any, *, classes: Mapping[str, str]) -> None:
        super().__init__(data)
        # `class` is no name for a Python attribute, but the right word in an address.
        self.fields["class"] = forms.ChoiceField(
            required=False, choices=[("", ""), *classes.items()]
        )
