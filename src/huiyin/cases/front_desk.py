"""登记事项: what reaches the front desk without a follow-up, by call, walk-in or letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.queries import people_around
from huiyin.cases import items, ways
from huiyin.cases.forms import origins
from huiyin.cases.given import Item
from huiyin.cases.items import Entry
from huiyin.core.errors import HuiyinError, Invalid
from huiyin.customers.models import Customer
from huiyin.records import backdating
from huiyin.subjects.declared import kind_of
from huiyin.subjects.models import Subject
from huiyin.ui.fields import Control

MOST = 20
"""Subjects of a customer that an item may be about."""


@dataclass(frozen=True)
class Desk:
    """The form for one item of a customer, empty or with what was sent."""

    customer: Customer
    sent: QueryDict
    entry: Entry
    subjects: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, customer: Customer, *, sent: QueryDict, now: datetime) -> Desk:
        people = people_around(customer.target.unit_id, at=now)
        rows = list(Subject.objects.filter(customer=customer.pk).order_by("-created_at")[:MOST])
        titles = {kind: kind_of(kind).title for kind in {row.kind for row in rows}}
        subjects = {str(row.pk): (row.pk, f"{titles[row.kind]} {row.number}") for row in rows}
        entry = Entry("item", list(ways.WAYS), people, sent, alone=True)
        return cls(customer, sent, entry, subjects)

    @property
    def draft(self) -> str:
        return f"intake-{self.customer.pk}"

    def item(self) -> Item:
        """What came in. Raises Invalid for what cannot be read."""
        return self.entry.item(timezone.get_current_timezone())

    def origin(self) -> str:
        """How it came in; raises Invalid."""
        origin = str(self.sent.get("origin", ""))
        if origin not in ways.ORIGINS:
            raise Invalid({"origin": [_("请选择是怎么来的。")]})
        return origin

    def about(self) -> int:
        """The subject that was chosen, else the customer; raises Invalid for one not offered."""
        chosen = str(self.sent.get("about", ""))
        if chosen and chosen not in self.subjects:
            raise Invalid({"about": [_("请从列出的里面选择。")]})
        return self.subjects[chosen][0] if chosen else self.customer.pk

    def named(self, error: HuiyinError) -> HuiyinError:
        """A service names the item's fields by their own words; here they stand behind ``item-``."""
        if not isinstance(error, Invalid):
            return error
        own = {f"item-{field}" for field in ("kind", "description", "severity", "answer")}
        own.add("item-promised_at")
        return Invalid(
            {f"item-{f}" if f"item-{f}" in own else f: said for f, said in error.errors.items()}
        )

    def context(
        self, *, key: str, errors: Mapping[str, Sequence[Any]] | None = None
    ) -> dict[str, Any]:
        """The page's variables; after a refusal with everything that was entered."""
        errors = errors or {}
        return {
            "customer": self.customer,
            "key": key,
            "draft": self.draft,
            "origin": origins(errors, self.sent),
            "fields": self.entry.controls(errors),
            "subjects": Control.of(
                "select",
                "about",
                _("关于哪一单"),
                {
                    "choices": list(self.subjects.values()),
                    "value": self.sent.get("about", ""),
                    "placeholder": _("不关于某一单"),
                    "errors": errors.get("about", ()),
                },
            ),
            "post": self.sent,
            "errors": errors,
        }

    def labels(self) -> dict[str, str]:
        return items.labels("item") | {
            "origin": _("怎么来的"),
            "about": _("关于哪一单"),
            "happened_at": pgettext("row", "提出时间"),
            backdating.FIELD: _("补录原因"),
        }
