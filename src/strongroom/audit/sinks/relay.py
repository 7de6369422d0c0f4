"""From the trail to one sink: in order, from a cursor, at least once, by one process of all nodes at a time."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Q

from strongroom.audit import following
from strongroom.audit.horizon import horizon
from strongroom.audit.models import Cursor, Entry
from strongroom.audit.sinks.sink import Said, Sink, Undelivered
from strongroom.kernel import clock
from strongroom.kernel.secrets import random_bytes

LEASE: Final = timedelta(seconds=30)
"""For so long nobody else sends; a process that dies is followed by another one after that."""

BATCHES: Final = 20
"""Batches in one turn."""

_LONGEST_WAIT: Final = 60.0  # seconds between attempts
_LONGEST_ASKED: Final = 600.0  # where the other side says how long
_LOG_EVERY: Final = 60.0

Say = Callable[[Sequence[Entry]], list[str]]
"""What entries say, each in a plain English sentence."""

_log = logging.getLogger(__name__)


class Relay:
    """Sends what the follower ``name`` has not done with to ``sink``. Of a batch that fails nothing is skipped: it is sent again."""

    def __init__(self, name: str, sink: Sink, *, say: Say) -> None:
        self.name = name
        self._sink = sink
        self._say = say
        self._lease = random_bytes(16).hex()
        self._wait = 0.0
        self._next = clock.monotonic()
        self._logged: float | None = None

    def turn(self) -> None:
        """Send what there is, unless it is too early to try again, or another process does."""
        if clock.monotonic() < self._next or not self._waiting() or not self._claim():
            return
        try:
            for _ in range(BATCHES):
                if not self._send_batch():
                    break
        except Undelivered as failure:
            self._failed(failure)

    def close(self) -> None:
        """Let another process go on at once."""
        self._sink.close()
        Cursor.objects.filter(name=self.name, lease=self._lease).update(lease="", leased_until=None)

    def _waiting(self) -> list[Entry]:
        return following.following(following.position(self.name, begin=horizon))

    def _claim(self) -> bool:
        """One update decides (design, D1)."""
        now = clock.now()
        free = Q(lease=self._lease) | Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        mine = Cursor.objects.filter(free, name=self.name)
        return mine.update(lease=self._lease, leased_until=now + LEASE) == 1

    def _send_batch(self) -> bool:
        """Whether there was one, and this process may send the next."""
        entries = self._waiting()
        if not entries:
            return False
        said = [Said(*pair) for pair in zip(entries, self._say(entries), strict=True)]
        self._sink.send(said)
        self._succeeded()
        held = Cursor.objects.filter(name=self.name, lease=self._lease, serial__lt=entries[-1].serial)
        return held.update(serial=entries[-1].serial, leased_until=clock.now() + LEASE) == 1

    def _succeeded(self) -> None:
        if self._wait:
            _log.info("a sink of the audit trail takes events again", extra={"sink": self.name})
        self._wait, self._logged = 0.0, None

    def _failed(self, failure: Undelivered) -> None:
        self._wait = min(max(1.0, 2 * self._wait), _LONGEST_WAIT)
        asked = min(failure.retry_after or 0.0, _LONGEST_ASKED)
        now = clock.monotonic()
        self._next = now + max(self._wait, asked)
        if self._logged is None or now - self._logged >= _LOG_EVERY:
            self._logged = now
            _log.warning(
                "a sink of the audit trail takes no events; they wait and are sent again",
                extra={"sink": self.name, "reason": failure.reason},
            )
