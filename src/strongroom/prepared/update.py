"""Changing rows by one statement, whose row count is often the decision (design, D1)."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model

_LESS = "__lt"


def update(model: type[Model], changes: Mapping[str, Any], **where: Any) -> int:
    """Set ``changes`` in the rows for which all of ``where`` holds; returns how many those are.

    Columns go by their attribute names (``user_id``). ``name__lt`` holds where the column is less than the value; a value
    of ``None`` stands for NULL. Raises ``KeyError`` for a column that is not there.
    """
    conditions = tuple((name, value is None) for name, value in where.items())
    sql, fields = _statement(model, tuple(changes), conditions, connection.vendor)
    given = [*changes.values(), *(value for value in where.values() if value is not None)]
    row = [field.get_db_prep_save(value, connection) for field, value in zip(fields, given, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, row)
        return int(cursor.rowcount)


@cache
def _statement(
    model: type[Model], changes: tuple[str, ...], conditions: tuple[tuple[str, bool], ...], vendor: str
) -> tuple[str, list["Field[Any, Any]"]]:
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  (public, for all its name)
    fields = [_field(model, name) for name in changes]
    setting = ", ".join(f"{_column(field)} = %s" for field in fields)
    tests = []
    for name, is_null in conditions:
        field = _field(model, name.removesuffix(_LESS))
        tests.append(
            f"{_column(field)} " + ("IS NULL" if is_null else "< %s" if name.endswith(_LESS) else "= %s")
        )
        fields += [] if is_null else [field]
    return f"UPDATE {table} SET {setting} WHERE {' AND '.join(tests)}", fields  # noqa: S608  (names of ours)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return {field.attname: field for field in model._meta.concrete_fields}[name]  # noqa: SLF001


def _column(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(cast("str", field.column))
