"""Inserting one row."""

from functools import cache
from typing import Any, cast

from django.db import connection
from django.db.models import Field, JSONField, Model


def insert(model: type[Model], *, unless_taken: bool = False, **values: Any) -> Any:
    """Insert a row and return its primary key. A column that is not named gets the model's default.

    With ``unless_taken`` a row that a constraint forbids is left out, and ``None`` returned: one statement decides, whatever
    else happens at the same time. Without, it raises ``IntegrityError``.
    """
    sql, fields = _statement(model, unless_taken, connection.vendor)
    row = [_value(field, values) for field in fields]
    if values:
        raise TypeError(f"{model.__name__} has no column {', '.join(values)}")
    with connection.cursor() as cursor:
        cursor.execute(sql, row)
        returned = cursor.fetchall()
    return returned[0][0] if returned else None


@cache
def _statement(model: type[Model], unless_taken: bool, vendor: str) -> tuple[str, list["Field[Any, Any]"]]:
    quote = connection.ops.quote_name
    meta = model._meta  # noqa: SLF001  (public, for all its name)
    fields = [field for field in meta.concrete_fields if not _is_counted(field)]
    columns = ", ".join(quote(cast("str", field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    conflict = " ON CONFLICT DO NOTHING" if unless_taken else ""
    key = quote(cast("str", meta.pk.column))
    table = quote(meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places}){conflict} RETURNING {key}"  # noqa: S608  (names of ours)
    return sql, fields


def _is_counted(field: "Field[Any, Any]") -> bool:
    return field.primary_key and field.db_returning


def _value(field: "Field[Any, Any]", values: dict[str, Any]) -> Any:
    value = values.pop(field.attname) if field.attname in values else field.get_default()
    if type(value) in _PLAIN and not isinstance(field, JSONField):
        return value  # the driver takes it as it is
    return field.get_db_prep_save(value, connection)


_PLAIN = (str, int, bytes, type(None))
