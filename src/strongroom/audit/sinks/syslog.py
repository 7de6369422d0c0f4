"""Entries as syslog messages, over UDP (RFC 5426), TCP (RFC 6587 §3.4.1) and TLS (RFC 5425)."""

import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import Sequence
from time import sleep
from typing import Final
from urllib.parse import urlsplit

from strongroom.audit.sinks.rfc5424 import encode
from strongroom.audit.sinks.sink import Said, Sink, Undelivered
from strongroom.kernel import clock

UDP_SIZE: Final = 2048
"""Bytes of a datagram: what receivers should be able to take (RFC 5424 §6.1)."""

STREAM_SIZE: Final = 8192
"""Bytes of a message in a stream: what receivers take without being told to."""

SECONDS: Final = 5.0
"""To connect, to send a batch, and until it has arrived."""

_PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}
_POLL: Final = 0.005  # seconds


def syslog(url: str, *, hostname: str) -> Sink:
    """The sink at ``udp://``, ``tcp://`` or ``tls://`` HOST[:PORT]; ``hostname`` is what the messages say that they come from."""
    parts = urlsplit(url)
    place = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
    if parts.scheme == "udp":
        return _Datagrams(place, hostname)
    return _Stream(place, hostname, is_encrypted=parts.scheme == "tls")


class _Datagrams:
    """UDP: what gets lost on the way, nobody learns."""

    def __init__(self, place: tuple[str, int], hostname: str) -> None:
        self._place = place
        self._hostname = hostname

    def send(self, batch: Sequence[Said]) -> None:
        """A datagram for each. Where nobody listens on a machine that says so, it is told to one of the next."""
        try:
            with _datagram_socket(self._place) as connected:
                for said in batch:
                    connected.send(encode(said, hostname=self._hostname, limit=UDP_SIZE))
        except OSError as error:
            raise Undelivered(_reason(error)) from None

    def close(self) -> None:
        """There is no connection."""


class _Stream:
    """TCP or TLS: a connection that stays, each message with its length before it."""

    def __init__(self, place: tuple[str, int], hostname: str, *, is_encrypted: bool) -> None:
        self._place = place
        self._hostname = hostname
        self._tls = ssl.create_default_context() if is_encrypted else None
        self._open: socket.socket | None = None

    def send(self, batch: Sequence[Said]) -> None:
        """Returns once the other machine has acknowledged all of it and not closed the connection: more TCP does not tell."""
        frames = b"".join(map(self._frame, batch))
        try:
            connected = self._connected()
            connected.sendall(frames)
            _wait_until_acknowledged(connected)
            if _is_closed(connected):
                raise ConnectionResetError("closed by the other side")
        except OSError as error:
            self.close()
            raise Undelivered(_reason(error)) from None

    def close(self) -> None:
        """End the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _frame(self, said: Said) -> bytes:
        """SYSLOG-FRAME = MSG-LEN SP SYSLOG-MSG (RFC 5425 §4.3, RFC 6587 §3.4.1)."""
        message = encode(said, hostname=self._hostname, limit=STREAM_SIZE)
        return b"%d %s" % (len(message), message)

    def _connected(self) -> socket.socket:
        if self._open is not None and _is_closed(self._open):
            self.close()
        if self._open is None:
            plain = socket.create_connection(self._place, timeout=SECONDS)
            self._open = plain if self._tls is None else _wrapped(plain, self._tls, self._place[0])
        return self._open


def _datagram_socket(place: tuple[str, int]) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.settimeout(SECONDS)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened


def _wrapped(plain: socket.socket, tls: ssl.SSLContext, host: str) -> socket.socket:
    try:
        return tls.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _wait_until_acknowledged(connected: socket.socket) -> None:
    """Until the kernel has no byte left that the other machine has not acknowledged."""
    deadline = clock.monotonic() + SECONDS
    while struct.unpack("i", fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]:
        if clock.monotonic() > deadline:
            raise TimeoutError("not acknowledged in time")
        sleep(_POLL)


def _is_closed(connected: socket.socket) -> bool:
    """Whether the other side has ended the connection; raises ``OSError`` where it broke. Receivers send nothing."""
    connected.settimeout(0)
    try:
        return connected.recv(1024) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        connected.settimeout(SECONDS)


def _reason(error: OSError) -> str:
    return str(error) or type(error).__name__
