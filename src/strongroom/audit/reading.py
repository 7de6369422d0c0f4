"""Entries and seals from the database, in the shapes in which they are proven."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, connection
from django.db.models import Model

from strongroom.audit.models import Entry, Seal
from strongroom.audit.proof import seal as proof
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Statement

_CHUNK: Final = 2000
_SEALS: Final = 20  # each with 40 kB of leaves
_STATEMENT: Final = ("number", "first", "last", "count", "root", "previous", "time", "key")


def rows(*, after: int | None = None, up_to: int | None = None) -> Iterator[Row]:
    """The entries with a serial above ``after`` and up to ``up_to`` (inclusive), by serial.

    Each chunk is a query of its own, so a long walk holds nothing open.
    """
    for _ in count():
        chunk = _chunk(after, up_to)
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1].serial


def spans(size: int) -> Iterator[tuple[int | None, int | None]]:
    """``after`` and ``up_to`` of ``rows``, again and again: each time ``size`` entries, in the end what is left."""
    last: int | None = None
    for _ in count():
        serials = Entry.objects.order_by("serial").values_list("serial", flat=True)
        behind = serials if last is None else serials.filter(serial__gt=last)
        after, last = last, behind[size - 1 : size].first()
        yield after, last
        if last is None:
            return


def row(serial: int) -> Row | None:
    """One entry, if it is there."""
    return next(rows(after=serial - 1, up_to=serial), None)


def seals(*, after: int | None = None, leaves: bool = True) -> Iterator[proof.Seal]:
    """The seals with a number above ``after``, by number; without ``leaves`` those are left out.

    Those that are there when it begins: of entries that are read later none is missing in their ranges. Each chunk is a
    query of its own.
    """
    columns = (*_STATEMENT, "signature", *(("leaves",) if leaves else ()))
    table = connection.ops.quote_name(Seal._meta.db_table)  # noqa: SLF001  (public, for all its name)
    newest = _fetch(f"SELECT MAX(number) FROM {table}", [])[0][0]  # noqa: S608
    while newest is not None:
        query = _Query(Seal, columns, "number", _SEALS, {"number > %s": after, "number <= %s": newest})
        chunk = _fetched(query)
        yield from map(_seal, chunk)
        if len(chunk) < _SEALS:
            return
        after = chunk[-1][0]


def seal_of(serial: int) -> proof.Seal | None:
    """The seal in whose range an entry lies."""
    columns = (*_STATEMENT, "signature", "leaves")
    found = Seal.objects.filter(first__lte=serial, last__gte=serial).order_by("number")
    values = found.values_list(*columns).first()
    return _seal(values) if values else None


def newest_seal() -> Statement | None:
    """What the newest seal says."""
    values = Seal.objects.order_by("-number").values_list(*_STATEMENT).first()
    return Statement(**dict(zip(_STATEMENT, values, strict=True))) if values else None


def timestamp(moment: datetime) -> str:
    """A time as proofs spell it: RFC 3339 in UTC with six decimals."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _seal(values: tuple[Any, ...]) -> proof.Seal:
    statement = Statement(**dict(zip(_STATEMENT, values, strict=False)))
    packed = values[9] if len(values) > 9 else b""
    leaves = proof.unpack(bytes(packed)) if isinstance(packed, bytes | memoryview) else {}
    return proof.Seal(statement=statement, signature=values[8], leaves=leaves)


class _Query(NamedTuple):
    """By hand: a million entries are read to verify them, and the ORM takes longer than the proof."""

    model: type[Model]
    columns: tuple[str, ...]
    key: str
    limit: int
    bounds: dict[str, int | None]

    def sql(self, *, time: str = "") -> tuple[str, list[int]]:
        """The query and its values; ``time`` is the expression for that column."""
        quote = connection.ops.quote_name
        columns = ", ".join(time if time and name == "time" else quote(name) for name in self.columns)
        values = [value for value in self.bounds.values() if value is not None]
        where = " AND ".join(bound for bound, value in self.bounds.items() if value is not None) or "1 = 1"
        table = quote(self.model._meta.db_table)  # noqa: SLF001  (public, for all its name)
        sql = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {self.key} LIMIT {self.limit}"  # noqa: S608  (names of ours)
        return sql, values


def _chunk(after: int | None, up_to: int | None) -> list[Row]:
    query = _Query(Entry, Row._fields, "serial", _CHUNK, {"serial > %s": after, "serial <= %s": up_to})
    return list(map(Row._make, _fetched(query, time=_TIMES[connection.vendor])))


# The database spells times as ``timestamp`` does. What is no time there is spelled as none is: it is found to be changed.
_TIMES: Final = {
    "postgresql": (
        "CASE WHEN time BETWEEN '0001-01-02Z' AND '9999-12-30Z'"
        " THEN to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') ELSE time::text END"
    ),
    "sqlite": (
        "CASE WHEN typeof(time) <> 'text' OR substr(time, 11, 1) <> ' ' THEN quote(time)"
        " WHEN length(CAST(time AS blob)) = 26 THEN substr(time, 1, 10) || 'T' || substr(time, 12) || 'Z'"
        " WHEN length(CAST(time AS blob)) = 19 THEN substr(time, 1, 10) || 'T' || substr(time, 12) || '.000000Z'"
        " ELSE quote(time) END"
    ),
}


def _fetched(query: _Query, *, time: str = "") -> list[tuple[Any, ...]]:
    """What is no UTF-8 in a column of SQLite is read with surrogates: it is found to be changed."""
    try:
        return _fetch(*query.sql(time=time))
    except DatabaseError:
        if connection.vendor != "sqlite":
            raise
    raw = connection.connection
    before = raw.text_factory
    raw.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        return _fetch(*query.sql(time=time))
    finally:
        raw.text_factory = before


def _fetch(sql: str, values: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
