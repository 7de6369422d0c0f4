"""One look at the pulse for all requests that are waiting at the same time."""

import asyncio

from strongroom.index.ports import Pulse


class EachTurn:
    """A pulse that is felt once in each turn of the event loop, however many requests the turn answers.

    Looking at it lets other threads in, which costs more than the look. Nothing gets staler by it: whoever is answered
    between the look and ``_forget`` was in the loop's queue before the look, since the queue is served in order. So their
    requests are older than the serial that they are answered from.
    """

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._serial: int | None = None

    def serial(self) -> int:
        """The newest serial at some moment of this turn; to be called in the event loop."""
        serial = self._serial
        if serial is None:
            serial = self._serial = self._pulse.serial()
            asyncio.get_running_loop().call_soon(self._forget)
        return serial

    def _forget(self) -> None:
        self._serial = None
