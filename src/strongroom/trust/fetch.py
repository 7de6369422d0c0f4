"""Fetching small JSON documents from issuers: https, no redirects, and an end to patience and to size (W25)."""

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from strongroom.kernel import strict_json
from strongroom.kernel.patience import within

if TYPE_CHECKING:
    import httpx

SECONDS = 5.0  # for all of it: name, connection, headers and body
MAX_BYTES = 256 * 1024
MAX_CONTAINERS = 4096  # objects and arrays in one document
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "strongroom"}


class Unreachable(Exception):
    """The document could not be had. ``reason`` is for operators: a few words, nothing of what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def get_json(url: str, *, seconds: float = SECONDS) -> dict[str, object]:
    """The JSON object at ``url``, within ``seconds``; raises ``Unreachable``.

    ``https`` anywhere, ``http`` on this machine alone. At most 256 KiB are read, nothing is unpacked, and only status
    200 is an answer. Certificates are checked against the usual authorities, or those in ``SSL_CERT_FILE`` or
    ``SSL_CERT_DIR``. To be called from a thread without a running event loop (``patience.within``).
    """
    parts = checked_url(url)
    body = _within(seconds, url, is_local=is_loopback(parts.hostname or ""))
    try:
        return strict_json.parse_object(body.decode("utf-8"), max_containers=MAX_CONTAINERS)
    except ValueError:
        raise Unreachable("the answer is not a JSON object") from None


def checked_url(url: str) -> SplitResult:
    """``url`` in parts, if it is one that may be fetched; raises ``Unreachable``."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Unreachable("the address is not a URL") from None
    if not url.isascii() or not url.isprintable() or " " in url or not parts.hostname:
        raise Unreachable("the address is not a URL")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unreachable("the address holds more than host, path and query")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise Unreachable("the address is not https")
    return parts


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine: ``localhost``, 127.0.0.0/8 or ::1. No name is looked up."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    is_mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    return address.is_loopback and not is_mapped  # Python 3.13 takes ::ffff:127.0.0.1 for one


def is_public_name(host: str) -> bool:
    """Whether ``host`` can be a name in the public DNS: no IP address in any spelling, nothing short, no ``localhost``."""
    labels = host.lower().rstrip(".").split(".")
    return len(labels) > 1 and labels[-1][:1].isalpha() and labels[-1] != "localhost"


def _within(seconds: float, url: str, *, is_local: bool) -> bytes:
    import httpx  # only here: it takes a while to load

    try:
        return within(seconds, _read(url, is_local=is_local))
    except TimeoutError:
        raise Unreachable("no complete answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise Unreachable(f"no answer ({type(error).__name__})") from error


async def _read(url: str, *, is_local: bool) -> bytes:
    """A proxy named in the environment is used, but not for this machine."""
    import httpx

    async with (
        httpx.AsyncClient(
            verify=httpx.create_ssl_context(), trust_env=not is_local, follow_redirects=False, timeout=SECONDS
        ) as client,
        client.stream("GET", url, headers=_HEADERS) as answer,
    ):
        if answer.status_code != 200:
            raise Unreachable(f"the answer has status {answer.status_code}")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Unreachable("the answer is packed, which was not asked for")
        return await _body(answer)


async def _body(answer: "httpx.Response") -> bytes:
    body = b""
    async for chunk in answer.aiter_raw(16 * 1024):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Unreachable(f"the answer is larger than {MAX_BYTES} bytes")
    return body
