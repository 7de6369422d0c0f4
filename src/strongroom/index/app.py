"""The index as an ASGI application: a path in, an answer from memory out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final
from urllib.parse import quote

from strongroom.index import offer, paths, rendering
from strongroom.index.answer import NOT_ACCEPTABLE, NOT_ALLOWED, NOT_FOUND, UNAVAILABLE, Answer, moved
from strongroom.index.headers import accepts_gzip, joined
from strongroom.index.health import Health
from strongroom.index.kept import EVERY_PROJECT, Kept, Unavailable
from strongroom.index.offer import Missing, Offer
from strongroom.index.paths import FilePath, MovedPath, Place, ProjectPath
from strongroom.index.ports import BlobFiles, Pages, Pulse, Receive, Scope, Send
from strongroom.index.rendering import Rendering, Variant
from strongroom.index.sending import Sender

PAGES_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of pages that a process keeps in memory."""

OFFERS_LIMIT: Final = 8 * 1024 * 1024
"""Bytes for what is known of files: some 4,000 of them."""

THREADS: Final = 4
"""Threads that ask the database and read files; each may keep a database connection."""

_METADATA: Final = "metadata"
_FILE: Final = "file"


class Index:
    """Answers ``/simple/``, ``/files/``, ``/healthz`` and ``/readyz``; ``handles`` says which paths those are.

    ``ready`` says whether this node can take writes; it is called in a thread and may block and raise.
    """

    handles = staticmethod(paths.handles)

    def __init__(
        self,
        *,
        pages: Pages,
        pulse: Pulse,
        blobs: BlobFiles,
        ready: Callable[[], bool],
        pages_limit: int = PAGES_LIMIT,
    ) -> None:
        threads = ThreadPoolExecutor(THREADS, "index")
        self._pages = pages
        self._blobs = blobs
        self._health = Health(ready)
        self._renderings: Kept[Rendering] = Kept(pages, pulse, threads=threads, limit=pages_limit)
        self._offers: Kept[Offer | Missing] = Kept(pages, pulse, threads=threads, limit=OFFERS_LIMIT)
        self._sender = Sender(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. Nothing in the answer depends on the host that was asked (IX-03)."""
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            headers = joined(scope["headers"])
        method = scope["method"]
        answer: Answer | Offer
        if method not in {"GET", "HEAD"}:
            answer = NOT_ALLOWED
        elif scope["path"].startswith(paths.ROOT):
            answer = await self._page(scope, headers)
        else:
            answer = await self._other(scope, headers)
        if isinstance(answer, Offer):
            await self._sender.send(answer, scope, receive, send, headers=headers)
        else:
            await answer.send(send, method=method, if_none_match=headers.get(b"if-none-match"))

    async def _page(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer:
        """Nearly every request ends here, with one look into the memory."""
        path = scope["path"]
        accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
        wanted = rendering.variant(accept, encoding, scope["query_string"])
        if wanted is not None:
            held = self._renderings.get((path, wanted.rendering))
            if held is not None:
                return held.answers[wanted.number]
        place = paths.parse(path)
        if isinstance(place, MovedPath):
            return moved(_location(scope, place.path))
        if place is None:
            return NOT_FOUND
        return await self._rendered(path, place, wanted) if wanted is not None else NOT_ACCEPTABLE

    async def _rendered(self, path: str, place: Place, wanted: Variant) -> Answer:
        key = path, wanted.rendering
        try:
            if isinstance(place, ProjectPath):
                make = partial(rendering.project_page, self._pages, place.name, wanted.rendering)
                held = await self._renderings.fetch(key, make, project=place.name)
            else:
                make = partial(rendering.project_list, self._pages, wanted.rendering)
                held = await self._renderings.fetch(key, make, project=EVERY_PROJECT)
        except Unavailable:
            return UNAVAILABLE
        return held.answers[wanted.number]

    async def _other(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer | Offer:
        path = scope["path"]
        place = paths.parse(path)
        if isinstance(place, FilePath):
            try:
                is_gzip = accepts_gzip(headers.get(b"accept-encoding", b""))
                return await (
                    self._metadata(path, place, is_gzip) if place.is_metadata else self._file(path, place)
                )
            except Unavailable:
                return UNAVAILABLE
        if isinstance(place, MovedPath):
            return moved(_location(scope, place.path))
        return await self._health.answer(path) or NOT_FOUND

    async def _file(self, path: str, place: FilePath) -> Offer | Answer:
        key = path, _FILE
        held = self._offers.get(key)
        if held is None:
            held = await self._offers.fetch(key, partial(offer.offer, self._pages, self._blobs, place))
        return held if isinstance(held, Offer) else NOT_FOUND

    async def _metadata(self, path: str, place: FilePath, is_gzip: bool) -> Answer:
        key = path, _METADATA
        held = self._renderings.get(key)
        if held is None:
            make = partial(offer.metadata, self._pages, self._blobs, place)
            held = await self._renderings.fetch(key, make)
        return held.answers[is_gzip]


def _location(scope: Scope, path: str) -> bytes:
    """``path`` below where the index is mounted, with the query; a path of this host, whatever was asked (IX-03)."""
    query = scope["query_string"]
    return quote(scope.get("root_path", "") + path).encode() + (b"?" + query if query else b"")
