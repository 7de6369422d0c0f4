"""What is refused before its body is read, and what bad bodies get."""

import asyncio
import errno
import os
import tracemalloc
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import OperationalError

from strongroom.accounts import standing
from strongroom.api import upload as upload_module
from strongroom.api.fields import MAX_FIELDS
from strongroom.kernel import clock
from tests.api.asking import FORM, Endpoint, Heard, basic, bearer, form, part
from tests.artifacts.building import build_wheel
from tests.publish.publishing import fields_of, left_behind, refusals
from tests.support.configuration import configured
from tests.support.patience import SECONDS
from tests.support.people import PASSWORD, person, visitor
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db(transaction=True)

ZEROS = bytes(65_536)


def endless() -> Iterator[bytes]:
    return repeat(ZEROS)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "credentials_missing"),
        (bearer(""), 403, "token_invalid"),
        (bearer("strongroom-AAAA"), 403, "token_invalid"),
        (basic("__token__", "strongroom-AAAA"), 403, "token_invalid"),
        (basic("alice", "wrong"), 403, "credentials_wrong"),
        (basic("nobody", "wrong"), 403, "credentials_wrong"),
        ({"Authorization": "Basic !"}, 403, "credentials_malformed"),
        ({"Cookie": "strongroom-session=x; token=y"}, 401, "credentials_missing"),
    ],
)
def test_who_is_not_known_is_refused_before_the_body_is_read(
    endpoint: Endpoint, headers: dict[str, str], status: int, code: str
) -> None:  # UP-01, TK-13, SS-13
    person()
    heard = endpoint.ask(endless(), headers=headers | FORM | {"Content-Length": str(10**10)})
    assert (heard.status, heard.code, heard.read) == (status, code, 0)
    assert ("www-authenticate" in heard.headers) == (status == 401)
    if status == 403 and code != "credentials_malformed":
        assert heard.text.startswith("Invalid or non-existent authentication information.")
    assert endpoint.drafts() == []


@pytest.mark.parametrize("by_token", [True, False])
def test_who_is_frozen_is_refused_before_the_body_is_read(endpoint: Endpoint, by_token: bool) -> None:
    alice = person()
    standing.freeze(alice, clock.now(), by=visitor())
    header = bearer(token_for(alice).secret) if by_token else basic("alice", PASSWORD)
    heard = endpoint.ask(endless(), headers=header | FORM | {"Content-Length": str(10**10)})
    assert (heard.status, heard.code) == (403, "account_frozen")
    assert heard.read == 0


def test_a_token_anywhere_but_in_the_header_is_no_credential(endpoint: Endpoint) -> None:  # TK-12
    token = token_for(person()).secret
    body = form(part("token", token.encode()), part("password", token.encode()))
    heard = endpoint.ask([body], headers=FORM | {"Cookie": f"token={token}"}, query=f"token={token}")
    assert (heard.status, heard.code, heard.read) == (401, "credentials_missing", 0)


def test_two_authorization_headers_are_none(endpoint: Endpoint) -> None:
    token = token_for(person()).secret
    headers = bearer(token) | {"authorization": f"Bearer {token}"}
    heard = endpoint.ask(endless(), headers=headers | FORM)
    assert (heard.status, heard.read) == (401, 0)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=B",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "B" * 201,
        "multipart/form-data; boundary=\xe4",
    ],
)
def test_a_body_that_is_no_form_is_refused_before_it_is_read(endpoint: Endpoint, kind: str) -> None:
    headers = bearer(token_for(person()).secret) | {"Content-Type": kind}
    heard = endpoint.ask(endless(), headers=headers)
    assert (heard.status, heard.code, heard.read) == (415, "content_type_unsupported", 0)


@pytest.mark.parametrize("length", [str(10**10), "9" * 30, "9" * 5000])
def test_a_body_that_is_too_long_is_refused_before_it_is_read(
    endpoint: Endpoint, length: str
) -> None:  # UP-03
    headers = bearer(token_for(person()).secret) | FORM | {"Content-Length": length}
    heard = endpoint.ask(endless(), headers=headers)
    assert (heard.status, heard.code, heard.read) == (413, "file_too_large", 0)


def test_a_file_may_have_its_limit_and_no_byte_more(endpoint: Endpoint, tmp_path: Path) -> None:  # UP-03
    token, wheel = token_for(person()).secret, build_wheel(tmp_path)
    with configured("uploads", max_file_size=wheel.stat().st_size - 1):
        heard = endpoint.upload(wheel, token=token)
        assert (heard.status, heard.code) == (413, "file_too_large")
        assert endpoint.drafts() == []
    with configured("uploads", max_file_size=wheel.stat().st_size):
        assert endpoint.upload(wheel, token=token).status == 200


def file_part(filename: str = "demo-1.0-py3-none-any.whl", *, project: str = "demo") -> bytes:
    return part("name", project.encode()) + part("content", b"", filename=filename).removesuffix(b"\r\n")


def test_an_endless_file_is_refused_at_its_limit(endpoint: Endpoint) -> None:  # UP-01, UP-03
    before = left_behind()
    chunks = (chunk for source in ([file_part()], endless()) for chunk in source)
    with configured("uploads", max_file_size=10**6):
        heard = endpoint.ask(chunks, headers=bearer(token_for(person()).secret) | FORM)
    assert (heard.status, heard.code) == (413, "file_too_large")
    assert heard.read < 2 * 10**6
    assert endpoint.drafts() == []
    assert left_behind() == before


def test_who_may_not_publish_there_is_refused_before_the_file_is_stored(endpoint: Endpoint) -> None:  # UP-02
    project_of(person())
    written: list[bytes] = []
    original = os.write

    def write(descriptor: int, content: bytes) -> int:
        written.append(bytes(content[:1]))
        return original(descriptor, content)

    chunks = (chunk for source in ([file_part()], endless()) for chunk in source)
    with patch("strongroom.blobs.draft.os.write", write):
        heard = endpoint.ask(chunks, headers=bearer(token_for(person("mallory")).secret) | FORM)
    assert (heard.status, heard.code) == (403, "project_not_yours")
    assert heard.read < 1024**2
    assert written == []
    assert endpoint.drafts() == []
    assert refusals() == ["project_not_yours"]


def test_a_large_file_takes_no_memory(endpoint: Endpoint) -> None:
    chunks = (chunk for source in ([file_part()], islice(endless(), 1024)) for chunk in source)
    token = token_for(person()).secret
    tracemalloc.start()
    heard = endpoint.ask(chunks, headers=bearer(token) | FORM)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (heard.status, heard.code) == (400, "form_truncated")
    assert heard.read > 64 * 1024**2
    assert peak < 8 * 1024**2


def test_a_body_that_stalls_is_refused(endpoint: Endpoint) -> None:  # UP-01
    async def run() -> list[dict]:
        sent: list[dict] = []
        chunks = iter([file_part(), ZEROS * 5])

        async def receive() -> dict:
            for chunk in chunks:
                return {"type": "http.request", "body": chunk, "more_body": True}
            return await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: dict) -> None:
            sent.append(message)

        headers = [(key.lower().encode(), value.encode()) for key, value in (bearer(token) | FORM).items()]
        scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": headers, "client": None}
        with patch.object(upload_module, "STALLED_SECONDS", 0.2):
            await endpoint.app(scope, receive, send)  # type: ignore[arg-type]
        return sent

    token = token_for(person()).secret
    start, _ = asyncio.run(run())
    assert start["status"] == 408
    assert (b"strongroom-refusal", b"body_stalled") in start["headers"]
    assert endpoint.drafts() == []


@pytest.mark.parametrize("chunks_before", [1, 12])
def test_a_client_that_goes_away_leaves_nothing(endpoint: Endpoint, chunks_before: int) -> None:
    before = left_behind()
    chunks = [file_part(), *[ZEROS] * chunks_before, None]
    heard = endpoint.ask(chunks, headers=bearer(token_for(person()).secret) | FORM)
    assert (heard.status, heard.code) == (400, "form_truncated")
    assert endpoint.drafts() == []
    assert left_behind() == before


def wheel_form(folder: Path, **changes: bytes) -> list[bytes]:
    wheel = build_wheel(folder)
    fields = {name: value.encode() for name, (value,) in fields_of(wheel).items()} | changes
    file = part("content", wheel.read_bytes(), filename=wheel.name)
    return [*(part(name, value) for name, value in fields.items()), file]


def bad_bodies(folder: Path) -> dict[str, tuple[bytes, str]]:
    good = wheel_form(folder)
    fields, file = good[:-1], good[-1]
    whole = form(*good)
    tall = b"X: y\r\n"
    return {
        "empty": (b"", "form_truncated"),
        "not a form": (b"hello", "form_truncated"),
        "another boundary": (whole.replace(b"--B", b"--C"), "form_truncated"),
        "cut in a field": (whole[:100], "form_truncated"),
        "cut in the file": (whole[:-50], "form_truncated"),
        "cut before the end": (whole[:-6], "form_truncated"),
        "only the end": (b"--B--\r\n", "action_unknown"),
        "no file": (form(*fields), "file_missing"),
        "a file without a name": (form(*fields, part("content", b"x")), "file_missing"),
        "two files": (form(*good, file), "file_repeated"),
        "two names": (form(part("name", b"demo"), *good), "field_repeated"),
        "a second name behind the file": (form(*good, part("name", b"other")), "field_repeated"),
        "a field that is a file": (form(part("summary", b"x", filename="x"), *good), "field_is_file"),
        "a signature": (form(*good, part("gpg_signature", b"x", filename="x.asc")), "field_is_file"),
        "a picture": (
            form(*fields, file.replace(b'.whl"', b'.whl"\r\nContent-Type: image/png')),
            "file_is_image",
        ),
        "a byte that is no text": (form(part("summary", b"\xff"), *good), "field_malformed"),
        "NUL": (form(part("summary", b"a\0b"), *good), "field_malformed"),
        "a long name": (form(part("name", b"x" * 70_000), *good), "form_too_large"),
        "a long name in the headers": (form(part("x" * 5000, b""), *good), "form_too_large"),
        "many headers": (
            form(part("x", b"").replace(b"\r\n\r\n", b"\r\n" + tall * 100 + b"\r\n"), *good),
            "form_too_large",
        ),
        "many parts": (form(*[part("x", b"")] * 5000, *good), "form_too_large"),
        "many bytes that nobody reads": (form(part("x", bytes(MAX_FIELDS + 1)), *good), "form_too_large"),
        "no disposition": (form(part("x", b"", header="X: y"), *good), "form_malformed"),
        "another disposition": (
            form(part("x", b"", header="Content-Disposition: attachment"), *good),
            "form_malformed",
        ),
        "bare line feeds": (whole.replace(b"\r\n", b"\n"), "form_malformed"),
        "a header that is no text": (form(b"--B\r\n\xff: x\r\n\r\n\r\n", *good), "form_malformed"),
        "a filename that climbs": (whole.replace(b'filename="', b'filename="../'), "filename_invalid"),
        "a filename with a backslash": (whole.replace(b'filename="', b'filename="a\\b'), "filename_invalid"),
        "an absolute filename": (whole.replace(b'filename="', b'filename="/'), "filename_invalid"),
        "a filename with a line feed": (whole.replace(b'filename="', b'filename="%0A'), "filename_invalid"),
        "a filename of another kind": (whole.replace(b".whl", b".egg"), "filename_invalid"),  # UP-46
        "a long filename": (whole.replace(b'filename="', b'filename="' + b"x" * 300), "filename_too_long"),
        "no filename": (form(*fields, part("content", b"x", filename="")), "filename_invalid"),
    }


def test_bad_bodies_are_refused_for_their_reason_and_leave_nothing(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    # UP-05, UP-06
    token = token_for(person()).secret
    before = left_behind()
    heard: dict[str, Heard] = {}
    bodies = bad_bodies(tmp_path)
    for case, (body, _) in bodies.items():
        heard[case] = endpoint.ask([body], headers=bearer(token) | FORM)
    answers = {case: answer.code for case, answer in heard.items()}
    assert answers == {case: code for case, (_, code) in bodies.items()}
    assert {answer.status for answer in heard.values()} <= {400, 413}
    assert left_behind() == before
    assert endpoint.drafts() == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OSError(errno.EDQUOT, "Quota exceeded"), 507),
        (OSError(errno.EIO, "Input/output error"), 503),
        (OSError(errno.EMFILE, "Too many open files"), 503),
    ],
)
def test_a_disk_that_fails_is_not_the_publishers_fault(
    endpoint: Endpoint, tmp_path: Path, error: OSError, status: int
) -> None:  # UP-38, CR-03, CR-04
    token, wheel = token_for(person()).secret, build_wheel(tmp_path)
    before = left_behind()
    for call in ("write", "fsync"):
        with patch(f"strongroom.blobs.draft.os.{call}", side_effect=error):
            heard = endpoint.upload(wheel, token=token)
        assert (heard.status, heard.code) == (status, "")
        assert "No space" not in heard.text
        assert left_behind() == before
        assert endpoint.drafts() == []
    assert endpoint.upload(wheel, token=token).status == 200


@pytest.mark.parametrize(("error", "status"), [(OperationalError("down"), 503), (RuntimeError("bug"), 500)])
def test_a_database_that_fails_after_the_blob_acknowledges_nothing(
    endpoint: Endpoint, tmp_path: Path, error: Exception, status: int
) -> None:  # UP-40
    token, wheel = token_for(person()).secret, build_wheel(tmp_path)
    before = left_behind()
    with patch("strongroom.projects.journal.insert", side_effect=error):
        heard = endpoint.upload(wheel, token=token)
    assert heard.status == status
    assert left_behind() == before
    assert endpoint.drafts() == []
    assert endpoint.upload(wheel, token=token).status == 200


def test_the_password_of_a_refused_upload_is_nowhere(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    person()
    heard = endpoint.ask(headers=basic("alice", PASSWORD + "x"))
    assert PASSWORD not in heard.text + caplog.text


@pytest.mark.parametrize(
    ("length", "chunks", "read"),
    [
        (10 * len(ZEROS), 10, 10 * len(ZEROS)),
        (10 * len(ZEROS), 10_000, 32 * 1024**2),  # longer than it said
        (40 * 1024**2, 10_000, 0),
        (0, 10_000, 0),
    ],
)
def test_what_is_left_of_a_short_body_is_dropped_after_the_answer(
    endpoint: Endpoint, length: int, chunks: int, read: int
) -> None:  # UP-45
    heard = endpoint.ask(islice(endless(), chunks), headers=FORM | {"Content-Length": str(length)})
    assert (heard.status, heard.read, heard.read_in_all) == (401, 0, read)


def test_nobody_waits_long_for_what_is_left_of_a_body(endpoint: Endpoint) -> None:  # UP-01
    async def run() -> None:
        async def receive() -> dict:
            return await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: dict) -> None:
            pass

        scope = {"type": "http", "method": "POST", "path": "/legacy/", "client": None}
        headers = [(b"content-length", b"1000")]
        with patch.object(upload_module, "_LINGER_SECONDS", 0.1):
            await asyncio.wait_for(endpoint.app(scope | {"headers": headers}, receive, send), SECONDS)  # type: ignore[arg-type]

    asyncio.run(run())
