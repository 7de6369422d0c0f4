"""Uploads that come slowly, that find the disk full, or that people read while they are published."""

import os
import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.artifacts.building import build_wheel
from tests.attacks.target import Target
from tests.attacks.wire import connect, get
from tests.support.patience import SECONDS
from tests.support.publishing import download, fields_of, listed, upload
from tests.support.server import Server

pytestmark = pytest.mark.slow

MIB = 1024**2


def test_a_slow_upload_holds_no_transaction(target: Target, tmp_path: Path) -> None:
    # UP-48
    wheel = build_wheel(tmp_path, name="slow", files={"slow/keys.txt": "x"})
    request = httpx.Request(
        "POST",
        f"{target.server.base_url}/legacy/",
        data=fields_of(wheel, name="slow", version="1.0"),
        files={"content": (wheel.name, wheel.read_bytes())},
        headers={"Authorization": f"Bearer {target.token}"},
    )
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    body = request.read()
    with connect(target.server.port) as line:
        line.sendall(b"POST /legacy/ HTTP/1.1\r\n" + headers.encode() + b"\r\n" + body[:-100])
        time.sleep(0.5)
        database = target.server.data / "strongroom.sqlite3"
        with closing(sqlite3.connect(database, timeout=SECONDS / 4, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
        line.sendall(body[-100:])
        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert set(listed(target.server, "slow")) == {wheel.name}


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's")
def test_on_a_full_disk_nothing_is_published_and_nothing_left(target: Target, tmp_path: Path) -> None:
    # UP-38
    wheel = build_wheel(tmp_path, name="large", files={"large/keys.bin": os.urandom(24 * MIB)})
    before = blobs(target)
    with no_file_larger_than(target.server, 16 * MIB):
        answer = upload(target.server, wheel, token=target.token, name="large")
        assert answer.status_code == 507
        assert blobs(target) == before
        assert listed(target.server, "large") == {}
        assert get(target.server.port, target.file_path).statuses == [200]
    assert upload(target.server, wheel, token=target.token, name="large").status_code == 200
    assert download(target.server, "large", wheel.name).content == wheel.read_bytes()


def test_who_reads_while_a_release_is_published_sees_whole_files_only(target: Target, tmp_path: Path) -> None:
    # IX-11, IX-12
    wheels = [
        build_wheel(tmp_path, name="busy", tag=tag)
        for tag in ("py3-none-any", "cp311-none-any", "cp312-none-any")
    ]
    complaints: list[str] = []
    done = threading.Event()
    readers = [
        threading.Thread(target=_read_on, args=(target.server, done, complaints)) for _reader in range(3)
    ]
    for reader in readers:
        reader.start()
    published: set[str] = set()
    for wheel in wheels:
        assert upload(target.server, wheel, token=target.token, name="busy").status_code == 200
        published.add(wheel.name)
        assert set(listed(target.server, "busy")) == published  # with the next read
    done.set()
    for reader in readers:
        reader.join()
    assert complaints == []


def test_no_page_with_a_secret_is_compressed(target: Target) -> None:
    # IX-21
    for path in ("/account/login/", "/account/register/", "/account/request-password-reset/"):
        heard = get(target.server.port, path, "Accept-Encoding: gzip, br, zstd, deflate")
        assert b"csrfmiddlewaretoken" in heard.body
        assert "content-encoding" not in heard.head, path


def blobs(target: Target) -> list[Path]:
    """Every file in the blob store, finished or not."""
    return sorted(path for path in (target.server.data / "blobs").rglob("*") if path.is_file())


@contextmanager
def no_file_larger_than(server: Server, size: int) -> Iterator[None]:
    """Let the server's processes write no file beyond ``size`` bytes, as on a full disk."""
    found = [server.pid, *children(server.pid)]
    limits = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in found]
    try:
        for pid, (_soft, hard) in zip(found, limits, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
        yield
    finally:
        for pid, limit in zip(found, limits, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started."""
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _read_on(server: Server, done: threading.Event, complaints: list[str]) -> None:
    seen: set[str] = set()
    while not done.is_set():
        files = listed(server, "busy")
        if not seen <= set(files):
            complaints.append(f"gone: {seen - set(files)}")
        for filename in set(files) - seen:
            answer = download(server, "busy", filename)
            if answer.status_code != 200:
                complaints.append(f"{filename}: {answer.status_code}")
        seen = set(files)
