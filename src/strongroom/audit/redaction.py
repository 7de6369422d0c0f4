"""Redacting parts of entries that are under a seal: the one place where what was recorded is changed.

The seal still holds: of a redacted part its hash stays (``proof.row``). An event says why, and it is there before the
first part is gone, so that whatever happens in between, each redaction is explained.
"""

from itertools import count
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from strongroom.audit import trail
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.audit.proof.row import EMPTY, FIELDS, part_hash
from strongroom.audit.sealed import last_sealed
from strongroom.kernel.actor import Actor
from strongroom.kernel.crashpoint import crashpoint

CHUNK: Final = 1000
"""Entries that are redacted in one transaction, so that nobody waits long to write."""

MOST: Final = 100_000
"""Entries that are redacted at one go."""


def redact(part: str, rows: QuerySet[Entry], *, explained_by: Event, by: Actor, most: int = MOST) -> int:
    """Redact ``part`` of those of ``rows`` that are under a seal, the oldest first; returns of how many, at most ``most``.

    ``explained_by`` is recorded in the transaction of the first of them, unless it was recorded since the newest of them, so
    that no copy of the trail that has them lacks it; it is not where there is nothing to do. Doing it again goes on
    where it was interrupted.
    """
    sealed = last_sealed()
    if not sealed:
        return 0
    waiting = rows.filter(holds(part), serial__lte=sealed).order_by("serial")
    after = done = 0
    for number in count():
        chunk = _read(part, waiting.filter(serial__gt=after), min(CHUNK, most - done))
        if not chunk:
            break
        with transaction.atomic():
            if number == 0:
                _explain(explained_by, since=_newest(waiting), by=by)
            _write(part, chunk)
        crashpoint("audit.redacting")
        after, done = chunk[-1]["serial"], done + len(chunk)
    return done


def holds(part: str) -> Q:
    """Entries of which ``part`` is still there."""
    return Q(**{f"{part}_salt__isnull": False})


def _read(part: str, rows: QuerySet[Entry], limit: int) -> list[dict[str, Any]]:
    return list(rows.values("serial", f"{part}_salt", *FIELDS[part])[:limit])


def _newest(rows: QuerySet[Entry]) -> int:
    return rows.order_by("-serial").values_list("serial", flat=True).first() or 0


def _explain(event: Event, *, since: int, by: Actor) -> None:
    facts = orjson.dumps(event.facts(), option=orjson.OPT_SORT_KEYS).decode()
    known = Entry.objects.filter(tag=event.tag, outcome="done", subject_id=event.subject_id, facts=facts)
    if not known.filter(serial__gte=since).exists():
        trail.record(event, by=by)


def _write(part: str, chunk: list[dict[str, Any]]) -> None:
    """Somebody else may redact the same entries now: whoever comes first has done it."""
    quote = connection.ops.quote_name
    empty = {name: EMPTY[name] for name in FIELDS[part]}
    setting = ", ".join(f"{quote(name)} = %s" for name in (f"{part}_hash", *empty))
    salt = quote(f"{part}_salt")
    sql = (
        f"UPDATE {quote(Entry._meta.db_table)} SET {setting}, {salt} = NULL"  # noqa: S608, SLF001  (names of ours)
        f" WHERE serial = %s AND {salt} IS NOT NULL"
    )
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(_hash(part, row), *empty.values(), row["serial"]) for row in chunk])


def _hash(part: str, row: dict[str, Any]) -> bytes:
    return part_hash(bytes(row[f"{part}_salt"]), {name: row[name] for name in FIELDS[part]})
