"""Log records to an OpenTelemetry collector, over OTLP/HTTP with JSON."""

import logging
import ssl
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import orjson

from strongroom import __version__
from strongroom.audit.sinks.log_records import request
from strongroom.audit.sinks.sink import Said, Undelivered
from strongroom.kernel import retry_after

if TYPE_CHECKING:
    import httpx

SECONDS: Final = 5.0
"""To connect, to send, and for each part of the answer."""

_MAX_REASON: Final = 300  # characters
_log = logging.getLogger(__name__)


class Otlp:
    """The sink at an endpoint such as ``http://localhost:4318/v1/logs``.

    ``headers`` are ``name=value,name=value``, values percent-encoded where they need it, as in OTEL_EXPORTER_OTLP_HEADERS.
    No redirect is followed and no proxy asked. Certificates are checked against the usual authorities, or those in
    ``SSL_CERT_FILE``.
    """

    def __init__(self, url: str, *, headers: str, hostname: str) -> None:
        self._url = url
        self._hostname = hostname
        self._headers = {
            **_pairs(headers),
            "Content-Type": "application/json",
            "User-Agent": f"strongroom/{__version__}",
        }
        self._client: httpx.Client | None = None

    def send(self, batch: Sequence[Said]) -> None:
        """One request for all of them; several where a collector, or what stands before it, takes none that is so large."""
        import httpx  # only here: it takes a while to load

        body = orjson.dumps(request(batch, hostname=self._hostname))
        try:
            answer = self._connected().post(self._url, content=body, headers=self._headers)
        except (httpx.HTTPError, OSError) as error:
            self.close()
            raise Undelivered(f"{type(error).__name__}: {error}"[:_MAX_REASON]) from None
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(batch) > 1:
            # Else whoever can make events long keeps all that follow from being sent.
            half = len(batch) // 2
            self.send(batch[:half])
            self.send(batch[half:])
            return
        if not answer.is_success:
            wait = retry_after.seconds(answer.headers.get("Retry-After", ""))
            raise Undelivered(f"HTTP status {answer.status_code}", retry_after=wait)
        _tell_rejected(answer)

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> "httpx.Client":
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=SECONDS, trust_env=False, verify=ssl.create_default_context())
        return self._client


def _tell_rejected(answer: "httpx.Response") -> None:
    """What the collector does not want it would not take again: "the client MUST NOT retry" (OTLP, "Partial Success")."""
    if answer.status_code == HTTPStatus.NO_CONTENT or not answer.content:
        return
    try:
        partial = orjson.loads(answer.content).get("partialSuccess") or {}
        rejected, message = (
            int(partial.get("rejectedLogRecords") or 0),
            str(partial.get("errorMessage") or ""),
        )
    except (ValueError, AttributeError, TypeError):
        return  # it was taken, and that in other words than JSON
    if rejected or message:
        extra: dict[str, Any] = {"count": rejected, "reason": message[:_MAX_REASON]}
        _log.error("the collector took the batch and says what is wrong with it", extra=extra)


def _pairs(headers: str) -> dict[str, str]:
    """Raises ``ValueError`` for what has no name."""
    pairs = [pair.partition("=") for pair in headers.split(",") if pair.strip()]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise ValueError("otlp_headers: write name=value,name=value")
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs}
