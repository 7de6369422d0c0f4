"""What the index says with a file, and which of its bytes it sends."""

import pytest

from tests.attacks.target import Target
from tests.attacks.wire import get

PAGES = ["/simple/", "/simple/demo/"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("0-9", 0, 10), ("5-", 5, None), ("-5", -5, None), ("0-0", 0, 1), ("9-99999999", 9, None)],
)
def test_a_range_gets_exactly_its_bytes(
    target: Target, asked: str, start: int, stop: int | None
) -> None:  # IX-06
    content = target.wheel.read_bytes()
    heard = get(target.server.port, target.file_path, f"Range: bytes={asked}")
    assert heard.statuses == [206]
    assert heard.body == content[start:stop]
    at = len(content) + start if start < 0 else start
    assert f"content-range: bytes {at}-{at + len(heard.body) - 1}/{len(content)}" in heard.head


@pytest.mark.parametrize("asked", ["999999999-", "-0", "999999999999999999-"])
def test_a_range_beyond_the_end_gets_416(target: Target, asked: str) -> None:  # IX-06
    heard = get(target.server.port, target.file_path, f"Range: bytes={asked}")
    assert (heard.statuses, heard.body) == ([416], b"")
    assert f"content-range: bytes */{target.wheel.stat().st_size}" in heard.head


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + ",".join(f"{at}-{at + 1}" for at in range(5_000)),
        "bytes=" + ",".join(["0-"] * 10_000),
        "bytes=9-2",
        "bytes=a-b",
        "bytes=0-99999999999999999999",
        "bytes=",
        "chars=0-1",
    ],
    ids=["many", "overlapping", "backwards", "letters", "20 digits", "none", "other unit"],
)
def test_what_no_reader_needs_gets_the_file_once(target: Target, asked: str) -> None:  # IX-06
    heard = get(target.server.port, target.file_path, f"Range: {asked}")
    assert heard.statuses == [200]
    assert heard.body == target.wheel.read_bytes()


def test_a_range_holds_only_for_the_same_file(target: Target) -> None:  # IX-06
    sha256 = target.file_path.removeprefix("/files/").rpartition("/")[0].replace("/", "")
    same = get(target.server.port, target.file_path, "Range: bytes=0-1", f'If-Range: "{sha256}"')
    other = get(target.server.port, target.file_path, "Range: bytes=0-1", 'If-Range: "other"')
    assert (same.statuses, other.statuses) == ([206], [200])


def test_head_has_the_headers_and_no_bytes(target: Target) -> None:  # IX-06
    heard = get(target.server.port, target.file_path, method="HEAD")
    assert (heard.statuses, heard.body) == ([200], b"")
    assert f"content-length: {target.wheel.stat().st_size}" in heard.head


def test_a_browser_saves_a_file_and_never_shows_it(target: Target) -> None:
    # UP-26, UP-31
    for path in (target.file_path, f"{target.file_path}.metadata"):
        head = get(target.server.port, path, "Accept: text/html").head
        assert "\r\ncontent-type: application/octet-stream\r\n" in head
        assert "\r\nx-content-type-options: nosniff\r\n" in head
        assert "\r\ncontent-security-policy: default-src 'none'; sandbox\r\n" in head
        assert f'\r\ncontent-disposition: attachment; filename="{path.rpartition("/")[2]}"\r\n' in head


@pytest.mark.parametrize("path", [*PAGES, "/simple/nope/", "/simple/Demo", "/legacy/", "/healthz", "/readyz"])
def test_no_answer_of_the_index_can_be_sniffed_framed_or_run(target: Target, path: str) -> None:
    # SS-14, SS-15
    head = get(target.server.port, path, "Accept: text/html").head
    assert "\r\nx-content-type-options: nosniff" in head
    assert "set-cookie" not in head
    if "content-type: text/html" in head:
        assert "\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n" in head
    else:
        assert "content-type: text/plain; charset=utf-8" in head


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /evil",
        "X-Forwarded-Port: 81",
        "Forwarded: host=evil.example;proto=https",
        "X-Original-URL: /simple/other/",
        "X-Rewrite-URL: /simple/other/",
        "X-HTTP-Method-Override: DELETE",
        "Cookie: a=b",
        "Authorization: Basic YTpi",
        "Content-Length: 0",
    ],
)
def test_no_header_that_a_cache_ignores_changes_an_answer(target: Target, header: str) -> None:
    # IX-03
    for path in (*PAGES, "/simple/Demo", target.file_path, "/help/", "/account/login/"):
        plain, dressed = (_lasting(get(target.server.port, path, *extra).raw) for extra in ((), (header,)))
        assert plain == dressed, path
        assert b"evil" not in dressed


def test_a_query_changes_no_page_but_by_format(target: Target) -> None:
    # IX-03
    for path in PAGES:
        plain, asked = (get(target.server.port, path + query) for query in ("", "?utm=evil&callback=x"))
        assert (plain.statuses, plain.body) == (asked.statuses, asked.body)


def _lasting(raw: bytes) -> bytes:
    """An answer without what differs each time: its date, its id, its form's token."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [
        line
        for line in head.split(b"\r\n")
        if not line.lower().startswith((b"date:", b"x-request-id:", b"set-cookie:"))
    ]
    masked = [line for line in body.split(b"\n") if b"csrfmiddlewaretoken" not in line]
    return b"\n".join([*lines, *masked])
