"""Asking an ASGI application without a server."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from strongroom.index.ports import Message, Scope
from strongroom.index.private import Application

PATHSEND = "http.response.pathsend"


@dataclass
class Reply:
    """What came back: everything that was sent, in order."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        assert self.messages[0]["type"] == "http.response.start"
        status: int = self.messages[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        pairs = [(name.decode(), value.decode()) for name, value in self.messages[0]["headers"]]
        assert len(dict(pairs)) == len(pairs), "a header was sent twice"
        return dict(pairs)

    @property
    def path(self) -> str:
        """The file that the server was told to send."""
        (message,) = self.messages[1:]
        assert message["type"] == PATHSEND
        path: str = message["path"]
        return path

    @property
    def body(self) -> bytes:
        rest = self.messages[1:]
        assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
        return b"".join(message["body"] for message in rest)


def scope(
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    lines: Sequence[tuple[bytes, bytes]] = (),
    query: bytes = b"",
    pathsend: bool = True,
) -> Scope:
    """A request as granian hands it over; ``lines`` are more header lines, whose names may come again."""
    given = {"Host": "index.example", **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "root_path": "",
        "headers": [
            *((name.lower().encode(), value.encode("latin-1")) for name, value in given.items()),
            *lines,
        ],
        "extensions": {PATHSEND: {}} if pathsend else {},
    }


async def reply_to(index: Application, request: Scope) -> Reply:
    """Ask within a running loop; the client stays until it has everything."""
    reply = Reply()

    async def receive() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        reply.messages.append(message)

    await index(request, receive, send)
    return reply


def ask(index: Application, path: str, **request: object) -> Reply:
    """Ask for ``path`` and wait for the answer."""
    return asyncio.run(reply_to(index, scope(path, **request)))  # type: ignore[arg-type]
