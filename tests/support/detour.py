"""A proxy that takes every HTTPS connection to one server on this machine, whatever name the client asked for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.support.patience import SECONDS


@contextmanager
def detour(port: int) -> Iterator[str]:
    """The address of the proxy (``HTTPS_PROXY``), until the block ends; TLS passes through it untouched."""

    class Handler(_Tunnel):
        to = port

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Tunnel(BaseHTTPRequestHandler):
    to: int

    def do_CONNECT(self) -> None:
        """RFC 9110 §9.3.6."""
        with socket.create_connection(("localhost", self.to)) as server:
            self.send_response(200)
            self.end_headers()
            answering = Thread(target=_pass_on, args=(server, self.connection), daemon=True)
            answering.start()
            _pass_on(self.connection, server)
            answering.join(timeout=SECONDS)
        self.close_connection = True

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(64 * 1024):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
