"""The upload endpoint as an ASGI server calls it, byte by byte where it matters."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.db import connections

from strongroom.api.upload import Upload
from strongroom.blobs.local import LocalBlobs
from tests.publish.publishing import fields_of

Chunk = bytes | None
"""Bytes of a body; ``None`` is a client that goes away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the endpoint answered, how many bytes of the body it asked for before that, and how many in all."""

    status: int
    headers: Mapping[str, str]
    text: str
    read: int
    read_in_all: int

    @property
    def code(self) -> str:
        """The reason code of a refusal, ``""`` without one."""
        return self.headers.get("strongroom-refusal", "")


@dataclass
class Endpoint:
    """One upload endpoint with a blob store of its own and one thread."""

    folder: Path
    blobs: LocalBlobs = field(init=False)
    app: Upload = field(init=False)

    def __post_init__(self) -> None:
        self.blobs = LocalBlobs(self.folder / "blobs")
        self.heard: list[int] = []
        self.app = Upload(self.blobs, heard=self.heard.append, threads=1)

    def close(self) -> None:
        """Close the connection that the thread keeps."""
        asyncio.run(self.app._threads.run(connections.close_all))

    def ask(
        self,
        chunks: Iterable[Chunk] | Callable[[], bytes] = (),
        *,
        method: str = "POST",
        path: str = "/legacy/",
        headers: Mapping[str, str] | None = None,
        query: str = "",
        client: str = "203.0.113.7",
    ) -> Heard:
        """Send a request."""
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (key.lower().encode(), value.encode("latin-1")) for key, value in (headers or {}).items()
            ],
            "client": (client, 40000),
        }
        return asyncio.run(self._play(scope, iter(chunks)))  # type: ignore[arg-type]

    async def _play(self, scope: dict[str, Any], chunks: Iterable[Chunk]) -> Heard:
        sent: list[Any] = []
        read = read_before = 0

        async def receive() -> dict[str, Any]:
            nonlocal read
            for chunk in chunks:
                if chunk is None:
                    return {"type": "http.disconnect"}
                read += len(chunk)
                return {"type": "http.request", "body": chunk, "more_body": True}
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal read_before
            sent.append(message)
            read_before = read

        await self.app(scope, receive, send)
        start, body = sent
        answered = {key.decode(): value.decode() for key, value in start["headers"]}
        assert answered["content-length"] == str(len(body["body"]))
        return Heard(start["status"], answered, body["body"].decode(), read_before, read)

    def upload(self, path: Path, *, token: str, **changes: Any) -> Heard:
        """Upload a file as tools do."""
        body, content_type = encoded(path, **changes)
        return self.ask([body], headers=bearer(token) | {"Content-Type": content_type})

    def drafts(self) -> list[str]:
        """What lies about half-received."""
        return [path.name for path in (self.folder / "blobs" / "tmp").iterdir()]


def encoded(path: Path, **changes: Any) -> tuple[bytes, str]:
    """Body and content type of the form that tools send with a file, as httpx encodes it."""
    files = {"content": (path.name, path.read_bytes(), "application/octet-stream")}
    request = httpx.Request("POST", "http://localhost/legacy/", data=fields_of(path, **changes), files=files)
    return request.read(), request.headers["Content-Type"]


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def basic(username: str, password: str) -> dict[str, str]:
    """The header of a username and password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def part(name: str, value: bytes, *, filename: str | None = None, header: str | None = None) -> bytes:
    """One part of a form whose boundary is ``B``; ``header`` replaces its Content-Disposition."""
    suffix = f'; filename="{filename}"' if filename is not None else ""
    disposition = header or f'Content-Disposition: form-data; name="{name}"{suffix}'
    return b"--B\r\n" + disposition.encode() + b"\r\n\r\n" + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    """A whole form whose boundary is ``B``."""
    return b"".join(parts) + b"--B--\r\n"


FORM = {"Content-Type": "multipart/form-data; boundary=B"}
