"""How long tests wait for what must happen.

A wait ends as soon as it has happened; it is long for a machine that is slow, or has much else to do.
"""

import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 120.0
"""For an answer, a thread, or a message."""

PROGRAM_SECONDS: Final = 300.0
"""For a program to end."""

MILLISECONDS: Final = 60_000
"""For each thing that is expected of a page."""


def until(holds: Callable[[], object], *, seconds: float = SECONDS, pause: float = 0.02) -> None:
    """Return once ``holds()`` is true; an ``AssertionError`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "nothing more happened"
        time.sleep(pause)
