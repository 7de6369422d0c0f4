"""The bytes of a file on their way out: never more than a few chunks in memory, never a part of a wrong file."""

import asyncio
import logging
import os
from concurrent.futures import Executor
from typing import Final

from strongroom.index.answer import EMPTY_BODY, UNAVAILABLE
from strongroom.index.headers import UNSATISFIABLE, Span
from strongroom.index.offer import Offer
from strongroom.index.ports import Receive, Scope, Send

CHUNK: Final = 256 * 1024
"""Bytes that are read and sent at once."""

_log = logging.getLogger(__name__)


class Sender:
    """Answers requests for offered files. ``threads`` do the reading."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    async def send(
        self, offer: Offer, scope: Scope, receive: Receive, send: Send, *, headers: dict[bytes, bytes]
    ) -> None:
        """Send the whole file or the part that is asked for, or say that the client has it."""
        if offer.is_unmodified(headers):
            await send(offer.not_modified())
            await send(EMPTY_BODY)
            return
        if not _is_sound(offer):
            await UNAVAILABLE.send(send, method=scope["method"], if_none_match=None)
            return
        span = offer.span(headers)
        await send(offer.start(span))
        if scope["method"] == "HEAD" or span is UNSATISFIABLE:
            await send(EMPTY_BODY)
        elif span is None and "http.response.pathsend" in scope.get("extensions", ()):
            await send({"type": "http.response.pathsend", "path": str(offer.path)})
        else:
            await self._send_span(offer, span or Span(0, offer.length), receive, send)

    async def _send_span(self, offer: Offer, span: Span, receive: Receive, send: Send) -> None:
        """Read and send chunk by chunk, as fast as the client takes them, until it has gone away."""
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(_gone(receive))
        descriptor = await loop.run_in_executor(self._threads, os.open, offer.path, os.O_RDONLY)
        try:
            at = span.start
            while at < span.stop and not gone.done():
                count = min(CHUNK, span.stop - at)
                chunk = await loop.run_in_executor(self._threads, os.pread, descriptor, count, at)
                if not chunk:
                    raise EOFError(f"{offer.path} ends before its size")
                at += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": at < span.stop})
        finally:
            gone.cancel()
            os.close(descriptor)


def _is_sound(offer: Offer) -> bool:
    """Whether the blob is there with the size of its row; otherwise nothing is sent at all, and the operator is told."""
    try:
        found = offer.path.stat().st_size
    except FileNotFoundError:
        found = None
    if found != offer.length:
        _log.error(
            "a blob is missing or damaged",
            extra={"path": str(offer.path), "size": offer.length, "found": found},
        )
    return found == offer.length


async def _gone(receive: Receive) -> None:
    """Return once the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
