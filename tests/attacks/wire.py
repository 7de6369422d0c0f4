"""HTTP by hand, for what no client would send."""

import re
import socket
from contextlib import suppress
from dataclasses import dataclass

from tests.support.patience import SECONDS


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back until the server closed the connection or fell silent."""

    raw: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The statuses of all answers, in order."""
        return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", self.raw, re.MULTILINE)]

    @property
    def head(self) -> str:
        """The headers of the first answer, in lower case."""
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").lower()

    @property
    def body(self) -> bytes:
        """All behind the first answer's headers."""
        return self.raw.partition(b"\r\n\r\n")[2]


def connect(port: int) -> socket.socket:
    """A connection to a server on this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def say(port: int, sent: bytes, *, patience: float = 0.5, answers: int = 1) -> Heard:
    """Send bytes and listen until so many ``answers`` have come, and nothing more for ``patience`` seconds."""
    with connect(port) as line:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(sent)
        return hear(line, patience=patience, answers=answers)


def hear(line: socket.socket, *, patience: float = 0.5, answers: int = 1) -> Heard:
    """Listen on a connection until so many ``answers`` have come whole, and for ``patience`` seconds after that."""
    raw = b""
    line.settimeout(SECONDS)
    while True:
        try:
            chunk = line.recv(65536)
        except TimeoutError:
            return Heard(raw, closed=False)
        except ConnectionResetError:
            return Heard(raw, closed=True)
        if not chunk:
            return Heard(raw, closed=True)
        raw += chunk
        line.settimeout(patience if _whole_answers(raw) >= answers else SECONDS)


def _whole_answers(raw: bytes) -> int:
    """How many answers there are; 0 while one breaks off in the middle."""
    count = 0
    while raw:
        head, end, raw = raw.partition(b"\r\n\r\n")
        if re.search(rb"\r\ntransfer-encoding: *chunked", head, re.IGNORECASE):
            _body, end, raw = raw.partition(b"0\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        size = int(length[1]) if length else 0
        if not end or len(raw) < size:
            return 0
        count, raw = count + 1, raw[size:]
    return count


def get(port: int, path: str, *headers: str, method: str = "GET") -> Heard:
    """Ask for a path exactly as it is spelled, on a connection that is closed after the answer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", "Connection: close", *headers, "", ""]
    return say(port, "\r\n".join(lines).encode("latin-1"), patience=SECONDS)
