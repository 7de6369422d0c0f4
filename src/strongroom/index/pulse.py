"""How a process learns that the journal has grown, without asking the database at each request."""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from strongroom.index.ports import Pulse
from strongroom.kernel import clock

__all__ = ["PostgresPulse", "Pulse", "SqlitePulse"]

POLL_SECONDS: Final = 1.0
"""PostgreSQL is asked so often though it has not called: a notification may get lost with its connection."""

_RETRY_SECONDS: Final = 1.0
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


class SqlitePulse:
    """The newest serial in a SQLite file.

    ``PRAGMA data_version`` changes with every commit of another connection; it costs some microseconds and takes no lock
    that a writer would feel. ``newest_serial`` is the query that is asked after that, for one integer or NULL. For one
    thread; the file need not exist yet.
    """

    def __init__(self, path: Path, newest_serial: str) -> None:
        self._uri = f"{path.absolute().as_uri()}?mode=ro"
        self._newest_serial = newest_serial
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._serial = 0
        self._retry_at = 0.0

    def serial(self) -> int:
        """The newest serial; the last one known while the file cannot be read (design, D15)."""
        try:
            connection = self._connection or self._connect()
            if connection is None:
                return self._serial
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                (serial,) = connection.execute(self._newest_serial).fetchone()
                self._serial, self._version = serial or 0, version
        except sqlite3.Error as error:
            self._give_up(error)
        return self._serial

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection | None:
        if clock.monotonic() < self._retry_at:
            return None
        self._connection = sqlite3.connect(self._uri, uri=True, timeout=0, isolation_level=None)
        self._version = None
        return self._connection

    def _give_up(self, error: sqlite3.Error) -> None:
        """Somebody may hold the whole file for a moment; for anything else, try another connection a little later."""
        if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return
        _log.warning("the journal cannot be watched; pages stay as they are", extra={"error": str(error)})
        self._retry_at = clock.monotonic() + _RETRY_SECONDS
        self.close()


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
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def serial(self) -> int:
        """The newest serial that the thread has seen."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="pulse", daemon=True)
            self._thread.start()
        return self._serial

    def heard(self, serial: int) -> None:
        """Know of a serial that this very process has committed, before the database tells. From any thread."""
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
            self._serial = (row[0] if row else None) or 0
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
