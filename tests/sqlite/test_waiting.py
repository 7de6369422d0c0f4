"""Waiting for the one lock that the writers of SQLite share, on a file that another connection has locked."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep

import pytest
from django.db import OperationalError, connection, transaction

from strongroom.kernel import clock
from strongroom.throttle.models import Bucket

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@contextmanager
def locked() -> Iterator[sqlite3.Connection]:
    """Somebody else writes, until the block ends."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


def write() -> None:
    """Write something in a transaction."""
    with transaction.atomic():
        Bucket.objects.create(key="waited", spent=1, began=0)


def test_who_has_waited_long_writes_soon_after_the_lock_is_free() -> None:  # CC-05
    freed = []

    def free(other: sqlite3.Connection) -> None:
        sleep(1.5)
        freed.append(clock.monotonic())
        other.execute("COMMIT")

    with locked() as other:
        thread = Thread(target=free, args=(other,))
        thread.start()
        write()
        wrote = clock.monotonic()
        thread.join()
    assert Bucket.objects.filter(key="waited").count() == 1
    assert 0 < wrote - freed[0] < 10  # of the thirty seconds that it may wait


def test_who_waits_too_long_is_told_and_wrote_nothing(monkeypatch: pytest.MonkeyPatch) -> None:  # CR-06
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.3)
    began = clock.monotonic()
    with locked(), pytest.raises(OperationalError, match="database is locked"):
        write()
    assert 0.3 <= clock.monotonic() - began < 20  # of the thirty seconds that it may wait elsewhere
    assert not connection.in_atomic_block
    assert not Bucket.objects.exists()


def test_a_statement_by_itself_waits_as_a_transaction_does() -> None:
    with locked() as other:
        thread = Thread(target=lambda: (sleep(0.2), other.execute("COMMIT")))
        thread.start()
        Bucket.objects.bulk_create([Bucket(key=key, spent=1, began=0) for key in "ab"])
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE throttle_bucket SET spent = %s WHERE key = %s", [(2, "a"), (3, "b")])
        thread.join()
    assert list(Bucket.objects.order_by("key").values_list("spent", flat=True)) == [2, 3]


def test_readers_do_not_wait() -> None:
    with locked():
        assert not Bucket.objects.exists()


def test_what_is_wrong_otherwise_is_told_at_once() -> None:
    began = clock.monotonic()
    with connection.cursor() as cursor, pytest.raises(OperationalError, match="no such table"):
        cursor.execute("SELECT 1 FROM nowhere")
    assert clock.monotonic() - began < 20  # of the thirty seconds that it may wait
