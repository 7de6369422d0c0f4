"""The index under the server that Strongroom ships with, over sockets, in a process of its own."""

import gzip
import hashlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from strongroom.index.app import Memory
from strongroom.simple.page import FileEntry
from tests.architecture.source import ROOT
from tests.index.site import Site, digest, entry, file_url
from tests.support.patience import SECONDS
from tests.support.postgresql import free_port

JSON = "application/vnd.pypi.simple.v1+json"
SMALL = b"".join(b"%08d" % number for number in range(8_000))
LARGE = os.urandom(Memory().files // 2 + 1)
METADATA = b"Metadata-Version: 2.4\nName: demo\n" * 50


@dataclass(frozen=True)
class Server:
    site: Site
    port: int
    small: FileEntry
    large: FileEntry

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def say(self, octets: bytes) -> list[tuple[int, bytes]]:
        """Send ``octets`` as they are; the statuses and bodies of everything that is answered until it closes."""
        with self.connect() as connection:
            connection.sendall(octets)
            return list(_answers(connection))


def _answers(connection: socket.socket) -> Iterator[tuple[int, bytes]]:
    stream = connection.makefile("rb")
    while line := stream.readline():
        headers = http.client.parse_headers(stream)
        yield int(line.split()[1]), stream.read(int(headers.get("content-length", "0")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("site")
    site = Site(folder)
    for number in range(60):
        name = f"many-1.{number}.tar.gz"
        site.publish("many", entry(name, sha256=digest(name.encode())))
    small = site.upload("demo", "demo-1.0-py3-none-any.whl", SMALL, metadata=METADATA)
    large = site.upload("demo", "demo-1.0.tar.gz", LARGE)
    with _running(folder) as port:
        yield Server(site, port, small, large)
    site.close()


@contextmanager
def _running(folder: Path) -> Iterator[int]:
    port = free_port()
    options = [
        "--interface",
        "asgi",
        "--no-ws",
        "--loop",
        "uvloop",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *options, "tests.index.site:app"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
    )
    try:
        _wait_until_healthy(port)
        yield port
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait_until_healthy(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).text == "ok\n":
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError("the server did not start")


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=SECONDS) as opened:
        yield opened


def test_a_page_over_one_connection_in_every_variant(client: httpx.Client) -> None:
    for accept, encoding in [(JSON, "gzip"), ("text/html", "gzip"), (JSON, "identity"), ("*/*", "identity")]:
        page = client.get("/simple/many/", headers={"Accept": accept, "Accept-Encoding": encoding})
        assert (
            page.status_code,
            page.text.count(".tar.gz#") if accept != JSON else len(page.json()["files"]),
        ) == (200, 60)
        assert page.headers.get("content-encoding", "identity") == encoding
        tag = page.headers["etag"]
        again = client.get(
            "/simple/many/", headers={"Accept": accept, "Accept-Encoding": encoding, "If-None-Match": tag}
        )
        assert (again.status_code, again.content) == (304, b"")
        head = client.head("/simple/many/", headers={"Accept": accept, "Accept-Encoding": encoding})
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
        assert head.headers["content-length"] == page.headers["content-length"]


# IX-11: another process publishes, as another worker would
def test_a_publish_is_in_the_next_answer_over_the_same_connection(
    server: Server, client: httpx.Client
) -> None:
    for number in range(20):
        filename = f"fresh-1.{number}.tar.gz"
        file = server.site.upload("fresh", filename, b"%d" % number)
        page = client.get("/simple/fresh/", headers={"Accept": JSON}).json()
        assert page["files"][-1]["filename"] == filename
        assert client.get(file_url(file)).content == b"%d" % number
        server.site.delete("fresh", filename)
        assert client.get(file_url(file)).status_code == 404
        assert client.get("/simple/fresh/", headers={"Accept": JSON}).json()["files"] == []


# IX-08
@pytest.mark.parametrize(("name", "content"), [("small", SMALL), ("large", LARGE)])
def test_downloads_have_the_digest_that_the_page_says(
    server: Server, client: httpx.Client, name: str, content: bytes
) -> None:
    page = client.get("/simple/demo/", headers={"Accept": JSON})
    listed = {file["filename"]: file for file in page.json()["files"]}
    file = listed[getattr(server, name).filename]
    for _ in range(2):
        download = client.get(str(page.url.join(file["url"])))
        assert download.status_code == 200
        assert int(download.headers["content-length"]) == file["size"] == len(content)
        assert hashlib.sha256(download.content).hexdigest() == file["hashes"]["sha256"]


# IX-09
def test_metadata_has_the_digest_that_the_page_says(server: Server, client: httpx.Client) -> None:
    page = client.get("/simple/demo/")
    link = re.search(r'href="([^"#]*\.whl)#[^>]*data-core-metadata="sha256=([0-9a-f]{64})"', page.text)
    assert link is not None
    metadata = client.get(str(page.url.join(f"{link.group(1)}.metadata")))
    assert hashlib.sha256(metadata.content).hexdigest() == link.group(2)


# IX-06
@pytest.mark.parametrize(("name", "content"), [("small", SMALL), ("large", LARGE)])
def test_a_download_that_broke_off_is_resumed(
    server: Server, client: httpx.Client, name: str, content: bytes
) -> None:
    url = file_url(getattr(server, name))
    half = len(content) // 2
    with client.stream("GET", url) as broken:
        first = next(broken.iter_raw(1024))
        tag = broken.headers["etag"]
    assert content.startswith(first)
    head = client.get(url, headers={"Range": f"bytes=0-{half - 1}"})
    rest = client.get(url, headers={"Range": f"bytes={half}-", "If-Range": tag})
    assert [head.status_code, rest.status_code] == [206, 206]
    assert head.content + rest.content == content
    beyond = client.get(url, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")


# IX-08
def test_a_large_blob_that_was_cut_off_is_withheld(server: Server, client: httpx.Client) -> None:
    file = server.site.upload("cut", "cut-1.0.tar.gz", LARGE[::-1])
    assert len(client.get(file_url(file)).content) == len(LARGE)
    os.truncate(server.site.blobs.path(file.sha256), 100)
    assert client.get(file_url(file)).status_code == 503
    server.site.blobs.delete(file.sha256)
    assert client.get(file_url(file)).status_code == 503


# IX-05
@pytest.mark.parametrize(
    "target",
    [
        b"/simple/../site.sqlite3",
        b"/simple/%2e%2e/",
        b"/simple/..%2fdemo/",
        b"/simple/%c0%ae%c0%ae/",
        b"/simple/demo%00/",
        b"/simple/demo%0d%0aX-Evil:1/",
        b"/simple/demo;a=b/",
        b"/simple//demo/",
        b"/files/%2e%2e/%2e%2e/site.sqlite3",
        b"/files/../site.sqlite3",
        b"/files/tmp/",
        b"/files/",
        b"/simple/demo\\..\\x/",
    ],
)
def test_no_spelling_of_a_path_leaves_the_index(server: Server, target: bytes) -> None:
    (answer,) = server.say(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer[0] in {400, 404}
    assert b"SQLite" not in answer[1]


def test_escapes_that_need_not_be_are_the_same_path(server: Server) -> None:
    request = b"GET /simple/d%65mo/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    ((status, body),) = server.say(request)
    assert (status, b"demo-1.0.tar.gz" in body) == (200, True)


# IX-03
def test_an_absolute_target_of_another_host_changes_nothing(server: Server) -> None:
    request = (
        b"GET http://evil.example/simple/demo HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    with server.connect() as connection:
        connection.sendall(request)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 301 ")
    assert b"\r\nlocation: /simple/demo/\r\n" in answer
    assert b"evil" not in answer


_SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


# IX-13
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nContent-Length: 40\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 4, 40\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n folded\r\nContent-Length : 4\r\n",
    ],
    ids=repr,
)
def test_a_request_whose_length_is_in_doubt_is_refused(server: Server, head: bytes) -> None:
    answers = server.say(b"GET /simple/demo/ HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + _SMUGGLED)
    assert [status for status, _ in answers] == [400]


# IX-13
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\n" % len(_SMUGGLED),
        b"Content-Length: %d\r\nConnection: close\r\n" % len(_SMUGGLED),
    ],
)
def test_the_body_of_a_get_is_no_request(server: Server, head: bytes) -> None:
    last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = server.say(b"GET /simple/absent/ HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + _SMUGGLED + last)
    assert [status for status, _ in answers] in ([404, 200], [404])


# IX-14
def test_slow_readers_keep_nobody_waiting(server: Server, client: httpx.Client) -> None:
    """Each asks for a large file and reads nothing; each tenth does not even finish its request."""
    request = f"GET {file_url(server.large)} HTTP/1.1\r\nHost: x\r\n".encode()
    with ExitStack() as stack:
        for number in range(150):
            connection = stack.enter_context(server.connect())
            connection.sendall(request if number % 10 == 0 else request + b"\r\n")
        assert client.get("/healthz").status_code == 200
        assert client.get("/simple/many/").status_code == 200
        assert client.get(file_url(server.small)).content == SMALL
    assert client.get(file_url(server.large)).content == LARGE


def test_a_long_accept_header_is_answered_or_refused(client: httpx.Client) -> None:
    page = client.get("/simple/demo/", headers={"Accept": ", ".join([JSON] * 5_000)})
    assert page.status_code in {200, 431}
    assert client.get("/simple/demo/").status_code == 200


def test_compressed_bytes_are_whole(server: Server) -> None:
    request = b"GET /simple/many/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    ((status, body),) = server.say(request)
    assert status == 200
    assert gzip.decompress(body).endswith(b"</html>\n")
