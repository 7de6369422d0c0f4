"""The index as an ASGI application: a path in, an answer from memory out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from strongroom.index import paths, rendering
from strongroom.index.answer import NOT_ACCEPTABLE, NOT_ALLOWED, NOT_FOUND, UNAVAILABLE, Answer, moved
from strongroom.index.files import Files
from strongroom.index.headers import accepts_gzip, joined
from strongroom.index.health import Health
from strongroom.index.kept import EVERY_PROJECT, Kept, Unavailable
from strongroom.index.offer import Missing, Offer
from strongroom.index.paths import FilePath, ListPath, MovedPath, ProjectPath
from strongroom.index.ports import BlobFiles, Pages, Pulse, Receive, Scope, Send
from strongroom.index.rendering import Rendering, Variant
from strongroom.index.sending import Sender
from strongroom.index.turn import EachTurn
from strongroom.simple.address import METADATA

THREADS: Final = 4
"""Threads that ask the database and read files; each may keep a database connection."""

_MIB: Final = 1024 * 1024
_OFFERS: Final = 8 * _MIB  # what is known of files beside their bytes: some 4,000 of them
_FILE: Final = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How many bytes a process keeps: of pages in all their variants, and of files, each at most half of those."""

    pages: int = 64 * _MIB
    files: int = 24 * _MIB


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
        memory: Memory = Memory(),
    ) -> None:
        self._threads = threads = ThreadPoolExecutor(THREADS, "index")
        felt = EachTurn(pulse)
        self._pages = pages
        self._files = Files(pages, blobs, memory_size=memory.files // 2)
        self._health = Health(ready)
        self._renderings: Kept[Rendering] = Kept(pages, felt, threads=threads, limit=memory.pages)
        self._offers: Kept[Offer | Missing] = Kept(pages, felt, threads=threads, limit=_OFFERS + memory.files)
        self._sender = Sender(threads)

    def close(self) -> None:
        """End the threads, after what they are doing."""
        self._threads.shutdown(cancel_futures=True)
        self._health.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. Nothing in the answer depends on the host that was asked (IX-03)."""
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            headers = joined(scope["headers"])
        answer: Answer | Offer | Missing
        if scope["method"] in {"GET", "HEAD"}:
            answer = self._remembered(scope, headers) or await self._found(scope, headers)
        else:
            answer = NOT_ALLOWED
        if isinstance(answer, Offer):
            await self._sender.send(answer, scope, receive, send, headers=headers)
        elif isinstance(answer, Missing):
            await NOT_FOUND.send(send, method=scope["method"], if_none_match=None)
        else:
            await answer.send(send, method=scope["method"], if_none_match=headers.get(b"if-none-match"))

    async def project_of(self, path: str) -> str | None:
        """The project that a path is about, whether or not there is one of its name; ``None`` for all, or for none.

        Raises ``Unavailable``.
        """
        place = paths.parse(path)
        if isinstance(place, MovedPath):
            place = paths.parse(place.path)
        if isinstance(place, ProjectPath):
            return place.name
        if not isinstance(place, FilePath):
            return None
        found = await (self._metadata(path, place) if place.is_metadata else self._offer(path, place))
        return found.project if found.project != EVERY_PROJECT else None

    def _remembered(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer | Offer | Missing | None:
        """What is in memory for exactly this path: nearly every request asks for no more."""
        path = scope["path"]
        if path.startswith(paths.ROOT):
            wanted = _variant(scope, headers)
            held = self._renderings.get((path, wanted.rendering)) if wanted is not None else None
            return held.answers[wanted.number] if held is not None and wanted is not None else None
        if path.endswith(METADATA):
            held = self._renderings.get((path, METADATA))
            return (
                held.answers[accepts_gzip(headers.get(b"accept-encoding", b""))] if held is not None else None
            )
        return self._offers.get((path, _FILE))

    async def _found(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer | Offer | Missing:
        """What the path asks for, looked up."""
        place = paths.parse(scope["path"])
        if place is None:
            return await self._health.answer(scope["path"]) or NOT_FOUND
        if isinstance(place, MovedPath):
            return moved(_location(scope, place.path))
        try:
            if isinstance(place, FilePath):
                return await self._file(scope["path"], place, headers)
            wanted = _variant(scope, headers)
            return await self._page(scope["path"], place, wanted) if wanted is not None else NOT_ACCEPTABLE
        except Unavailable:
            return UNAVAILABLE

    async def _page(self, path: str, place: ListPath | ProjectPath, wanted: Variant) -> Answer:
        if isinstance(place, ProjectPath):
            project: str = place.name
            make = partial(rendering.project_page, self._pages, place.name, wanted.rendering)
        else:
            project = EVERY_PROJECT
            make = partial(rendering.project_list, self._pages, wanted.rendering)
        held = await self._renderings.fetch((path, wanted.rendering), make, project=project)
        return held.answers[wanted.number]

    async def _file(
        self, path: str, place: FilePath, headers: dict[bytes, bytes]
    ) -> Answer | Offer | Missing:
        if not place.is_metadata:
            return await self._offer(path, place)
        held = await self._metadata(path, place)
        return held.answers[accepts_gzip(headers.get(b"accept-encoding", b""))]

    async def _offer(self, path: str, place: FilePath) -> Offer | Missing:
        return await self._offers.fetch((path, _FILE), partial(self._files.offer, place))

    async def _metadata(self, path: str, place: FilePath) -> Rendering:
        return await self._renderings.fetch((path, METADATA), partial(self._files.metadata, place))


def _variant(scope: Scope, headers: dict[bytes, bytes]) -> Variant | None:
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    return rendering.variant(accept, encoding, scope["query_string"])


def _location(scope: Scope, path: str) -> bytes:
    """``path`` below where the index is mounted, with the query; a path of this host, whatever was asked (IX-03)."""
    query = scope["query_string"]
    return quote(scope.get("root_path", "") + path).encode() + (b"?" + query if query else b"")
