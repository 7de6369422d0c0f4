"""What the JSON API does with requests of any shape."""

import asyncio
import threading
from collections.abc import Iterable
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from strongroom.api import endpoints
from strongroom.api.table import table
from tests.api.calling import Api, refused
from tests.support.patience import SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = table(heard=lambda _serial: None)


@pytest.mark.parametrize(
    "path", ["/_/", "/_/oidc/", "/_/oidc/mint-token/", "/_/admin", "/.well-known/pytp/x", "/_/token%0A"]
)
def test_other_paths_are_not_there(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_other_methods_are_not_taken(api: Api) -> None:
    for path, methods in PATHS.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - set(methods):
            answer = api.ask(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), (method, path)
            assert set(methods) <= set(answer.headers["allow"].split(", "))
            assert answer.headers["cache-control"] == "no-store"


def test_head_is_answered_as_get(api: Api) -> None:
    for path, methods in PATHS.items():
        status = api.ask("HEAD", path).status_code
        assert status == (api.get(path).status_code if "GET" in methods else 405)


def test_a_large_body_is_refused_before_it_has_come(api: Api) -> None:
    for path, methods in PATHS.items():
        if "POST" not in methods:
            continue
        read = 0

        def chunks() -> Iterable[bytes]:
            nonlocal read
            while True:
                read += 65_536
                yield bytes(65_536)

        answer = play(api, path, chunks())
        assert answer["status"] == 413, path
        assert read <= 2 * methods["POST"].max_body + 65_536


@pytest.mark.parametrize(
    ("chunks", "status", "code"), [([b"{", None], 400, "body_truncated"), ([b"{", ...], 408, "body_stalled")]
)
def test_a_body_that_does_not_come_whole_is_refused(
    api: Api, chunks: list[Any], status: int, code: str
) -> None:
    with patch.object(endpoints, "BODY_SECONDS", 0.2):
        answer = play(api, "/_/device/code", chunks)
    assert (answer["status"], dict(answer["headers"])[b"strongroom-refusal"]) == (status, code.encode())


def test_reading_takes_no_body(api: Api) -> None:
    assert play(api, "/_/oidc/audience", [...], method="GET")["status"] == 200


def test_a_slow_visit_holds_up_no_other_request(api: Api) -> None:
    """Endpoints that may wait for other servers have threads of their own."""

    there = threading.Event()

    async def both() -> None:
        slow = asyncio.ensure_future(api.app._visitors.run(partial(there.wait, SECONDS)))
        answer = await playing(api, "/_/oidc/audience", [b""], method="GET")
        assert answer["status"] == 200
        assert not slow.done()
        there.set()
        assert await slow

    asyncio.run(both())


def test_forms_that_cannot_be_read_are_refused(api: Api) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    cases = {
        "no form": ({"Content-Type": "application/json"}, b"{}", (400, "content_type_unsupported")),
        "no type": ({}, b"client_id=a", (400, "content_type_unsupported")),
        "no ASCII": (kind, b"client_id=\xff", (400, "body_malformed")),
        "no UTF-8": (kind, b"client_id=%ff", (400, "body_malformed")),
        "NUL": (kind, b"client_id=%00", (400, "body_malformed")),
        "twice": (kind, b"client_id=a&client_id=b", (400, "body_malformed")),
        "many": (kind, b"&".join(b"%d=1" % number for number in range(30)), (400, "body_malformed")),
    }
    answers = {
        case: api.post("/_/device/code", headers=headers, content=body)
        for case, (headers, body, _) in cases.items()
    }
    assert {case: refused(answer) for case, answer in answers.items()} == {
        case: expected for case, (_, _, expected) in cases.items()
    }
    assert {answer.json()["error"] for answer in answers.values()} == {"invalid_request"}


def play(api: Api, path: str, chunks: Iterable[Any], *, method: str = "POST") -> Any:
    return asyncio.run(playing(api, path, chunks, method=method))


async def playing(api: Api, path: str, chunks: Iterable[Any], *, method: str = "POST") -> Any:
    """The start of the answer to a request whose body comes in ``chunks``: ``None`` hangs up, ``...`` says nothing more."""
    sent: list[Any] = []
    coming = iter(chunks)

    async def receive() -> dict[str, Any]:
        chunk = next(coming, None)
        if chunk is ...:
            await asyncio.Event().wait()
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    await api.app({**scope, "client": ("203.0.113.7", 4000)}, receive, send)
    return sent[0]
