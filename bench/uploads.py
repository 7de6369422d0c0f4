"""Publishing: wheels in the form that twine sends, over 32 connections at once."""

import hashlib
import http.client
import queue
import threading
import time
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from bench.corpus import Wheel
from bench.process import Failed
from bench.servers import Server

CONNECTIONS = 32
TIMEOUT = 120  # seconds for one answer


def upload(server: Server, wheels: Sequence[Wheel], *, connections: int = CONNECTIONS) -> float:
    """Send all ``wheels`` and return how many a second were acknowledged; raises ``Failed`` on any refusal."""
    forms: queue.SimpleQueue[tuple[bytes, str]] = queue.SimpleQueue()
    for wheel in wheels:
        forms.put(_form(wheel))  # laid out beforehand: only the servers' time counts
    refusals: list[str] = []
    threads = [threading.Thread(target=_send_all, args=(server, forms, refusals)) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - began
    if refusals:
        raise Failed(f"{len(refusals)} uploads refused, such as: {refusals[0]}")
    return len(wheels) / elapsed


def _send_all(server: Server, forms: "queue.SimpleQueue[tuple[bytes, str]]", refusals: list[str]) -> None:
    address = urlsplit(server.upload)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT)
    try:
        while not refusals:
            body, content_type = forms.get_nowait()
            connection.request("POST", address.path, body, {**server.headers, "Content-Type": content_type})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                refusals.append(f"{answer.status} {answer.reason}: {text[:300]!r}")
    except queue.Empty:
        pass
    except OSError as error:
        refusals.append(repr(error))
    finally:
        connection.close()


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
