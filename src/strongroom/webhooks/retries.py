"""When what was not taken is sent again, and when that ends."""

from datetime import datetime, timedelta
from typing import Final

from strongroom.kernel import clock
from strongroom.kernel import retry_after as header
from strongroom.kernel.secrets import random_bytes

PAUSES: Final = (5, 30, 120, 600, 3600, 6 * 3600)
"""Seconds after the first failure in a row, the second, and so on; the last one for all that follow."""

PATIENCE: Final = timedelta(days=3)
"""So long after the first failure in a row a webhook is paused."""

_JITTER: Final = 0.2  # of a pause, so that many do not come at the same moment


def next_attempt(failures: int, retry_after: str = "") -> datetime:
    """When to try again after so many ``failures`` in a row; not before the receiver wants it, within 6 hours."""
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    wished = min(header.seconds(retry_after) or 0.0, float(PAUSES[-1]))
    share = int.from_bytes(random_bytes(2), "big") / 2**16
    return clock.now() + timedelta(seconds=max(pause, wished) * (1 + _JITTER * share))


def patience_is_over(failing_since: datetime | None) -> bool:
    """Whether nothing was taken for three days."""
    return failing_since is not None and clock.now() - failing_since >= PATIENCE
