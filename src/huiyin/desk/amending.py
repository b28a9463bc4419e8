"""更改记录: a filed form with its answers as they stand, to be mended by a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import people_around
from huiyin.records import forms
from huiyin.records.models import Record
from huiyin.records.queries import form_of, names, own_values
from huiyin.records.services import WHY_AMENDED
from huiyin.records.typed import people_in


@dataclass(frozen=True)
class Amending:
    """The newest version of a record, and whom its fields may name."""

    record: Record
    now: datetime

    @cached_property
    def form(self) -> Any:
        return form_of(self.record)

    @property
    def draft(self) -> str:
        return f"amendment-{self.record.pk}"

    @property
    def labels(self) -> dict[str, str]:
        return forms.labels(self.form) | {WHY_AMENDED: _("更改的原因")}

    @cached_property
    def people(self) -> list[tuple[int, str]]:
        """Who works there, and whom the record names already."""
        around = dict(people_around(self.record.about.unit_id, at=self.now))
        named = people_in(self.form.fields, own_values(self.record))
        return list((names(named) | around).items())

    def context(
        self,
        *,
        key: str,
        sent: forms.Sent | None = None,
        post: QueryDict | None = None,
        errors: Mapping[str, Sequence[Any]] | None = None,
    ) -> dict[str, Any]:
        """The page's variables; after a refusal with everything that was entered."""
        errors = errors or {}
        return {
            "record": self.record,
            "title": self.form.title.say(get_language() or "zh"),
            "key": key,
            "draft": self.draft,
            "errors": errors,
            "controls": forms.controls(
                self.form,
                sent=sent,
                prefill=forms.entered(self.record) if sent is None else None,
                errors=errors,
                people=self.people,
                kept=forms.pictured(self.record),
            ),
            "why_name": WHY_AMENDED,
            "why": (post or QueryDict()).get(WHY_AMENDED, ""),
            "why_errors": errors.get(WHY_AMENDED, ()),
        }
