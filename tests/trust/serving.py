"""Web sites on this machine that answer as told, well or badly."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from strongroom.kernel import clock
from strongroom.trust.issuer_keys import key_for
from tests.support.people import refusal_of
from tests.support.tls import Certificate
from tests.trust.signing import Pen

CONFIGURATION = "/.well-known/openid-configuration"
VISIT = [f"GET {CONFIGURATION}", "GET /jwks"]  # what a visit to an issuer asks for

Write = Callable[[bytes], object]
Answer = Callable[[Write], object]
"""Writes a whole HTTP answer by calling what it is given, once or many times."""


@dataclass
class Site:
    """``answers`` by path may be changed at any time; ``asked`` grows by ``METHOD path``."""

    origin: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def site(*, host: str = "127.0.0.1", certificate: Certificate | None = None) -> Iterator[Site]:
    """Serve until the block ends, with TLS if there is a certificate."""
    with _Server((host, 0), _Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.chain, certificate.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        server.site = Site(f"{scheme}://{host}:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.site
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    site: Site

    def handle_error(self, *_words: object) -> None:
        """Clients hang up, or do not trust us: that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append(f"{self.command} {self.path}")
        site.headers.append(dict(self.headers))
        self.close_connection = True
        site.answers.get(self.path, status(404))(self.wfile.write)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def do_CONNECT(self) -> None:
        self.do_GET()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def document(value: object, *, headers: str = "") -> Answer:
    """``value`` as JSON (bytes as they are), with status 200."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda write: write(head + body)


def status(code: int, *, headers: str = "", body: bytes = b"{}") -> Answer:
    """An answer with a status of its own."""
    head = f"HTTP/1.1 {code} So\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda write: write(head + body)


def redirect(url: str) -> Answer:
    """To another address."""
    return status(302, headers=f"Location: {url}\r\n")


def raw(text: bytes) -> Answer:
    """Whatever it is."""
    return lambda write: write(text)


def silence(seconds: float) -> Answer:
    """Nothing for a while, and then an empty object."""
    return lambda write: (time.sleep(seconds), document({})(write))[1]


def drip(text: bytes, *, pause: float) -> Answer:
    """Byte by byte, each soon enough for a reader that waits for the next one."""

    def answer(write: Write) -> None:
        for place in range(len(text)):
            write(text[place : place + 1])
            time.sleep(pause)

    return answer


def flood(*, length: int | None) -> Answer:
    """A body without end; with ``length`` announced, or in chunks."""

    def answer(write: Write) -> None:
        framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
        write(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
        block = b" " * 65536
        while True:
            write(block if length else b"10000\r\n" + block + b"\r\n")

    return answer


@dataclass(frozen=True)
class Known:
    """An issuer as the verbs want it."""

    url: str
    static_keys: str = ""


def publish(there: Site, *pens: Pen) -> None:
    """Let the site be an issuer with the keys of ``pens``."""
    there.answers[CONFIGURATION] = document({"issuer": there.origin, "jwks_uri": f"{there.origin}/jwks"})
    there.answers["/jwks"] = document({"keys": [dict(pen.jwk) for pen in pens]})


def down(there: Site) -> None:
    """Let the site answer nothing but 404."""
    there.answers.clear()


def later(*, minutes: float = 0, hours: float = 0) -> AbstractContextManager[None]:
    """Run the clock ahead."""
    return clock.shifted(timedelta(minutes=minutes, hours=hours))


def code_of(known: Known, key_id: str = "rsa") -> str:
    """With what code looking for the key is refused."""
    return refusal_of(partial(key_for, known, key_id))
