"""No two readers of one connection can disagree on where a request ends (RFC 9112 §6, §11.2)."""

import base64

import pytest

from tests.attacks.target import Target
from tests.attacks.wire import get, say
from tests.support.patience import SECONDS

HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
FORM = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\ndemo\r\n--x--\r\n'
SIZE = b"%x" % len(FORM)


def request(method: bytes, path: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((b"%s %s HTTP/1.1" % (method, path), b"Host: localhost", *headers, b"", body))


@pytest.mark.parametrize("path", [b"/legacy/", b"/account/login/", b"/simple/", b"/healthz"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_after_a_request_with_two_lengths_nothing_is_answered(
    target: Target, method: bytes, path: bytes
) -> None:
    # IX-13: CL/TE in both orders; RFC 9112 §6.1 asks to close the connection
    for lengths in (
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 44"),
    ):
        sent = request(method, path, *lengths, body=b"0\r\n\r\n" + HIDDEN)
        heard = say(target.server.port, sent, patience=SECONDS)
        assert (len(heard.statuses), heard.closed) == (1, True)


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 4", b"Content-Length: 0"),
        (b"Content-Length: 0, 4",),
        (b"Content-Length: +4",),
        (b"Content-Length: -1",),
        (b"Content-Length: 0x4",),
        (b"Content-Length: 4 4",),
        (b"Content-Length: 99999999999999999999999",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        (b"Transfer-Encoding : chunked",),
        (b"Transfer-Encoding: \x0bchunked",),
        (b"X: a\r\n folded",),
        (b"X: a\rb",),
        (b"X: a\0b",),
        (b"X Y: z",),
        (b": no name",),
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(
    target: Target, headers: tuple[bytes, ...]
) -> None:
    # IX-13: lengths in doubt, obscured chunking, header folding, bare CR
    heard = say(
        target.server.port,
        request(b"POST", b"/legacy/", *headers, body=b"0\r\n\r\n" + HIDDEN),
        patience=SECONDS,
    )
    assert (heard.statuses, heard.closed) == ([400], True)


@pytest.mark.parametrize(
    "chunks",
    [
        SIZE + b"\n" + FORM + b"\r\n0\r\n\r\n",
        SIZE + b"\r\n" + FORM + b"\n0\r\n\r\n",
        SIZE + b";a=b\nx\r\n" + FORM + b"\r\n0\r\n\r\n",
        SIZE + b";" + b"a" * 200_000 + b"\r\n" + FORM + b"\r\n0\r\n\r\n",
        b"0x" + SIZE + b"\r\n" + FORM + b"\r\n0\r\n\r\n",
        b"-" + SIZE + b"\r\n" + FORM + b"\r\n0\r\n\r\n",
        b"1%016x\r\n" % len(FORM) + FORM + b"\r\n0\r\n\r\n",
    ],
    ids=["LF after size", "LF after data", "LF in extension", "long extension", "0x", "minus", "65 bits"],
)
def test_chunks_that_can_be_read_in_two_ways_are_refused(target: Target, chunks: bytes) -> None:
    # IX-13: chunk extensions, bare LF
    credentials = base64.b64encode(b"__token__:" + target.token.encode())
    sent = request(
        b"POST",
        b"/legacy/",
        b"Authorization: Basic " + credentials,
        b"Content-Type: multipart/form-data; boundary=x",
        b"Transfer-Encoding: chunked",
        body=chunks + HIDDEN,
    )
    heard = say(target.server.port, sent, patience=SECONDS)
    assert (heard.statuses, heard.closed) == ([400], True)


def test_a_line_feed_alone_ends_a_line_for_every_header_alike(target: Target) -> None:
    # IX-13: RFC 9112 §2.2 allows it; what matters is that what follows is not seen as part of the header before
    sent = b"POST /legacy/ HTTP/1.1\r\nHost: localhost\r\nX: a\nContent-Length: 4\r\n\r\nabcd" + HIDDEN
    assert say(target.server.port, sent, answers=2).statuses == [401, 200]
    sent = (
        b"POST /legacy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nX: a\nContent-Length: 4\r\n\r\n"
    )
    assert say(target.server.port, sent + HIDDEN).statuses == [400]


def test_headers_have_bounds(target: Target) -> None:
    many = b"".join(b"\r\nX%d: y" % number for number in range(10_000))
    for header in (b"X: " + b"a" * 10**6, b"X: y" + many):
        assert say(target.server.port, request(b"GET", b"/healthz", header)).statuses == [431]


@pytest.mark.parametrize("path", ["/help/", "/manage/account/", "/account/login/"])
def test_the_pages_answer_to_one_host_alone(target: Target, path: str) -> None:
    # IX-03, PR-06
    assert get(target.server.port, path, "Host: evil.example").statuses == [400]


@pytest.mark.parametrize("query", ["?\xc3\xa9", "?a=%ff&%00", "?=&&=", "?" + "a" * 8000])
def test_no_query_breaks_a_page(target: Target, query: str) -> None:
    for path in ("/help/", "/search/", "/simple/", "/simple/demo/"):
        assert get(target.server.port, path + query).statuses == [200]
