"""Downloads: whole files, parts of them, their METADATA; and never a byte of a wrong one."""

import asyncio
import gzip
import hashlib
import os
from collections.abc import Callable

import pytest

from strongroom.index.app import Index, Memory
from strongroom.index.offer import CHUNK
from strongroom.index.ports import Message
from strongroom.index.sending import MAX_STREAMS
from strongroom.simple.page import FileEntry
from tests.index.asking import PATHSEND, ask, scope
from tests.index.site import Site, entry, file_url

CONTENT = b"".join(b"%08d" % number for number in range(2_000))
METADATA = b"Metadata-Version: 2.4\nName: demo\n" * 50
LAST_MODIFIED = "Mon, 04 May 2026 03:02:01 GMT"


@pytest.fixture(params=["in memory", "on disk"])
def index(site: Site, request: pytest.FixtureRequest) -> Index:
    """An index that keeps small files in memory, and one that keeps none."""
    return site.index(memory=Memory() if request.param == "in memory" else Memory(files=0))


@pytest.fixture
def disk(site: Site) -> Index:
    return site.index(memory=Memory(files=0))


@pytest.fixture
def wheel(site: Site) -> FileEntry:
    return site.upload("demo", "demo-1.0-py3-none-any.whl", CONTENT, metadata=METADATA)


@pytest.fixture
def url(wheel: FileEntry) -> str:
    return file_url(wheel)


def test_a_download_carries_everything_that_clients_and_caches_need(index: Index, wheel: FileEntry) -> None:
    reply = ask(index, file_url(wheel))
    assert reply.status == 200
    assert reply.headers == {
        "content-type": "application/octet-stream",
        "content-length": str(len(CONTENT)),
        "etag": f'"{wheel.sha256}"',
        "last-modified": LAST_MODIFIED,
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=31536000, immutable",
        "content-disposition": 'attachment; filename="demo-1.0-py3-none-any.whl"',
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "access-control-allow-origin": "*",
    }


def test_a_small_file_comes_from_memory(index: Index, site: Site, wheel: FileEntry, url: str) -> None:
    reply = ask(site.index(), url)
    assert reply.body == CONTENT
    assert ask(site.index(memory=Memory(files=2 * len(CONTENT))), url).body == CONTENT


def test_a_larger_one_is_left_to_the_server_to_send(site: Site, wheel: FileEntry, url: str) -> None:
    index = site.index(memory=Memory(files=2 * len(CONTENT) - 2))
    assert ask(index, url).path == str(site.blobs.path(wheel.sha256))


def test_many_readers_at_once_get_the_file_from_the_disk(site: Site, wheel: FileEntry, url: str) -> None:
    """Each reader of chunks has some of them on its way: a thousand slow ones must not fill the memory (IX-14)."""
    index = site.index()

    async def race() -> list[str]:
        stalled = asyncio.Event()
        kinds: list[str] = []

        async def send(message: Message) -> None:
            if message["type"] != "http.response.start":
                kinds.append(message["type"])
                await stalled.wait()

        async def receive() -> Message:
            await stalled.wait()
            return {"type": "http.disconnect"}

        readers = [asyncio.create_task(index(scope(url), receive, send)) for _ in range(MAX_STREAMS + 10)]
        while len(kinds) < len(readers):
            await asyncio.sleep(0.01)
        stalled.set()
        await asyncio.gather(*readers)
        return kinds

    kinds = asyncio.run(race())
    assert sorted(kinds) == ["http.response.body"] * MAX_STREAMS + [PATHSEND] * 10
    assert ask(index, url).body == CONTENT


def test_large_files_go_in_chunks_whole_and_in_part(index: Index, site: Site) -> None:
    content = os.urandom(2 * CHUNK + 7)
    url = file_url(site.upload("big", "big-1.0.tar.gz", content))
    for first, last in [(0, 0), (1, CHUNK), (CHUNK - 1, CHUNK), (CHUNK, 2 * CHUNK - 1), (5, 2 * CHUNK + 6)]:
        reply = ask(index, url, headers={"Range": f"bytes={first}-{last}"})
        assert (reply.status, reply.body) == (206, content[first : last + 1])
    reply = ask(index, url, pathsend=False)
    assert reply.status == 200
    assert [len(message["body"]) for message in reply.messages[1:]] == [CHUNK, CHUNK, 7]
    assert reply.body == content


def test_head_tells_the_size_and_sends_nothing(index: Index, url: str) -> None:
    whole = ask(index, url)
    head = ask(index, url, method="HEAD")
    assert head.messages[0] == whole.messages[0]
    assert head.body == b""


# IX-06
@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=0-", slice(0, None)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=-99999999", slice(0, None)),
        ("bytes=15990-99999999", slice(15990, None)),
    ],
)
def test_a_part_is_sent_as_a_part(index: Index, url: str, asked: str, part: slice) -> None:
    first, stop, _ = part.indices(len(CONTENT))
    for method, body in (("GET", CONTENT[part]), ("HEAD", b"")):
        reply = ask(index, url, method=method, headers={"Range": asked})
        assert (reply.status, reply.body) == (206, body)
        assert reply.headers["content-range"] == f"bytes {first}-{stop - 1}/{len(CONTENT)}"
        assert reply.headers["content-length"] == str(stop - first)
        assert reply.headers["etag"] == ask(index, url).headers["etag"]


# IX-06
def test_a_part_that_does_not_exist_is_416_with_the_size(index: Index, url: str) -> None:
    reply = ask(index, url, headers={"Range": "bytes=16000-"})
    assert (reply.status, reply.body) == (416, b"")
    assert reply.headers["content-range"] == "bytes */16000"


# IX-06
@pytest.mark.parametrize(
    "asked", ["bytes=" + "0-0," * 10_000, "bytes=0-1,2-3", "bytes=5-1", "lines=1-2", "bytes=x"]
)
def test_anything_else_gets_the_whole_file(index: Index, url: str, asked: str) -> None:
    reply = ask(index, url, headers={"Range": asked}, pathsend=False)
    assert (reply.status, reply.body) == (200, CONTENT)


# IX-06
@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        ("{etag}", 206),
        (LAST_MODIFIED, 206),
        ("W/{etag}", 200),
        ('"other"', 200),
        ("Mon, 04 May 2026 03:02:02 GMT", 200),
    ],
)
def test_a_part_of_another_version_is_never_sent(
    index: Index, wheel: FileEntry, if_range: str, status: int
) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": if_range.format(etag=f'"{wheel.sha256}"')}
    assert ask(index, file_url(wheel), headers=headers).status == status


# IX-07
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": 'W/{etag}, "x"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-Modified-Since": LAST_MODIFIED}, 304),
        ({"If-Modified-Since": "Mon, 04 May 2026 03:02:00 GMT"}, 200),
        ({"If-Modified-Since": "rubbish"}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": LAST_MODIFIED}, 200),
        ({"If-None-Match": "{etag}", "Range": "bytes=0-1"}, 304),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_the_file_is_told_so(
    index: Index, wheel: FileEntry, method: str, headers: dict[str, str], status: int
) -> None:
    tagged = {name: value.replace("{etag}", f'"{wheel.sha256}"') for name, value in headers.items()}
    reply = ask(index, file_url(wheel), method=method, headers=tagged)
    assert reply.status == status
    if status == 304:
        assert reply.body == b""
        assert reply.headers["etag"] == f'"{wheel.sha256}"'


# IX-09
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_metadata_lies_beside_its_file(index: Index, wheel: FileEntry, encoding: str) -> None:
    reply = ask(index, f"{file_url(wheel)}.metadata", headers={"Accept-Encoding": encoding})
    assert reply.status == 200
    body = gzip.decompress(reply.body) if encoding else reply.body
    assert hashlib.sha256(body).hexdigest() == wheel.metadata_sha256
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.headers["vary"] == "Accept-Encoding"
    assert "immutable" in reply.headers["cache-control"]
    unchanged = ask(
        index,
        f"{file_url(wheel)}.metadata",
        headers={"Accept-Encoding": encoding, "If-None-Match": reply.headers["etag"]},
    )
    assert unchanged.status == 304


def test_a_file_without_metadata_has_none(index: Index, site: Site) -> None:
    url = file_url(site.upload("demo", "demo-1.0.tar.gz", CONTENT))
    assert [ask(index, url).status, ask(index, f"{url}.metadata").status] == [200, 404]


def test_a_digest_under_another_name_is_not_found(index: Index, url: str) -> None:
    for other in (
        url.replace("demo-1.0", "demo-1.1"),
        url.replace("/demo", "/Demo"),
        f"{url}.metadata.metadata",
    ):
        assert ask(index, other).status == 404


def test_a_deleted_file_is_gone_at_once_though_its_blob_is_there(
    index: Index, site: Site, wheel: FileEntry
) -> None:
    urls = [file_url(wheel), f"{file_url(wheel)}.metadata"]
    assert [ask(index, url).status for url in urls] == [200, 200]
    site.delete("demo", wheel.filename)
    assert [ask(index, url).status for url in urls] == [404, 404]
    assert site.blobs.has(wheel.sha256)


def test_a_file_that_was_not_found_is_found_once_it_is_published(index: Index, site: Site) -> None:
    later = entry("later-1.0.tar.gz", sha256=site.blobs.put(CONTENT), size=len(CONTENT))
    assert ask(index, file_url(later)).status == 404  # a blob alone is nothing
    site.publish("later", later)
    assert ask(index, file_url(later)).status == 200


def _missing(site: Site, sha256: str) -> None:
    site.blobs.delete(sha256)


def _too_short(site: Site, sha256: str) -> None:
    os.truncate(site.blobs.path(sha256), 1)


def _empty(site: Site, sha256: str) -> None:
    os.truncate(site.blobs.path(sha256), 0)


def _too_long(site: Site, sha256: str) -> None:
    with site.blobs.path(sha256).open("ab") as file:
        file.write(b"x")


# IX-08, CR-16
@pytest.mark.parametrize("damage", [_missing, _too_short, _empty, _too_long])
@pytest.mark.parametrize("request_headers", [{}, {"Range": "bytes=0-0"}])
@pytest.mark.parametrize("pathsend", [True, False])
def test_nothing_of_a_blob_that_is_missing_or_of_another_size_is_sent_and_the_operator_is_told(
    disk: Index,
    site: Site,
    wheel: FileEntry,
    damage: Callable[[Site, str], None],
    request_headers: dict[str, str],
    pathsend: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask(disk, file_url(wheel))
    damage(site, wheel.sha256)
    reply = ask(disk, file_url(wheel), headers=request_headers, pathsend=pathsend)
    assert (reply.status, reply.body) == (503, b"Not available now. Try again.\n")
    assert reply.headers["cache-control"] == "no-store"
    assert ask(disk, file_url(wheel), method="HEAD").status == 503
    assert "a blob is missing or damaged" in caplog.text
    site.blobs.put(CONTENT)
    assert ask(disk, file_url(wheel)).status == 200


def _flipped(site: Site, sha256: str) -> None:
    with site.blobs.path(sha256).open("r+b") as file:
        file.write(b"1")


# IX-08, CR-16
@pytest.mark.parametrize("damage", [_missing, _too_short, _empty, _too_long, _flipped])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-0"}])
def test_a_small_blob_is_compared_with_its_digest_before_a_byte_of_it_is_sent(
    site: Site,
    wheel: FileEntry,
    damage: Callable[[Site, str], None],
    headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    index = site.index()
    damage(site, wheel.sha256)
    reply = ask(index, file_url(wheel), headers=headers)
    assert (reply.status, reply.body) == (503, b"Not available now. Try again.\n")
    assert "a blob is missing or damaged" in caplog.text
    site.blobs.put(CONTENT)
    assert ask(index, file_url(wheel)).body == CONTENT
    damage(site, wheel.sha256)
    assert ask(index, file_url(wheel)).body == CONTENT  # what is in memory is right


# IX-09
@pytest.mark.parametrize("damage", [_missing, _empty, _too_long, _flipped])
def test_nothing_of_damaged_metadata_is_sent(
    index: Index,
    site: Site,
    wheel: FileEntry,
    damage: Callable[[Site, str], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert wheel.metadata_sha256 is not None
    damage(site, wheel.metadata_sha256)
    reply = ask(index, f"{file_url(wheel)}.metadata")
    assert (reply.status, reply.body) == (503, b"Not available now. Try again.\n")
    assert "a blob is missing or damaged" in caplog.text
    site.blobs.put(METADATA)
    assert ask(index, f"{file_url(wheel)}.metadata").body == METADATA


def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(
    disk: Index, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size was promised; a clean end would make a part look whole."""
    wheel = site.upload("big", "big-1.0.tar.gz", os.urandom(3 * CHUNK))
    pread = os.pread

    def shrinking(descriptor: int, count: int, at: int) -> bytes:
        os.truncate(site.blobs.path(wheel.sha256), CHUNK)
        return pread(descriptor, count, at)

    monkeypatch.setattr(os, "pread", shrinking)
    with pytest.raises(EOFError):
        ask(disk, file_url(wheel), pathsend=False)


def test_reading_stops_when_the_client_has_gone_away(disk: Index, site: Site) -> None:
    url = file_url(site.upload("big", "big-1.0.tar.gz", os.urandom(50 * CHUNK)))
    gone = asyncio.Event()
    sent: list[Message] = []

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 5:
            gone.set()

    asyncio.run(disk(scope(url, pathsend=False), receive, send))
    assert len(sent) < 10
