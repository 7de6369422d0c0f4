"""Answers that are made while they are sent, such as a download of a million events, without a thread for each.

A few threads make all pages. One that had to wait for whoever reads slowly would make no page meanwhile, and four such
readers would be the end of the site (IX-14). So the thread hands the answer over as soon as its headers are sent, and goes
on; the rest is made part by part by one thread for all such answers, each part only when the one before has been sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from django.db import close_old_connections
from django.http import StreamingHttpResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Wsgi = Callable[..., Iterable[bytes]]

SECONDS: Final = 60.0
"""Whoever does not take a part in this time is gone."""

_HANDED_OVER: Final = "strongroom.flow"
_BODY: Final = "http.response.body"

T = TypeVar("T")

_thread = ThreadPoolExecutor(1, thread_name_prefix="flow")


class Flow(StreamingHttpResponse):
    """An answer whose parts come from an iterator. Each is made in whatever thread; no transaction stays open between two."""


def handing_over(application: Wsgi) -> Wsgi:
    """``application`` without the bodies of its flows, where somebody (``send_rest``) goes on with them."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = application(environ, start_response)
        scope = environ.get("asgi.scope")
        if scope is None or not isinstance(response, Flow):
            return response
        scope[_HANDED_OVER] = response
        return ()

    return answer


def but_for_rest(scope: Scope, send: Send) -> Send:
    """``send`` that passes over the end of an answer that has been handed over."""

    async def send_or_wait(message: Message) -> None:
        if message["type"] != _BODY or _HANDED_OVER not in scope:
            await send(message)

    return send_or_wait


async def send_rest(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the parts of an answer that has been handed over, until they end, or whoever asked is gone.

    What fails on the way breaks the connection off: a file that ended early must not look whole.
    """
    response = scope.pop(_HANDED_OVER, None)
    if response is None:
        return
    gone = asyncio.ensure_future(_disconnected(receive))
    parts = iter(response)
    try:
        while not gone.done() and (part := await _in_thread(lambda: next(parts, None))) is not None:
            async with asyncio.timeout(SECONDS):
                await send({"type": _BODY, "body": part, "more_body": True})
        if not gone.done():
            await send({"type": _BODY, "body": b""})
    finally:
        gone.cancel()
        await _in_thread(response.close)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _in_thread(job: Callable[[], T]) -> T:
    def with_connection() -> T:
        close_old_connections()
        return job()

    return await asyncio.get_running_loop().run_in_executor(_thread, with_connection)
