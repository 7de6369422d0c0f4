"""Work that comes back: a thread that does one thing, waits, and does it again."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Periodic:
    """Runs ``work`` every ``seconds`` in a daemon thread until stopped; an error is logged and the next turn comes."""

    def __init__(self, name: str, work: Callable[[], object], *, seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first turn comes at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the turn in hand; waits up to 5 seconds for it."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except Exception:
                _log.warning(
                    "periodic work failed; trying again", extra={"work": self._thread.name}, exc_info=True
                )
            if self._stop.wait(self._seconds):
                return
