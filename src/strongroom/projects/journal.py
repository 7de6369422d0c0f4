"""The journal: the heartbeat that pages in memory, mirrors and feeds follow."""

from django.db import connection

from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.prepared.insert import insert
from strongroom.projects.models import Journal

NOTIFY_CHANNEL = "strongroom_journal"
"""On PostgreSQL every commit that changes the journal is told on this channel."""

_LOCK = 0x5374726F6E67  # any number that nothing else locks


def append(project: str, action: str, *, version: str = "", filename: str = "", by: Actor) -> int:
    """Add one change to the journal, as the last thing in the caller's transaction; returns its serial.

    Serials are seen in the order in which they were given (IX-19): SQLite has one writer at a time, PostgreSQL holds a
    lock from here to the commit. It is taken last, so that it is held shortly and nothing waits for anything under it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_notify(%s, '')", [_LOCK, NOTIFY_CHANNEL])
    serial: int = insert(
        Journal,
        project=project,
        action=action,
        version=version,
        filename=filename,
        time=clock.now(),
        by=by.username,
    )
    return serial


def newest_of(project: str) -> int:
    """The serial of the project's newest change, 0 without one."""
    found = (
        Journal.objects.filter(project=project).order_by("-serial").values_list("serial", flat=True).first()
    )
    return found or 0
