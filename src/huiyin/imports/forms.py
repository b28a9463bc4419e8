"""What a browser sends of an import: the file, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huiyin.core.errors import Invalid
from huiyin.imports.mapping import HISTORY, Choices
from huiyin.imports.uploads import Head

REFUSE = "-"
"""Chosen for a text that means nothing that can be taken: its rows are refused."""


class UploadForm(forms.Form):
    """A file, and what it is to be taken for: `what`, or `what:kind` where there are several."""

    what = forms.ChoiceField(label=_("导入什么"))
    # An empty one is told what every other file that is no table is told.
    file = forms.FileField(label=_("表格文件"), allow_empty_file=True)

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered

    def checked(self) -> dict[str, Any]:
        """What was sent. Raises Invalid by field."""
        if not self.is_valid():
            raise Invalid({name: list(said) for name, said in self.errors.items()})
        return self.cleaned_data


def read_choices(post: QueryDict, head: Head) -> Choices:
    """What was chosen, as it was sent; whether it is right is decided later."""
    header = header_row(post.get("header", ""), head)
    titles = head.titles(header)
    sent = {key: value.strip() for key, value in post.items() if value.strip()}
    columns = {
        at: sent[f"column-{at}"] for at in range(1, len(titles) + 1) if f"column-{at}" in sent
    }
    return Choices(
        header=header,
        titles=titles,
        columns=columns,
        constants=_below("constant-", sent),
        values=_translations(sent),
        between=post.get("between", "-")[:10],
        mode=sent.get("mode", HISTORY),
        beside={
            name: int(at) if at.isascii() and at.isdigit() and len(at) < 5 else 0
            for name, at in _below("beside-", sent).items()
        },
        front=sent.get("front", ""),
    )


def header_row(text: str, head: Head) -> int:
    """The row that was named as header, if the file has it; else the one that was found."""
    number = int(text) if text.isdecimal() and len(text) < 4 else 0
    return number if 1 <= number <= len(head.rows) else head.header


def _below(prefix: str, sent: Mapping[str, str]) -> dict[str, str]:
    return {
        key.removeprefix(prefix): value for key, value in sent.items() if key.startswith(prefix)
    }


def _translations(sent: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`value-NAME:N` is what the text `text-NAME:N` means."""
    found: dict[str, dict[str, str]] = {}
    for key, meaning in _below("value-", sent).items():
        text = sent.get(f"text-{key}")
        if text:
            found.setdefault(key.rpartition(":")[0], {})[text] = meaning
    return found
