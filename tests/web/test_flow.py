"""Answers that are made while they are sent: no thread waits for whoever reads slowly, and what breaks off looks broken."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware

from strongroom.web import flow
from strongroom.web.bridge import Bridge
from strongroom.web.flow import Flow
from tests.support.patience import SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


class Site:
    """Pages made by one thread; each is a flow of the parts that it is given."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.answer = Flow(parts)
        pages: Any = WSGIMiddleware(flow.handing_over(self._make), workers=1)
        self._bridge = Bridge(pages)

    def _make(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self.answer if environ["PATH_INFO"] == "/file" else [b"a page"]

    async def ask(self, path: str, *, send: Any, receive: Any) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "http_version": "1.1",
            "query_string": b"",
            "headers": [],
        }
        await self._bridge(scope, receive, send)


async def staying() -> Any:
    await asyncio.sleep(3600)


async def leaving() -> Any:
    return {"type": "http.disconnect"}


class Reader:
    """Takes what is sent; with ``slowly`` nothing after the first part until that is set."""

    def __init__(self, slowly: asyncio.Event | None = None) -> None:
        self.messages: list[Any] = []
        self._slowly = slowly

    async def __call__(self, message: Any) -> None:
        self.messages.append(message)
        if self._slowly is not None and message.get("body"):
            await self._slowly.wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def is_whole(self) -> bool:
        last = self.messages[-1] if self.messages else {"type": ""}
        return last["type"] == "http.response.body" and not last.get("more_body", False)


def test_the_parts_come_in_their_order_and_then_an_end() -> None:
    reader = Reader()
    asyncio.run(Site(iter([b"a", b"b", b"c"])).ask("/file", send=reader, receive=staying))
    assert [message["type"] for message in reader.messages] == [
        "http.response.start",
        *["http.response.body"] * 4,
    ]
    assert (reader.body, reader.is_whole) == (b"abc", True)


def test_whoever_reads_slowly_keeps_no_page_from_others() -> None:
    # IX-14
    async def both() -> tuple[Reader, Reader]:
        go_on = asyncio.Event()
        site, slow, other = Site(iter([b"a", b"b"])), Reader(go_on), Reader()
        reading = asyncio.ensure_future(site.ask("/file", send=slow, receive=staying))
        while slow.body != b"a":
            await asyncio.sleep(0.01)
        async with asyncio.timeout(flow.SECONDS / 2):
            await site.ask("/page", send=other, receive=staying)
        assert not slow.is_whole
        go_on.set()
        await reading
        return slow, other

    slow, other = asyncio.run(both())
    assert (slow.body, slow.is_whole) == (b"ab", True)
    assert other.body == b"a page"


def test_no_part_is_made_before_the_one_before_it_was_taken() -> None:
    made: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x"

    async def read_one() -> None:
        reader = Reader(asyncio.Event())
        reading = asyncio.ensure_future(Site(parts()).ask("/file", send=reader, receive=staying))
        while not reader.body:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        reading.cancel()

    asyncio.run(read_one())
    assert made == [0]


def test_nothing_more_is_made_for_whoever_has_left() -> None:
    def parts() -> Iterator[bytes]:
        while True:
            yield b"x"

    reader, site = Reader(), Site(parts())

    async def leave() -> None:
        async with asyncio.timeout(SECONDS):
            await site.ask("/file", send=reader, receive=leaving)

    asyncio.run(leave())
    assert not reader.is_whole
    assert site.answer.closed


def test_a_file_that_breaks_off_gets_no_end() -> None:
    def parts() -> Iterator[bytes]:
        yield b"a"
        raise LookupError("the database is gone")

    reader, site = Reader(), Site(parts())
    with pytest.raises(LookupError):
        asyncio.run(site.ask("/file", send=reader, receive=staying))
    assert (reader.body, reader.is_whole) == (b"a", False)
    assert site.answer.closed


def test_whoever_takes_nothing_for_a_minute_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "SECONDS", 0.05)
    reader, site = Reader(asyncio.Event()), Site(iter([b"a", b"b"]))

    async def wait() -> None:
        await site.ask("/file", send=reader, receive=staying)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())
    assert (reader.is_whole, site.answer.closed) == (False, True)
