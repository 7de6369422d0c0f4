"""How long, and how, a connection waits until it may write."""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

from django.db.backends.sqlite3 import base

from strongroom.kernel import clock

LOOKS: Final = 10
"""SQLite's own ``busy_timeout``, milliseconds: in this time it looks after 1, 3, 8 and 10."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Whoever waits looks as often as everybody else, for ``OPTIONS["timeout"]`` seconds.

    SQLite itself looks less often the longer it has waited, at last ten times a second. Where many processes write, those
    that came later win, and the oldest may wait until it gives up: `database is locked`.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """A connection that has run its ``init_command``, for which it waits as SQLite does."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.execute(f"PRAGMA busy_timeout = {LOOKS}")
        return connection

    def create_cursor(self, name: object = None) -> "PatientCursor":
        """A cursor; SQLite has none with names."""
        cursor: PatientCursor = self.connection.cursor(factory=PatientCursor)
        cursor.patience = self.settings_dict["OPTIONS"]["timeout"]
        return cursor


class PatientCursor(base.SQLiteCursorWrapper):
    """A cursor that asks again for the lock, for ``patience`` seconds."""

    patience: float

    def execute(self, query: Any, params: Any = None) -> Any:
        """Run one statement. Outside a transaction one that found the lock taken did nothing (`BEGIN IMMEDIATE` too)."""
        deadline = clock.monotonic() + self.patience
        while True:
            try:
                return super().execute(query, params)
            except sqlite3.OperationalError as error:
                is_busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
                if not is_busy or self.connection.in_transaction or clock.monotonic() > deadline:
                    raise

    def executemany(self, query: Any, param_list: Iterable[Any]) -> Any:
        """Run a statement for each row; outside a transaction each stands for itself."""
        if self.connection.in_transaction:
            return super().executemany(query, param_list)
        for params in param_list:
            self.execute(query, params)
        return self
