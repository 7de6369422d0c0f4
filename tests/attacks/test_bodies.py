"""Bodies that nobody asked for, that never end, or that come a byte at a time."""

import asyncio
import base64
import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from strongroom.api import http
from strongroom.kernel.refused import Refused
from strongroom.web import bridge
from tests.attacks.target import Target
from tests.attacks.wire import Heard, connect, get, hear, say
from tests.support.patience import SECONDS, until
from tests.support.server import Server

TEN_GIB = 10 * 1024**3
BLOCK = b"a" * 65536
# What fits into the buffers of both ends' kernels is sent before anybody reads it.
BUFFERS = 16 * 1024**2
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"


def head(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    return "\r\n".join(lines).encode() + b"\r\n" + FORM + b"\r\n"


def basic(username: str, password: str) -> str:
    return f"Authorization: Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def pour(server: Server, beginning: bytes, block: bytes) -> tuple[Heard, int]:
    """Send without end; what came back, and how many bytes went out before the connection was closed."""
    sent = 0
    with connect(server.port) as line:
        line.sendall(beginning)
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 4 * BUFFERS:
                line.sendall(block)
                sent += len(block)
        return hear(line, patience=SECONDS), sent


@pytest.mark.parametrize("credentials", ["", basic("__token__", "strongroom-x"), basic("alice", "wrong")])
@pytest.mark.parametrize("length", [f"Content-Length: {TEN_GIB}", "Transfer-Encoding: chunked"])
def test_an_endless_body_of_nobody_is_not_read(target: Target, credentials: str, length: str) -> None:
    # UP-01
    before = blobs(target)
    block = b"10000\r\n" + BLOCK + b"\r\n" if "chunked" in length else BLOCK
    beginning = head("/legacy/", length, *filter(None, [credentials]))
    heard, sent = pour(target.server, beginning, block)
    assert heard.closed
    assert heard.statuses in ([401], [403], [])  # nothing where the reset overtook the answer
    assert sent < BUFFERS
    assert blobs(target) == before


def test_the_answer_comes_before_the_body(target: Target) -> None:
    # UP-01, UP-02
    for credentials, code in (("", "credentials_missing"), (basic("__token__", "x"), "token_invalid")):
        heard = say(target.server.port, head("/legacy/", f"Content-Length: {TEN_GIB}", credentials or "X: y"))
        assert heard.statuses == [401 if code == "credentials_missing" else 403]
        assert f"strongroom-refusal: {code}" in heard.head
    heard = say(
        target.server.port,
        head("/legacy/", f"Content-Length: {TEN_GIB}", basic("__token__", target.token)),
    )
    assert heard.statuses == [413]
    assert "strongroom-refusal: file_too_large" in heard.head


@pytest.mark.parametrize("path", ["/account/login/", "/help/", "/nowhere/", "/simple/", "/healthz"])
def test_no_page_takes_more_than_a_form(target: Target, path: str) -> None:
    # UP-01
    heard, sent = pour(target.server, head(path, f"Content-Length: {TEN_GIB}"), BLOCK)
    assert heard.statuses in ([413], [405], [])
    assert heard.closed
    assert sent < BUFFERS


def test_half_a_body_publishes_nothing(target: Target) -> None:
    # UP-01: a Content-Length beyond what comes
    before = blobs(target)
    part = b'--x\r\nContent-Disposition: form-data; name="content"; filename="demo-2.0.tar.gz"\r\n\r\n'
    beginning = head("/legacy/", "Content-Length: 100000", basic("__token__", target.token)) + part + BLOCK
    with connect(target.server.port) as line:
        line.sendall(beginning)
        time.sleep(0.5)
    until(lambda: blobs(target) == before)


def test_an_upload_that_stalls_is_given_up() -> None:
    # UP-01
    async def never() -> http.Message:
        await asyncio.sleep(3600)
        raise AssertionError

    with pytest.raises(Refused) as caught:
        asyncio.run(http.next_part(never, seconds=0.05))
    assert caught.value.code == "body_stalled"


@pytest.mark.slow
def test_those_who_dawdle_keep_nobody_else_waiting(target: Target) -> None:
    # IX-14: headers, forms and uploads a byte at a time, and downloads that nobody takes
    server = target.server
    forms = [head("/account/login/", "Content-Length: 1000") + b"a"] * 24
    uploads = [head("/legacy/", "Content-Length: 1000", basic("__token__", target.token)) + b"-"] * 24
    headers = [b"GET /help/ HTTP/1.1\r\nHost: loc"] * 100
    readers = [f"GET {target.file_path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20] * 100
    with dawdling(server, [*forms, *uploads, *headers, *readers]) as lines:
        for path in ("/healthz", "/readyz", "/simple/demo/", target.file_path, "/help/", "/account/login/"):
            started = time.monotonic()
            assert get(server.port, path).statuses == [200], path
            assert time.monotonic() - started < bridge.SECONDS, path  # after which those are given up
        heard = hear(lines[0], patience=SECONDS)
        assert (heard.statuses, heard.closed) == ([408], True)


def test_hashing_passwords_keeps_no_installer_waiting(target: Target) -> None:
    # RL-10
    guesses = [
        head("/legacy/", "Content-Length: 5", basic(f"nobody{number}", "wrong")) + b"--x--"
        for number in range(24)
    ]
    with dawdling(target.server, guesses) as lines:
        for _ in range(20):
            assert get(target.server.port, "/simple/demo/").statuses == [200]
        answered, _, _ = select.select(lines, [], [], 0)
        assert len(answered) < len(guesses)  # the hashing goes on


def blobs(target: Target) -> list[Path]:
    """Every file in the blob store, finished or not."""
    return sorted(path for path in (target.server.data / "blobs").rglob("*") if path.is_file())


@contextmanager
def dawdling(server: Server, beginnings: list[bytes]) -> Iterator[list]:
    """Connections that have begun so, and then say and take nothing."""
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(server.port)) for _ in beginnings]
        for line, beginning in zip(lines, beginnings, strict=True):
            line.sendall(beginning)
        time.sleep(0.3)
        yield lines
