"""The thread that empties the mail queue inside ``strongroom serve``."""

import threading

import structlog
from django.db import Error, close_old_connections

from strongroom.notices.queue import deliver_due

_log = structlog.get_logger()
_PAUSE = 0.5  # seconds between looks


class MailWorker:
    """Delivers due mail until it is stopped; survives a database or mail server that is away."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the mail in hand; waits up to 5 seconds."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE):
            try:
                deliver_due()
            except Error:
                _log.warning("mail queue not readable; trying again", exc_info=True)
            finally:
                close_old_connections()
