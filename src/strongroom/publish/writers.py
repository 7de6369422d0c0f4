"""Who may write now, where the database takes one writer at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_turn = threading.Lock()


@contextmanager
def one_writer() -> Iterator[None]:
    """On SQLite, let the threads of this process write one after the other; elsewhere do nothing.

    It decides nothing: SQLite's own lock holds among processes too. But who finds that lock taken sleeps for
    milliseconds and tries again, and here a thread is woken at once.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with _turn:
        yield
