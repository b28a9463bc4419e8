"""A column type that Django does not know."""

from typing import Any

from django.db import models


class TransactionId(models.Func):
    """The id of the running transaction."""

    function = "pg_current_xact_id"
    arity = 0

    def __init__(self) -> None:
        super().__init__(output_field=Xid8Field())


class Xid8Field(models.Field):
    """A transaction id that never wraps. Seals order by it, because a sequence races commits."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(value)
