"""Requests to addresses that users chose: never to this machine or its neighbors, unless the operator allows it (SSRF).

A name is looked up once, every one of its addresses is vetted, and the connection goes to exactly one of these: a name server
that answers differently the next time gains nothing (CR-12). No redirect is followed, and no proxy used: either would
choose the address anew.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from strongroom.kernel.patience import within

if TYPE_CHECKING:
    import httpcore

SECONDS: Final = 10.0
"""For all of it: name, connection, TLS, request and the head of the answer."""

MAX_ANSWER: Final = 2048
"""Bytes of an answer's body that are read."""

MAX_URL: Final = 2000

_BODY_SECONDS = 2.0  # the status has come; what is kept of the body is for people to read
_MOST_ADDRESSES = 4  # of one name that are tried, one after the other
_FIRST_FREE_PORT = 1024  # below it are services of machines, which a web hook has no business with
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_.])?", re.ASCII)
_LABEL = 63  # characters between the dots of a name (RFC 1035 §2.3.4); the ``idna`` codec fails beyond

_IPV6_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: an IPv4 address as IPv6-only machines see it
_NOBODYS = (
    IPv4Network("192.0.0.0/24"),  # of protocols (RFC 6890)
    IPv4Network("168.63.129.16/32"),  # the host beneath a machine at Azure, for its secrets among others
    IPv4Network("192.88.99.0/24"),  # relays of 6to4 (RFC 7526), wherever that is
    IPv6Network("2002::/16"),  # 6to4, which leads to an IPv4 address
    IPv6Network("2001::/32"),  # Teredo, which does so, too
    IPv6Network("3fff::/20"),  # for documents (RFC 9637), which older Pythons do not know
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], list[str]]
"""From a host name and a port to IP addresses; raises ``OSError`` where there are none."""


class Failure(StrEnum):
    """Why there was no answer."""

    ADDRESS_INVALID = "address_invalid"
    ADDRESS_PRIVATE = "address_private"
    ADDRESS_UNRESOLVABLE = "address_unresolvable"
    PORT_REFUSED = "port_refused"
    HTTPS_REQUIRED = "https_required"
    TLS = "tls"
    CONNECTION = "connection"
    PROTOCOL = "protocol"
    TIMEOUT = "timeout"


class Unsent(Exception):
    """There was no answer, for the reason ``failure``; the other side may have got the request all the same."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. ``body`` is its beginning; ``is_private``: it came from a network that was allowed by configuration."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_private: bool

    @property
    def code(self) -> str:
        """Empty for 2xx; else ``redirect`` or ``status_NNN``."""
        if 200 <= self.status < 300:
            return ""
        return "redirect" if 300 <= self.status < 400 else f"status_{self.status}"


def resolve(host: str, port: int) -> list[str]:
    """What the system says, which also knows IPv4 addresses in decimal, octal and hex."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as ``10.1.0.0/16``; raises ``ValueError``."""
    return tuple(ipaddress.ip_network(text) for text in written)


def is_public(address: Address) -> bool:
    """Whether anybody may be at ``address``: globally routable unicast (RFC 6890), and no other address in disguise."""
    if any(address.version == network.version and address in network for network in _NOBODYS):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return address in _IPV6_UNICAST and address.is_global


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """A way out. ``networks`` are private ones that are allowed; to these alone plain HTTP is, too.

    ``resolve`` looks names up, and ``tls`` says whose certificates are believed: the usual authorities, or those in
    ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, if it is none. ``seconds`` is for all of one request.
    """

    networks: tuple[Network, ...] = ()
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    seconds: float = SECONDS

    def check(self, url: str) -> SplitResult:
        """``url`` in parts, so far as it can be judged without looking its name up; raises ``Unsent``.

        Failures: ``address_invalid``, ``port_refused``, ``https_required``, ``address_private``.
        """
        parts = _parts(url)
        port = parts.port or _port_of(parts.scheme)
        if port not in {80, 443} and port < _FIRST_FREE_PORT:
            raise Unsent(Failure.PORT_REFUSED)
        if parts.scheme == "http" and not self.networks:
            raise Unsent(Failure.HTTPS_REQUIRED)
        with suppress(ValueError):
            self._vet([str(ipaddress.ip_address(parts.hostname or ""))], is_plain=parts.scheme == "http")
        return parts

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Send ``body`` and return the answer, whatever its status; raises ``Unsent``.

        To be called from a thread without a running event loop, and with no database transaction open.
        """
        import httpcore  # only here: it takes a while to load

        try:
            return within(self.seconds, self._post(self.check(url), body, headers))
        except (TimeoutError, httpcore.TimeoutException):
            raise Unsent(Failure.TIMEOUT) from None
        except httpcore.ConnectError as error:
            raise Unsent(_why_not_connected(error)) from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise Unsent(Failure.PROTOCOL) from error
        except (httpcore.NetworkError, OSError) as error:
            raise Unsent(Failure.CONNECTION) from error

    async def _post(self, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
        import httpcore
        import httpx

        backend = _Vetted(self, is_plain=parts.scheme == "http")
        tls = self.tls if self.tls or parts.scheme == "http" else httpx.create_ssl_context()
        url = httpcore.URL(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port,
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        )
        sent = {"Host": parts.netloc, "Accept-Encoding": "identity", "Connection": "close", **headers}
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=tls, network_backend=cast("httpcore.AsyncNetworkBackend", backend)
            ) as pool,
            pool.stream("POST", url, headers=list(sent.items()), content=body) as answer,
        ):
            return Answer(
                status=answer.status,
                headers={
                    name.decode("latin-1").lower(): text.decode("latin-1") for name, text in answer.headers
                },
                body=await _beginning(cast("AsyncGenerator[bytes]", answer.aiter_stream())),
                is_private=backend.is_private,
            )

    async def vetted(self, host: str, port: int, *, is_plain: bool) -> list[Address]:
        """The addresses of ``host``, if it may be sent to every one of them; raises ``Unsent``."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(None, self.resolve, host, port)
        except (OSError, UnicodeError):
            raise Unsent(Failure.ADDRESS_UNRESOLVABLE) from None
        return self._vet(found, is_plain=is_plain)

    def allows(self, address: Address) -> bool:
        """Whether ``address`` lies in a network that the configuration names."""
        return any(address.version == network.version and address in network for network in self.networks)

    def _vet(self, found: Iterable[str], *, is_plain: bool) -> list[Address]:
        try:
            addresses = [ipaddress.ip_address(text) for text in found]
        except ValueError:  # one with a zone, which is link-local
            raise Unsent(Failure.ADDRESS_PRIVATE) from None
        if not addresses:
            raise Unsent(Failure.ADDRESS_UNRESOLVABLE)
        if not all(is_public(address) or self.allows(address) for address in addresses):
            raise Unsent(Failure.ADDRESS_PRIVATE)
        if is_plain and not all(self.allows(address) for address in addresses):
            raise Unsent(Failure.HTTPS_REQUIRED)
        return addresses


class _Vetted:
    """A network backend (httpcore) that connects to vetted addresses alone; TLS then asks for the name that was called."""

    def __init__(self, outward: Outward, *, is_plain: bool) -> None:
        self._outward = outward
        self._is_plain = is_plain
        self.is_private = False

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> "httpcore.AsyncNetworkStream":
        """A connection to the first of the host's addresses that takes one."""
        import httpcore

        addresses = await self._outward.vetted(host, port, is_plain=self._is_plain)
        backend = httpcore.AnyIOBackend()
        for place, address in enumerate(addresses[:_MOST_ADDRESSES], 1):
            self.is_private = self._outward.allows(address)
            try:
                return await backend.connect_tcp(str(address), port, timeout=timeout, **options)
            except httpcore.ConnectError:
                if place == len(addresses[:_MOST_ADDRESSES]):
                    raise
        raise Unsent(Failure.ADDRESS_UNRESOLVABLE)


def _parts(url: str) -> SplitResult:
    """One reading of the URL for all that follows, strict enough that others read it alike."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unsent(Failure.ADDRESS_INVALID) from None
    is_plain_text = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    is_bare = parts.username is None and parts.password is None and "#" not in url
    if len(url) > MAX_URL or not is_plain_text or not is_bare or port == 0:
        raise Unsent(Failure.ADDRESS_INVALID)
    if parts.scheme not in {"http", "https"} or not _is_host(host):
        raise Unsent(Failure.ADDRESS_INVALID)
    return parts


def _is_host(host: str) -> bool:
    if ":" in host:  # brackets have been taken off
        with suppress(ValueError):
            return IPv6Address(host).scope_id is None
        return False
    labels = host.removesuffix(".").split(".")
    return _HOST.fullmatch(host) is not None and all(0 < len(label) <= _LABEL for label in labels)


def _port_of(scheme: str) -> int:
    return 443 if scheme == "https" else 80


async def _beginning(stream: AsyncGenerator[bytes]) -> bytes:
    """The first 2 KiB, or what has come of it when it drips; a body that breaks off changes nothing about the status."""
    import httpcore

    body = b""
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_BODY_SECONDS), aclosing(stream):
            async for chunk in stream:
                body += chunk
                if len(body) >= MAX_ANSWER:
                    break
    return body[:MAX_ANSWER]


def _why_not_connected(error: BaseException) -> Failure:
    """Whether it was TLS: somewhere below is the error that says so."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, ssl.SSLError):
            return Failure.TLS
        below = below.__cause__ or below.__context__
    return Failure.CONNECTION
