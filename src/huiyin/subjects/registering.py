"""One subject registered by hand, about a customer: a repair order that was just called in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.core.errors import Invalid
from huiyin.core.locks import lock
from huiyin.core.signs import as_code
from huiyin.core.words import read_moment, wrong_moment, wrong_words
from huiyin.customers.models import Customer
from huiyin.ledger.models import SKEW
from huiyin.records import backdating
from huiyin.records.answers import read_fields
from huiyin.records.typed import is_free_text
from huiyin.subjects import holders, queries, services
from huiyin.subjects.declared import Kind
from huiyin.subjects.services import NUMBER_LENGTH, NewSubject
from huiyin.ui.fields import Control, from_pack

PREFIX = "f-"
"""Before a pack's field in the form, so that none can be taken for a word of ours."""

REPORTED = "reported_at"
"""When it was called in, where that was earlier than it is registered."""

BY_HAND = (
    "text",
    "choice",
    "choice_ordered",
    "number",
    "money",
    "date",
    "datetime",
    "boolean",
    "person",
)
"""Types of fields that the form offers; what a subject is made from is told elsewhere."""


@dataclass(frozen=True)
class Registration:
    """The form for one subject of a kind, empty or with what was sent."""

    kind: Kind
    customer: Customer
    sent: Mapping[str, str]

    @transaction.atomic
    def register(self, *, by: int, now: datetime) -> int:
        """The target's id. It belongs where its customer does. Raises Invalid by field.

        Without a number of the firm's own it gets one of the day: 20260302-01.
        """
        number = as_code(self.sent.get("number", ""))
        given = {name: self.sent.get(PREFIX + name, "") for name in self._fields}
        [(values, wrong)] = read_fields(self.kind.fields, [given], zone=zone())
        [misnamed] = holders.misnamed(self.kind, [(values, self.customer.target.unit_id)])
        errors = {PREFIX + name: messages for name, messages in (misnamed | wrong).items()}
        reported, wrong_moment = self._reported(now)
        if wrong_moment:
            errors[REPORTED] = [wrong_moment]
        why = backdating.read_reason(self.sent)
        errors |= self._wrong_reason(why, reported or now, now=now)
        lock(f"{self.kind.key}.number")
        number = number or self._next(now)
        if said := self._wrong_number(number):
            errors["number"] = [said]
        if errors:
            raise Invalid(errors)
        target = self.customer.target
        row = NewSubject(
            number,
            given,
            self.customer.pk,
            (),
            target.unit_id,
            target.owner_id,
            reported,
            note=backdating.said(why),
        )
        [id] = services.register(self.kind.key, [row], by=by, now=now)
        return id

    def controls(self, errors: Mapping[str, Sequence[Any]], *, now: datetime) -> list[Control]:
        offered = holders.offered(self.kind, self.customer.target.unit_id, at=now)
        number = {
            "value": self.sent.get("number", ""),
            "help": _("不填就按日期编一个。"),
            "errors": errors.get("number", ()),
        }
        reported = {
            "value": self.sent.get(REPORTED, ""),
            "help": _("不填就是现在。早先报来的在这里补上时间，之后的事不能早于它。"),
            "errors": errors.get(REPORTED, ()),
        }
        told = [
            Control.of("datetime", REPORTED, _("登记时间"), reported),
            backdating.control(self.sent, errors),
        ]
        return [
            Control.of("text", "number", self._number_title, number),
            *(told if self.kind.reported else ()),
        ] + [
            from_pack(
                spec,
                {
                    "name": PREFIX + name,
                    "value": self.sent.get(PREFIX + name, ""),
                    "errors": errors.get(PREFIX + name, ()),
                }
                | offered.of(name)
                | ({"kind": "textarea", "rows": 2} if is_free_text(spec) else {}),
            )
            for name, spec in self._fields.items()
        ]

    @property
    def labels(self) -> dict[str, str]:
        titles = {PREFIX + name: self.kind.field_title(name) for name in self._fields}
        return titles | {
            "number": self._number_title,
            REPORTED: _("登记时间"),
            backdating.FIELD: _("补录原因"),
        }

    @property
    def _number_title(self) -> str:
        return _("%(kind)s编号") % {"kind": self.kind.title}

    @property
    def _fields(self) -> dict[str, Any]:
        return {name: spec for name, spec in self.kind.fields.items() if spec.type in BY_HAND}

    def _reported(self, now: datetime) -> tuple[datetime | None, str]:
        """When it was reported, if that is told; and what is wrong with it."""
        written = self.sent.get(REPORTED, "").strip() if self.kind.reported else ""
        if not written:
            return None, ""
        moment = read_moment(written, zone())
        if moment is None:
            return None, wrong_moment(written)
        if moment > now + SKEW:
            return None, _("时间在将来，尚未发生的事不能登记。")
        return moment, ""

    def _wrong_reason(self, why: str, reported: datetime, *, now: datetime) -> dict[str, list[str]]:
        """What was called in long ago says why it is entered only now."""
        return backdating.wrong_reason(
            why, of=f"{self.kind.key}.registered", about=self.customer.pk,
            happened_at=reported, now=now,
        )  # fmt: skip

    def _wrong_number(self, number: str) -> str:
        if wrong := wrong_words(number, most=NUMBER_LENGTH):
            return wrong[0]
        if queries.numbers_taken(self.kind.key, [number]):
            return _("编号“%(number)s”已有或重复。") % {"number": number}
        return ""

    def _next(self, now: datetime) -> str:
        """The next number of the day; a hundred more are looked through in one statement."""
        day = f"{now.astimezone(zone()):%Y%m%d}-"
        first = 1
        while True:
            wanted = [f"{day}{n:02d}" for n in range(first, first + 100)]
            taken = queries.numbers_taken(self.kind.key, wanted)
            if free := [number for number in wanted if number not in taken]:
                return free[0]
            first += 100
