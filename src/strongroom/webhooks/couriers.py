"""The threads that deliver: one slow receiver holds up one of them, and no other webhook."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Final

from strongroom.webhooks import deliver

THREADS: Final = 3
"""In each process, for the webhooks of accounts and projects."""

OF_SITE: Final = 2
"""In each process, for those of the site: nobody delays them who has many webhooks with slow receivers."""

_log = logging.getLogger(__name__)

Job = Callable[[], object]
Runner = Callable[[Job], object]
"""Runs a job with a connection to the database that works."""

_Waiting = SimpleQueue[tuple[int, int | None]]
"""Ids of webhooks, each with the serial up to which events may be sent."""


class Couriers:
    """Hands webhooks that have something to send to a few threads; each webhook is in one of them at a time.

    The threads are daemons: they may end with the process at any moment, since what was not written down is sent again.
    """

    def __init__(self, run: Runner, *, threads: int = THREADS) -> None:
        self._run = run
        self._threads = threads
        self._of_site: _Waiting = SimpleQueue()
        self._of_others: _Waiting = SimpleQueue()
        self._in_hand: set[int] = set()
        self._lock = threading.Lock()
        self._begun = False

    def turn(self) -> None:
        """Look what is due and hand it out; returns at once."""
        up_to, found = deliver.look()
        with self._lock:
            new = [due for due in found if due.webhook_id not in self._in_hand]
            self._in_hand.update(due.webhook_id for due in new)
            self._begin(bool(new))
        for due in new:
            (self._of_site if due.of_site else self._of_others).put((due.webhook_id, up_to))

    def _begin(self, is_needed: bool) -> None:
        """Threads are begun with the first delivery: most sites have no webhooks."""
        if is_needed and not self._begun:
            self._begun = True
            for waiting in (*[self._of_site] * OF_SITE, *[self._of_others] * self._threads):
                threading.Thread(target=self._deliver, args=(waiting,), name="webhooks", daemon=True).start()

    def _deliver(self, waiting: "_Waiting") -> None:
        while True:
            webhook_id, up_to = waiting.get()
            try:
                self._run(partial(deliver.take_turn, webhook_id, up_to=up_to))
            except Exception:
                _log.warning(
                    "a webhook's turn failed; trying again", extra={"webhook": webhook_id}, exc_info=True
                )
            finally:
                with self._lock:
                    self._in_hand.discard(webhook_id)
