"""Whether this process lives, and whether this node can take writes."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from strongroom.index.answer import NO_STORE, Answer, text

READY_SECONDS: Final = 5.0
"""How long the question may take; a node whose database hangs is not ready."""

HEALTHY: Final = text(HTTPStatus.OK, "ok", NO_STORE)
NOT_READY: Final = text(HTTPStatus.SERVICE_UNAVAILABLE, "not ready", NO_STORE)

_log = logging.getLogger(__name__)


class Health:
    """``/healthz`` needs nothing but this process; ``/readyz`` asks ``ready`` in a thread of its own."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready
        self._thread = ThreadPoolExecutor(1, "ready")

    def close(self) -> None:
        """End the thread, after what it is doing."""
        self._thread.shutdown(cancel_futures=True)

    async def answer(self, path: str) -> Answer | None:
        """The answer to one of the two paths, ``None`` for any other."""
        if path == "/healthz":
            return HEALTHY
        return await self._readiness() if path == "/readyz" else None

    async def _readiness(self) -> Answer:
        asked = asyncio.get_running_loop().run_in_executor(self._thread, self._ready)
        try:
            return HEALTHY if await asyncio.wait_for(asked, READY_SECONDS) else NOT_READY
        except Exception:  # of any kind: what is asked is behind a port
            _log.exception("this node is not ready")
            return NOT_READY
