"""Who downloads what from a private site: kept in memory for a moment, written in batches, one row for each hour.

A download is answered whether or not it can be written (design, D15). What is not written yet is lost with the process, where
that ends without a word: at most the last second, or what came since the database went away.
"""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, connection, transaction

from strongroom.audit import trail
from strongroom.audit.models import Download
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind

MOST: Final = 50_000
"""Rows that are kept in memory, while the database is away, some 30 MB."""

_HOUR: Final = 3600  # seconds

_log = logging.getLogger(__name__)


class _Key(NamedTuple):
    """What a row is of. In this order they are written, so that nodes that write at once never wait for each other in a ring."""

    sha256: str
    hour: int  # since 1970-01-01T00:00:00Z
    user_id: int
    credential: str
    address: str


@dataclass(slots=True)
class _Row:
    filename: str
    username: str
    client: str
    first: datetime
    last: datetime
    count: int = 1

    def add(self, now: datetime, *, username: str, client: str) -> None:
        """Count one more in; the clock may have been set back."""
        if now >= self.last:
            self.last, self.client, self.username = now, client, username
        elif now < self.first:
            self.first = now
        self.count += 1

    def take(self, other: "_Row") -> None:
        """Count another row of the same key in."""
        if other.last > self.last:
            self.last, self.client, self.username = other.last, other.client, other.username
        self.first = min(self.first, other.first)
        self.count += other.count


class Downloads:
    """Told by the index of what begins (``index.ports.Downloads``); ``flush`` writes it down. For any thread.

    There are at most ``most`` rows. What does not fit loses its address, oldest first, and joins the row of the same
    reader without one; what has none, is dropped, and that is logged.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._rows: OrderedDict[_Key, _Row] = OrderedDict()
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._rows)

    def begun(self, sha256: str, filename: str, *, by: Actor) -> None:
        """Count one download by somebody who is known. Neither blocks for long nor raises."""
        now = clock.now()
        key = _Key(
            sha256=sha256,
            hour=int(now.timestamp()) // _HOUR,
            user_id=by.user_id or 0,
            credential=by.credential if by.kind is ActorKind.TOKEN else "",
            address=by.origin.address,
        )
        client = by.origin.client[: trail.MAX_CLIENT]
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                found.add(now, username=by.username, client=client)
            else:
                self._put(key, _Row(filename, by.username, client, now, now))

    def flush(self) -> None:
        """Write all down in one transaction; raises ``DatabaseError`` where that fails, and keeps it for the next time."""
        with self._lock:
            rows, self._rows = self._rows, OrderedDict()
            dropped, self._dropped = self._dropped, 0
        if dropped:
            _log.error(
                "downloads were not recorded: the database was away too long", extra={"count": dropped}
            )
        if not rows:
            return
        try:
            _write(rows)
        except BaseException:
            self._give_back(rows)
            raise

    def close(self) -> None:
        """Write the last ones down; where that fails, they are lost, and that is logged."""
        try:
            self.flush()
        except DatabaseError:
            lost = sum(row.count for row in self._rows.values())
            _log.exception("the last downloads were not recorded", extra={"count": lost})

    def _give_back(self, rows: "OrderedDict[_Key, _Row]") -> None:
        """What came meanwhile is newer."""
        with self._lock:
            newer, self._rows = self._rows, rows
            for key, row in newer.items():
                self._put(key, row)

    def _put(self, key: _Key, row: _Row) -> None:
        found = self._rows.get(key)
        if found is not None:
            found.take(row)
            return
        self._rows[key] = row
        while len(self._rows) > self._most:
            self._shrink()

    def _shrink(self) -> None:
        key, row = self._rows.popitem(last=False)
        if not key.address:
            self._dropped += row.count
            return
        nowhere = key._replace(address="")
        found = self._rows.setdefault(nowhere, row)
        if found is not row:
            found.take(row)
        self._rows.move_to_end(nowhere)


def _write(rows: "OrderedDict[_Key, _Row]") -> None:
    statement, fields = _statement(connection.vendor)
    parameters = [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, _values(key, row), strict=True)
        ]
        for key, row in sorted(rows.items(), key=lambda item: item[0])
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, parameters)


def _values(key: _Key, row: _Row) -> tuple[Any, ...]:
    hour = datetime.fromtimestamp(key.hour * _HOUR, UTC)
    return (
        key.sha256,
        hour,
        *key[2:],
        row.filename,
        row.username,
        trail.printable(row.client),
        row.first,
        row.last,
        row.count,
    )


_COLUMNS: Final = (*_Key._fields, "filename", "username", "client", "first", "last", "count")

# One statement decides (design, D1): other processes and nodes count into the same row.
_SQL: Final = (
    "INSERT INTO {table} ({columns}) VALUES ({places})"
    " ON CONFLICT (sha256, hour, user_id, credential, address) DO UPDATE SET"
    " {count} = {table}.{count} + excluded.{count},"
    " {first} = CASE WHEN excluded.{first} < {table}.{first} THEN excluded.{first} ELSE {table}.{first} END,"
    " {last} = CASE WHEN excluded.{last} > {table}.{last} THEN excluded.{last} ELSE {table}.{last} END,"
    " username = excluded.username, client = excluded.client"
)


@cache
def _statement(_vendor: str) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    meta = Download._meta  # noqa: SLF001  (public, for all its name)
    statement = _SQL.format(
        table=quote(meta.db_table),
        columns=", ".join(quote(name) for name in _COLUMNS),
        places=", ".join(["%s"] * len(_COLUMNS)),
        **{name: quote(name) for name in ("count", "first", "last")},
    )
    return statement, [meta.get_field(name) for name in _COLUMNS]
