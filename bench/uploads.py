"""Publishing: wheels in the form that twine sends, over 32 connections at once."""

import hashlib
import http.client
import queue
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.corpus import Wheel
from bench.process import Failed
from bench.servers import Server

CONNECTIONS = 32
TIMEOUT = 120  # seconds for one answer
MAX_SECONDS = 240  # for one round; what was acknowledged by then counts
MAX_RETRIES = 50  # in one round


def upload(
    server: Server, wheels: Sequence[Wheel], *, connections: int = CONNECTIONS, session: bool = False
) -> float:
    """Send all ``wheels`` and return how many a second were acknowledged; raises ``Failed`` on any refusal.

    A file that is answered 5xx is sent again, as twine does: only what was acknowledged counts, the time of the attempt
    too. ``session`` signs in as devpi's own client does, where the server knows that.
    """
    headers = server.session if session and server.session else server.headers
    run = _Run(url=server.upload, headers=headers)
    for wheel in wheels:
        run.waiting.put(_form(wheel))  # laid out beforehand: only the servers' time counts
    threads = [threading.Thread(target=_send_all, args=(run,)) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - began
    if run.refused:
        raise Failed(f"{len(run.refused)} uploads refused, such as: {run.refused[0]}")
    return len(run.acknowledged) / elapsed


@dataclass(slots=True)
class _Run:
    """What the connections share. Lists and queues are safe to add to from several threads."""

    url: str
    headers: dict[str, str]
    waiting: "queue.SimpleQueue[tuple[bytes, str]]" = field(default_factory=queue.SimpleQueue)
    acknowledged: list[int] = field(default_factory=list)
    retried: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    deadline: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)

    @property
    def goes_on(self) -> bool:
        return not self.refused and time.monotonic() < self.deadline


def _send_all(run: _Run) -> None:
    address = urlsplit(run.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT)
    try:
        while run.goes_on:
            _send(connection, address.path, run.waiting.get_nowait(), run)
    except queue.Empty:
        pass
    except OSError as error:
        run.refused.append(repr(error))
    finally:
        connection.close()


def _send(connection: http.client.HTTPConnection, path: str, form: tuple[bytes, str], run: _Run) -> None:
    body, content_type = form
    connection.request("POST", path, body, {**run.headers, "Content-Type": content_type})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status == 200:
        run.acknowledged.append(answer.status)
    elif answer.status >= 500 and len(run.retried) < MAX_RETRIES:
        run.retried.append(answer.status)
        run.waiting.put(form)
    else:
        run.refused.append(f"{answer.status} {answer.reason}: {text[:300]!r}")


def _form(wheel: Wheel) -> tuple[bytes, str]:
    """The body and its content type (multipart/form-data, RFC 7578)."""
    boundary = uuid.uuid4().hex
    fields = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": wheel.name,
        "version": wheel.version,
        "summary": "A wheel to measure with",
        "requires_python": ">=3.8",
        "filetype": "bdist_wheel",
        "pyversion": "py3",
        "sha256_digest": hashlib.sha256(wheel.content).hexdigest(),
    }
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{wheel.filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
    )
    body = b"".join([*parts, wheel.content, f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"
