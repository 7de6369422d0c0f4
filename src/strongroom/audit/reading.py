"""Entries and seals from the database, in the shapes in which they are proven."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from django.db import connection

from strongroom.audit.models import Entry, Seal
from strongroom.audit.proof import seal as proof
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Statement

_CHUNK: Final = 2000
_STATEMENT: Final = ("number", "first", "last", "count", "root", "previous", "time", "key")


def rows(*, after: int = 0, up_to: int | None = None) -> Iterator[Row]:
    """The entries with a serial above ``after`` and up to ``up_to`` (inclusive), by serial.

    Each chunk is a query of its own, so a long walk holds nothing open.
    """
    for _ in count():
        chunk = _chunk(after, up_to)
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1].serial


def row(serial: int) -> Row | None:
    """One entry, if it is there."""
    return next(rows(after=serial - 1, up_to=serial), None)


def seals(*, after: int = 0, leaves: bool = True) -> Iterator[proof.Seal]:
    """The seals with a number above ``after``, by number; without ``leaves`` those are left out."""
    columns = (*_STATEMENT, "signature", *(("leaves",) if leaves else ()))
    found = Seal.objects.filter(number__gt=after).order_by("number").values_list(*columns)
    for values in found.iterator(chunk_size=20):
        yield _seal(values)


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
    packed = bytes(values[9]) if len(values) > 9 else b""
    return proof.Seal(statement=statement, signature=values[8], leaves=proof.unpack(packed))


def _chunk(after: int, up_to: int | None) -> list[Row]:
    """By hand: a million entries are read to verify them, and the ORM takes longer than the proof."""
    quote = connection.ops.quote_name
    is_sqlite = connection.vendor == "sqlite"
    columns = ", ".join(
        "CAST(time AS text)" if name == "time" and is_sqlite else quote(name) for name in Row._fields
    )
    table = quote(Entry._meta.db_table)  # noqa: SLF001  (public, for all its name)
    bound, values = ("AND serial <= %s ", [after, up_to]) if up_to is not None else ("", [after])
    sql = f"SELECT {columns} FROM {table} WHERE serial > %s {bound}ORDER BY serial LIMIT {_CHUNK}"  # noqa: S608
    convert = _time_of_sqlite if is_sqlite else timestamp
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Row(found[0], convert(found[1]), *found[2:]) for found in cursor.fetchall()]


def _time_of_sqlite(text: str) -> str:
    """``2026-01-31 12:00:00.000001`` or without the fraction; what is neither stays, and is found to be changed."""
    whole = text if len(text) > 19 else f"{text}.000000"
    return f"{whole[:10]}T{whole[11:]}Z"
