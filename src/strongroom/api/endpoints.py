"""The JSON API as an ASGI application: bounded bodies in, answers out, refusals in one place."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError

from strongroom.api import http
from strongroom.api.endpoint import Call, Endpoint, as_json
from strongroom.api.http import Answer, Receive, Scope, Send
from strongroom.api.threads import Threads
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused

Methods = Mapping[str, Endpoint]
"""The endpoints of one path, by method."""

BODY_SECONDS: Final = 10.0
"""For a body to come. Whoever sends one byte at a time waits here, and holds no thread."""
PATIENCE: Final = 6.0
"""Seconds that a request waits, without a thread, for keys that another one is fetching."""

_PENDING = frozenset({"issuer_keys_pending", "report_keys_pending"})
_PREFIXES = ("/_/", "/api/", "/.well-known/pytp")

_log = logging.getLogger(__name__)


class Endpoints:
    """Answers the paths of ``table``, and with 404 all others that are the API's.

    Endpoints that may wait for other servers have threads of their own, and those that search another one: who is slow, or
    asks for much, holds up nobody else.
    """

    def __init__(self, table: Mapping[str, Methods], *, threads: int = 2, visitors: int = 4) -> None:
        self._table = table
        self._threads = Threads(threads)
        self._visitors = Threads(visitors)
        self._searchers = Threads(1)

    @staticmethod
    def handles(path: str) -> bool:
        """Whether the path is the API's, be there an endpoint or not."""
        return path.startswith(_PREFIXES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a path that ``handles`` has taken."""
        await http.answer(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        methods = self._table.get(scope["path"])
        if methods is None:
            return as_json(404, {"message": "There is nothing at this address.", "code": "not_found"})
        endpoint = methods.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if endpoint is None:
            allowed = ", ".join(sorted({*methods, *({"HEAD"} if "GET" in methods else ())}))
            message = f"This address takes {allowed}."
            document = {"message": message, "code": "method_not_allowed"}
            return as_json(405, document, (b"allow", allowed.encode("ascii")))
        try:
            return await self._run(endpoint, await _call(scope, receive, endpoint))
        except Refused as refused:
            return endpoint.refusal(refused)
        except Exception as error:
            _log.exception("an API call failed", extra={"path": scope["path"]})
            return _failure(error)

    async def _run(self, endpoint: Endpoint, call: Call) -> Answer:
        """Ask again, for some seconds, as long as another request is on its way for what this one needs."""
        threads = self._searchers if endpoint.searches else self._threads
        threads = self._visitors if endpoint.visits else threads
        job: Callable[[], Answer] = partial(endpoint.answer, call)
        until = clock.monotonic() + PATIENCE
        while True:
            try:
                return await threads.run(job)
            except Refused as refused:
                pause = float(refused.retry_after or 1)
                if refused.code not in _PENDING or clock.monotonic() + pause > until:
                    raise
            await asyncio.sleep(pause)


async def _call(scope: Scope, receive: Receive, endpoint: Endpoint) -> Call:
    return Call(
        method=scope["method"],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=_headers(scope),
        body=await _body(receive, limit=endpoint.max_body) if endpoint.max_body else b"",
        origin=http.origin(scope, proxies=settings.CONFIG.server.trusted_proxies),
    )


def _headers(scope: Scope) -> dict[str, str]:
    names = {name for name, _ in scope["headers"]}
    return {name.decode("latin-1"): value for name in names if (value := http.header(scope, name))}


async def _body(receive: Receive, *, limit: int) -> bytes:
    """The whole body; raises ``Refused``: ``body_too_large``, ``body_stalled``, ``body_truncated``."""
    body = bytearray()
    more = True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refused("body_truncated", "The request did not come whole. Send it again.")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > limit:
                    raise Refused("body_too_large", f"This address takes at most {limit} bytes.")
    except TimeoutError:
        raise Refused("body_stalled", "The request did not come in time. Send it again.") from None
    return bytes(body)


def _failure(error: Exception) -> Answer:
    """What is our own fault."""
    if isinstance(error, OSError | OperationalError | InterfaceError):
        message = "This cannot be done now. Try again later."
        return as_json(503, {"message": message, "code": "unavailable"}, (b"retry-after", b"30"))
    message = "Something went wrong here, and the operators can see what."
    return as_json(500, {"message": message, "code": "broken"})
