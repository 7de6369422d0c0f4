"""``GET /integrity/<project>/<version>/<filename>/provenance``: the attestations of a file (PEP 740)."""

import re
from functools import partial
from typing import Final

import orjson

from strongroom.api import http
from strongroom.api.http import Answer, Receive, Scope, Send
from strongroom.api.threads import Threads
from strongroom.kernel.names import normalize
from strongroom.projects import provenance

_PATH: Final = re.compile(r"/integrity/([^/]+)/([^/]+)/([^/]+)/provenance/?")
_KIND: Final = b"application/vnd.pypi.integrity.v1+json"
_ANYWHERE = (b"access-control-allow-origin", b"*")
_REVALIDATE = (b"cache-control", b"max-age=0, must-revalidate")


class Integrity:
    """The integrity API as an ASGI application."""

    def __init__(self) -> None:
        self._threads = Threads(1)

    @staticmethod
    def handles(path: str) -> bool:
        """Whether the path is one of the integrity API."""
        return _PATH.fullmatch(path) is not None

    @staticmethod
    async def project_of(path: str) -> str | None:
        """The normalized name of the project that a path is about."""
        found = _PATH.fullmatch(path)
        return normalize(found[1]) if found else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a path that ``handles`` has taken."""
        await http.answer(send, await self._answer(scope))

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return http.text(405, "This address is for reading.", (b"allow", b"GET, HEAD"))
        found = _PATH.fullmatch(scope["path"])
        return await self._threads.run(partial(_look_up, *(found.groups() if found else ("", "", ""))))


def _look_up(project: str, version: str, filename: str) -> Answer:
    document = None
    if "\0" not in project + version + filename:  # PostgreSQL takes none
        document = provenance.document_of(normalize(project), version, filename)
    if document is None:
        body = orjson.dumps({"message": f"No provenance available for {filename}"})
        return Answer(404, body, (_ANYWHERE,), b"application/json")
    return Answer(200, document.encode(), (_ANYWHERE, _REVALIDATE), _KIND)
