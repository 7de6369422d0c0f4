"""What is read about a project at a path of its own: JSON documents with their validators."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import orjson

from strongroom.api import http
from strongroom.api.http import Answer, Receive, Scope, Send
from strongroom.api.threads import Threads
from strongroom.kernel.names import normalize

JSON: Final = b"application/json"
ANYWHERE: Final = (b"access-control-allow-origin", b"*")
REVALIDATE: Final = (b"cache-control", b"max-age=0, must-revalidate")


class Lookup:
    """Answers the paths of one shape, as an ASGI application.

    ``path`` matches them, its first group is a project's name; ``look_up`` gets its groups (``""`` for one that is not
    there), in a thread.
    """

    def __init__(self, path: re.Pattern[str], look_up: Callable[..., Answer]) -> None:
        self._path = path
        self._look_up = look_up
        self._threads = Threads(1)

    def handles(self, path: str) -> bool:
        """Whether the path is one of these."""
        return self._path.fullmatch(path) is not None

    async def project_of(self, path: str) -> str | None:
        """The normalized name of the project that a path is about."""
        found = self._path.fullmatch(path)
        return normalize(found[1]) if found else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a path that ``handles`` has taken."""
        await http.answer(send, await self._answer(scope))

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return http.text(405, "This address is for reading.", (b"allow", b"GET, HEAD"))
        found = self._path.fullmatch(scope["path"])
        given = await self._threads.run(partial(self._look_up, *(found.groups("") if found else ())))
        if http.header(scope, b"if-none-match").encode("latin-1") in _etags(given):
            return Answer(304, b"", given.headers, given.content_type)
        return given


def missing(message: str) -> Answer:
    """There is no such document."""
    return Answer(404, orjson.dumps({"message": message}), (ANYWHERE,), JSON)


def _etags(given: Answer) -> list[bytes]:
    return [value for name, value in given.headers if name == b"etag"]
