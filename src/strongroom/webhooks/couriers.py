"""The threads that deliver: one slow receiver holds up one of them, and no other webhook."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Final

from strongroom.webhooks import deliver

THREADS: Final = 4
"""In each process."""

_log = logging.getLogger(__name__)

Job = Callable[[], object]
Runner = Callable[[Job], object]
"""Runs a job with a connection to the database that works."""


class Couriers:
    """Hands webhooks that have something to send to a few threads; each webhook is in one of them at a time.

    The threads are daemons: they may end with the process at any moment, since what was not written down is sent again.
    """

    def __init__(self, run: Runner, *, threads: int = THREADS) -> None:
        self._run = run
        self._threads = threads
        self._waiting: SimpleQueue[tuple[int, int | None]] = SimpleQueue()
        self._in_hand: set[int] = set()
        self._lock = threading.Lock()
        self._begun = False

    def turn(self) -> None:
        """Look what is due and hand it out; returns at once."""
        up_to, due = deliver.look()
        with self._lock:
            new = [webhook_id for webhook_id in due if webhook_id not in self._in_hand]
            self._in_hand.update(new)
            self._begin(bool(new))
        for webhook_id in new:
            self._waiting.put((webhook_id, up_to))

    def _begin(self, is_needed: bool) -> None:
        """Threads are begun with the first delivery: most sites have no webhooks."""
        if is_needed and not self._begun:
            self._begun = True
            for _ in range(self._threads):
                threading.Thread(target=self._deliver, name="webhooks", daemon=True).start()

    def _deliver(self) -> None:
        while True:
            webhook_id, up_to = self._waiting.get()
            try:
                self._run(partial(deliver.take_turn, webhook_id, up_to=up_to))
            except Exception:
                _log.warning(
                    "a webhook's turn failed; trying again", extra={"webhook": webhook_id}, exc_info=True
                )
            finally:
                with self._lock:
                    self._in_hand.discard(webhook_id)
