"""How a process learns that the journal in a PostgreSQL database has grown: it listens.

Beside ``pulse``, because loading psycopg takes a while and an instance on SQLite never needs it.
"""

import logging
import threading
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

POLL_SECONDS: Final = 1.0
"""PostgreSQL is asked so often though it has not called: a notification may get lost with its connection."""

_MIN_BACKOFF: Final = 0.1
_MAX_BACKOFF: Final = 5.0
_TIMEOUTS: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
"""A server that vanishes without a word is noticed within some ten seconds."""

_log = logging.getLogger(__name__)


class PostgresPulse:
    """The newest serial in a PostgreSQL database: a thread listens on ``channel``, and polls once a second besides.

    ``newest_serial`` is a query for one integer or NULL. While the database is away the last serial stands (design, D15),
    and a new connection is tried ever more slowly, at least every five seconds. The thread begins with the first question,
    so that it belongs to the process that asks. Until the database has answered once, the serial is 0.
    """

    def __init__(self, dsn: str, channel: str, newest_serial: str) -> None:
        self._dsn = dsn
        self._channel = channel
        self._newest_serial = newest_serial
        self._serial = 0
        self._heard = 0
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()

    def serial(self) -> int:
        """The newest serial that the thread has seen."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="pulse", daemon=True)
            self._thread.start()
        return self._serial

    def heard(self, serial: int) -> None:
        """Know of a serial that this very process has committed, before the database tells. From any thread."""
        with self._lock:
            self._heard = max(self._heard, serial)
            self._serial = max(self._serial, serial)

    def close(self) -> None:
        """End the thread and wait for it, a second at most."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        backoff = _MIN_BACKOFF
        while not self._closing.wait(0):
            try:
                with self._connect() as connection:
                    backoff = _MIN_BACKOFF
                    self._heard = 0  # this may be an older database than before, from a backup
                    self._listen(connection)
            except psycopg.Error as error:
                _log.warning(
                    "the journal cannot be watched; pages stay as they are",
                    extra={"error": str(error).strip()},
                )
                self._closing.wait(backoff)
                backoff = min(2 * backoff, _MAX_BACKOFF)

    def _connect(self) -> "psycopg.Connection[tuple[int | None]]":
        dsn = make_conninfo(self._dsn, **_TIMEOUTS)
        connection: psycopg.Connection[tuple[int | None]] = psycopg.connect(dsn, autocommit=True)
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        return connection

    def _listen(self, connection: "psycopg.Connection[tuple[int | None]]") -> None:
        while not self._closing.is_set():
            row = connection.execute(self._newest_serial).fetchone()
            with self._lock:  # what was heard since the query began is newer than its answer
                self._serial = max((row[0] if row else None) or 0, self._heard)
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
