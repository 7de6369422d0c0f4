"""Up to which serial the trail is settled: no entry with this serial or a lower one can still appear."""

from time import sleep
from typing import Final

from django.db import connection
from django.db.models import Max

from strongroom.audit.models import Entry
from strongroom.kernel import clock

_POLL: Final = 0.01  # seconds

# Whoever inserts an entry holds this lock from before the serial is drawn to the end of the transaction.
_WRITERS_SQL: Final = (
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND relation = %s::regclass AND pid IS DISTINCT FROM pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def settled(*, patience: float = 1.0) -> int | None:
    """The serial, 0 of an empty trail; ``None`` if transactions that may hold a lower one last longer than ``patience`` seconds.

    On SQLite there is one writer at a time, so serials appear in their order. On PostgreSQL a transaction draws its serial
    before it commits: so all that write at this moment are waited for, and none is held up by it.
    """
    newest = Entry.objects.aggregate(newest=Max("serial"))["newest"] or 0
    if connection.vendor != "postgresql":
        return newest
    deadline = clock.monotonic() + patience
    waited_for = _writers()
    while waited_for:
        if clock.monotonic() > deadline:
            return None
        sleep(_POLL)
        waited_for &= _writers()
    return newest


def _writers() -> set[str]:
    """The transactions that may have drawn a serial and not committed it."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS_SQL, [Entry._meta.db_table])  # noqa: SLF001  (public, for all its name)
        return {row[0] for row in cursor.fetchall()}
