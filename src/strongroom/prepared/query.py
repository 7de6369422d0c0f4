"""A queryset with open places, compiled at its first use."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = str | int | uuid.UUID
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: under which name it is given, and as what the driver wants it."""

    name: str
    kind: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]


class Query:
    """``Query(build, name=str)`` compiles ``build(name=...)`` once and asks it with other values.

    ``build`` returns a queryset of ``values_list``; each of its keywords is compared for equality with a column, as text,
    number or UUID. Where it does anything else with a value, the first use raises ``TypeError``.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type[Value]) -> None:
        self._build = build
        self._kinds = kinds
        self._compiled: _Compiled | None = None

    def first(self, **values: Value) -> Row | None:
        """The first row for these values, ``None`` where there is none."""
        compiled = self._compiled or self._compile()
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, [_filled(parameter, values) for parameter in compiled.parameters])
            row = cursor.fetchone()
        return _converted(row, compiled) if row is not None else None

    def all(self, **values: Value) -> list[Row]:
        """All rows for these values."""
        compiled = self._compiled or self._compile()
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, [_filled(parameter, values) for parameter in compiled.parameters])
            return [_converted(row, compiled) for row in cursor.fetchall()]

    def _compile(self) -> _Compiled:
        samples = {name: _sample(kind, index) for index, (name, kind) in enumerate(self._kinds.items())}
        queryset = self._build(**samples)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        places = {_adapted(sample): name for name, sample in samples.items()}
        opened = [_opened(parameter, places) for parameter in parameters]
        if {place.name for place in opened if isinstance(place, _Place)} != set(samples):
            raise TypeError("a value of a prepared query is not compared for equality")
        found = compiler.get_converters([column for column, _, _ in compiler.select])
        converters = [(index, functions, column) for index, (functions, column) in found.items()]
        self._compiled = _Compiled(sql, opened, converters)
        return self._compiled


def _sample(kind: type[Value], index: int) -> Value:
    """A value that stands in no queryset but for this place."""
    if kind is uuid.UUID:
        return uuid.UUID(int=2**100 + index)
    return 2**31 - 1000 + index if kind is int else f"\ue000{index}"


def _opened(parameter: Any, places: Mapping[Any, str]) -> Any:
    name = places.get(parameter) if isinstance(parameter, Value) else None
    return _Place(name, type(parameter)) if name is not None else parameter


def _filled(parameter: Any, values: Mapping[str, Value]) -> Any:
    if not isinstance(parameter, _Place):
        return parameter
    value = _adapted(values[parameter.name])
    return value if type(value) is parameter.kind else parameter.kind(value)


def _adapted(value: Value) -> Any:
    """As the ORM hands it to the driver."""
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _converted(row: Sequence[Any], compiled: _Compiled) -> Row:
    values = list(row)
    for index, functions, column in compiled.converters:
        for function in functions:
            values[index] = function(values[index], column, connection)
    return tuple(values)
