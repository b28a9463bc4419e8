"""What became known with an event, told by hand: fields of its subject beside the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.records.answers import read_fields
from huiyin.records.typed import is_free_text, said
from huiyin.subjects import holders
from huiyin.subjects.declared import Kind
from huiyin.subjects.holders import Offered
from huiyin.subjects.registering import BY_HAND, PREFIX
from huiyin.ui.fields import Control, from_pack


@dataclass(frozen=True)
class Learning:
    """The fields that an event may bring, empty or with what was sent; what is left empty stays.

    ``known`` are the subject's fields. Somebody who is named already is no news of an event: who
    is kept from a duty by it, as the repairer from the visit, would name another.
    """

    kind: Kind
    event: str
    known: Mapping[str, Any]
    sent: Mapping[str, str]

    @property
    def fields(self) -> dict[str, Any]:
        return {
            name: field
            for name, field in self.kind.fields.items()
            if field.type in BY_HAND and (field.type != "person" or self.known.get(name) is None)
        }

    @property
    def asks_for_people(self) -> bool:
        return any(field.type == "person" for field in self.fields.values())

    @property
    def labels(self) -> dict[str, str]:
        return {self._key(name): self.kind.field_title(name) for name in self.fields}

    def given(self) -> dict[str, str]:
        """What was filled in, by field key."""
        texts = {name: self.sent.get(PREFIX + name, "") for name in self.fields}
        return {name: text for name, text in texts.items() if text.strip()}

    def wrong(self, unit: int | None) -> dict[str, list[str]]:
        """What is wrong with it on top of all that is known, as ``<event>-<field>``."""
        given = self.given()
        if not given:
            return {}
        before = {name: v for name, v in self.known.items() if name in self.kind.fields}
        [(values, wrong)] = read_fields(self.kind.fields, [before | given], zone=zone())
        told = {name: values.get(name) for name in given}
        [misnamed] = holders.misnamed(self.kind, [(told, unit)])
        return {self._key(name): messages for name, messages in (misnamed | wrong).items()}

    def controls(self, errors: Mapping[str, Sequence[Any]], *, offered: Offered) -> list[Control]:
        return [
            from_pack(
                field,
                {
                    "name": PREFIX + name,
                    "id": f"field-{self._key(name)}",
                    "value": self.sent.get(PREFIX + name, ""),
                    "required": False,
                    "help": self._now(name),
                    "errors": errors.get(self._key(name), ()),
                }
                | offered.of(name)
                | ({"kind": "textarea", "rows": 2} if is_free_text(field) else {}),
            )
            for name, field in self.fields.items()
        ]

    def _now(self, name: str) -> str:
        value = self.known.get(name)
        if value in (None, ""):
            return ""
        return _("现在是：%s") % said(self.fields[name], value, {})

    def _key(self, name: str) -> str:
        return f"{self.event}-{name}"
