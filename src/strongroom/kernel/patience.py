"""An end to patience: something that is awaited, given up at a deadline whatever it waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of ``work``; raises ``TimeoutError`` after ``seconds``, and whatever ``work`` raises.

    To be called from a thread without a running event loop: it runs one of its own, in which everything, a silent name
    server and headers that drip included, can be given up at the deadline.
    """
    # The loop is closed by hand: ``asyncio.run`` would wait for a name server that does not answer.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(work, seconds))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
