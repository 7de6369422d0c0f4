"""What stands between the network and the threads that make pages."""

import asyncio
from typing import Any

import pytest

from strongroom.web.bridge import Bridge

FORM = b"username=alice"


class Pages:
    """An application that notes what reaches it."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.body: bytes | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        assert message["more_body"] is False
        self.scope, self.body = dict(scope), message["body"]


def ask(
    pages: Pages, *parts: bytes, query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> int:
    """Send a request whose body comes in ``parts``, then goes away; returns the status, 0 where there is no answer."""
    sent: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "query_string": query, "headers": list(headers)}
    asyncio.run(Bridge(pages)(scope, receive, send))
    return sent[0]["status"] if sent else 0


def length(count: int) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"content-length", b"%d" % count),)


def test_a_form_reaches_the_pages_whole() -> None:
    pages = Pages()
    assert ask(pages, FORM[:3], FORM[3:], headers=length(len(FORM))) == 0
    assert pages.body == FORM


@pytest.mark.parametrize(
    ("parts", "announced", "status"), [((FORM,), 1000, 400), ((), 1000, 400), ((), 2 * 1024**2, 413)]
)
def test_half_a_form_or_a_vast_one_does_not(parts: tuple[bytes, ...], announced: int, status: int) -> None:
    # UP-01
    pages = Pages()
    assert ask(pages, *parts, headers=length(announced)) == status
    assert pages.body is None


def test_a_header_with_an_underscore_does_not_pass_for_the_one_that_a_proxy_sets() -> None:
    # RL-04: both would be HTTP_X_FORWARDED_FOR
    pages = Pages()
    ask(pages, headers=((b"x_forwarded_for", b"192.0.2.1"), (b"x-forwarded-for", b"198.51.100.1")))
    assert pages.scope["headers"] == [(b"x-forwarded-for", b"198.51.100.1")]


def test_a_query_in_raw_bytes_is_escaped_and_else_as_it_was() -> None:
    pages = Pages()
    ask(pages, query="q=é&a=%2F+b".encode())
    assert pages.scope["query_string"] == b"q=%C3%A9&a=%2F+b"


@pytest.mark.parametrize(
    "kind",
    [
        b"text/plain; charset=unicode_escape",
        b"text/plain; charset=rot13",
        b"multipart/form-data; boundary=x; Charset=utf-7",
        b"text/plain; charset=utf-8; charset=undefined",
        b"text/plain; charset*=rot13''%41",
        b'text/plain; charset="utf-8',
        b"text/plain; charset=utf-8x",
    ],
)
def test_what_says_to_be_in_another_encoding_reaches_no_page(kind: bytes) -> None:
    pages = Pages()
    assert ask(pages, FORM, headers=((b"content-type", kind), *length(len(FORM)))) == 400
    assert pages.body is None


@pytest.mark.parametrize("said", [b"; charset=UTF-8", b";charset=utf8", b'; charset="utf-8"', b""])
def test_what_says_to_be_utf_8_is_read_as_that_without_a_word(said: bytes) -> None:
    pages, kind = Pages(), b"multipart/form-data"
    ask(pages, headers=((b"content-type", kind + said + b"; boundary=x"),))
    assert pages.scope["headers"] == [(b"content-type", kind + b"; boundary=x")]
