"""COPY: the one way in which many rows, or one, are written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

# psycopg writes these as they are; asking Django for each cell costs more than the COPY itself.
PLAIN = (
    models.AutoField, models.BigAutoField, models.IntegerField, models.BigIntegerField,
    models.SmallIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
    models.CharField, models.TextField, models.BooleanField, models.DateTimeField,
    models.DateField, models.BinaryField, models.ForeignKey, models.OneToOneField,
)  # fmt: skip


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write `rows` into the model's table; `columns` are field or column names. Returns how many.

    Values pass through the fields' own preparation, so an encrypted column is encrypted here
    too. Columns that are not named take the database's default. Raises Django's database errors.
    """
    fields = [_field(model, name) for name in columns]
    converters = [(i, make) for i, field in enumerate(fields) if (make := _converter(field))]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in fields),
    )
    written = 0
    # Django does not translate what a COPY raises, as it does for a statement.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(_converted(row, converters))
            written += 1
    return written


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh ids from the table's sequence, ascending."""
    meta = model._meta
    assert meta.pk is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(meta.db_table), meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _field(model: type[models.Model], name: str) -> Any:
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname, field.column):
            return field
    raise LookupError(f"{model._meta.label} has no column {name!r}")


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if type(field) in PLAIN:
        return None
    if isinstance(field, models.JSONField):
        return _as_json
    return lambda value: field.get_db_prep_save(value, connection)


# One encoder for all cells: json.dumps makes a new one for each.
_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def _as_json(value: Any) -> str | None:
    return None if value is None else _encode(value)


def _converted(
    row: Sequence[Any], converters: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Sequence[Any]:
    if not converters:
        return row
    cells = list(row)
    for index, convert in converters:
        cells[index] = convert(cells[index])
    return cells
