"""A queryset of whole rows with open places, compiled at its first use."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from strongroom.prepared.query import Query, Row, Value

M = TypeVar("M", bound=Model)


class Fetch(Generic[M]):
    """``Fetch(Model, build, name=str)``: like ``Query``, for model instances. What they refer to is fetched when asked for."""

    def __init__(self, model: type[M], build: Callable[..., QuerySet[M]], **kinds: type[Value]) -> None:
        self._model = model
        self._query = Query(lambda **values: build(**values).values_list(*self._columns), **kinds)

    def first(self, **values: Value) -> M | None:
        """The first row for these values, ``None`` where there is none."""
        row = self._query.first(**values)
        return self._made(row) if row is not None else None

    def all(self, **values: Value) -> list[M]:
        """All rows for these values."""
        return [self._made(row) for row in self._query.all(**values)]

    def _made(self, row: Row) -> M:
        return self._model.from_db(connection.alias, self._columns, row)

    @cached_property
    def _columns(self) -> list[str]:
        return [field.attname for field in self._model._meta.concrete_fields]  # noqa: SLF001  (public, for all its name)
