"""How a process learns that the journal in a SQLite file has grown, without reading it at each request."""

import logging
import sqlite3
from pathlib import Path
from typing import Final

from strongroom.kernel import clock

_RETRY_SECONDS: Final = 1.0
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

    def heard(self, serial: int) -> None:
        """Nothing to keep: the file itself is asked at every request."""

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
