"""Columns that keep their text encrypted."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from huiyin.core import crypto


class EncryptedText(models.TextField):
    """Text that is encrypted in the table and plain in Python, bound to its table and column.

    It cannot be searched: keep a blind index beside it. An empty text stays empty.
    """

    @property
    def place(self) -> str:
        """What a ciphertext is bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return crypto.decrypt(self.place, value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return crypto.encrypt(self.place, text) if text else text

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise NotImplementedError(f"{self.place} is encrypted: search by its blind index")
        return super().get_lookup(lookup_name)


class EncryptedJson(EncryptedText):
    """A JSON value that is encrypted in the table. An empty column is None."""

    # What type checkers are to believe of an attribute of a model.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any
    _encode = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value("" if value is None else self._encode(value))
