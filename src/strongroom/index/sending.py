"""The bytes of a file on their way out: a few chunks in memory for each reader, and never a part of a wrong file."""

import asyncio
import logging
import os
from concurrent.futures import Executor
from typing import Final

from strongroom.index.answer import EMPTY_BODY, UNAVAILABLE
from strongroom.index.headers import UNSATISFIABLE, Span
from strongroom.index.offer import CHUNK, Offer
from strongroom.index.ports import Receive, Scope, Send

MAX_STREAMS: Final = 64
"""So many readers are sent chunks from memory at once, since each has some on its way; the others get the file."""

_log = logging.getLogger(__name__)


class Sender:
    """Answers requests for offered files. ``threads`` do the reading."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._streams = 0

    async def send(
        self, offer: Offer, scope: Scope, receive: Receive, send: Send, *, headers: dict[bytes, bytes]
    ) -> None:
        """Send the whole file or the part that is asked for, or say that the client has it."""
        if offer.is_unmodified(headers):
            await send(offer.not_modified())
            await send(EMPTY_BODY)
            return
        from_memory = bool(offer.chunks) and self._streams < MAX_STREAMS
        if not from_memory and not _is_sound(offer):
            await UNAVAILABLE.send(send, method=scope["method"], if_none_match=None)
            return
        span = offer.span(headers)
        if scope["method"] == "HEAD" or span is UNSATISFIABLE:
            await send(offer.start(span))
            await send(EMPTY_BODY)
        elif from_memory:
            await self._send_chunks(offer, span, send)
        elif span is None and "http.response.pathsend" in scope.get("extensions", ()):
            await send(offer.start(None))
            await send({"type": "http.response.pathsend", "path": str(offer.path)})
        else:
            await self._send_file(offer, span, receive, send)

    async def _send_chunks(self, offer: Offer, span: Span | None, send: Send) -> None:
        """From memory, as fast as the client takes them."""
        *parts, last = offer.chunks if span is None else offer.part(span)
        await send(offer.start(span))
        self._streams += 1
        try:
            for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": last})
        finally:
            self._streams -= 1

    async def _send_file(self, offer: Offer, span: Span | None, receive: Receive, send: Send) -> None:
        """Read and send, as fast as the client takes it, until it has gone away."""
        at, stop = (span.start, span.stop) if span is not None else (0, offer.length)
        run = asyncio.get_running_loop().run_in_executor
        descriptor = await run(self._threads, os.open, offer.path, os.O_RDONLY)
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send(offer.start(span))
            while at < stop and not gone.done():
                chunk = await run(self._threads, os.pread, descriptor, min(CHUNK, stop - at), at)
                if not chunk:
                    raise EOFError(f"{offer.path} ends before its size")
                at += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": at < stop})
        finally:
            gone.cancel()
            os.close(descriptor)


def _is_sound(offer: Offer) -> bool:
    """Whether the blob is there with the size of its row; otherwise nothing of it is sent, and the operator is told."""
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
