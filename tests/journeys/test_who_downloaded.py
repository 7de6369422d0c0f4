"""A private site is asked who downloaded a file: pip, uv, parts of files, tokens that are gone since, and a restart."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom.index.readers import SECONDS as READERS_SECONDS
from tests.artifacts.building import build_wheel
from tests.support.clients import run, said
from tests.support.console import Console, console_of
from tests.support.patience import SECONDS
from tests.support.publishing import add_person, upload
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

_BIN = Path(sys.executable).parent
FILENAME = "demo-1.0-py3-none-any.whl"


@dataclass
class Vault:
    """A private server with a wheel of alice's; bob has an account."""

    server: Server
    console: Console
    wheel: Path

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.wheel.read_bytes()).hexdigest()

    @property
    def path(self) -> str:
        return f"/files/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256[4:]}/{FILENAME}"

    def reading(self, username: str, name: str) -> str:
        return self.console.token(username, name=name, actions=["read"])

    def ask(self, method: str, token: str, path: str = "", **headers: str) -> int:
        answer = httpx.request(
            method,
            f"{self.server.base_url}{path or self.path}",
            headers={"Authorization": f"Bearer {token}", "User-Agent": "curl/8"} | headers,
            timeout=SECONDS,
            trust_env=False,
        )
        return answer.status_code

    def downloads(self, *words: str) -> list[dict[str, Any]]:
        return json.loads(self.said(*words, "--json"))

    def said(self, *words: str) -> str:
        asked = self.server.run("audit", "downloads", "--since", "1h", *words)
        assert asked.returncode == 0, asked.stderr
        return asked.stdout

    def when_there(self, count: int) -> list[dict[str, Any]]:
        """What was downloaded, once so many downloads are written."""
        deadline = time.monotonic() + SECONDS
        while True:
            rows = self.downloads("--sha256", self.sha256)
            if sum(row["count"] for row in rows) >= count:
                return rows
            assert time.monotonic() < deadline, rows


@pytest.fixture
def vault(tmp_path: Path, fresh_database_url: str | None) -> Iterator[Vault]:
    env = {"STRONGROOM_SITE__ACCESS": "private"}
    with running_server(tmp_path / "data", database_url=fresh_database_url, env=env) as server:
        for username in ("alice", "bob"):
            add_person(server, username)
        wheel = build_wheel(tmp_path, name="demo", version="1.0")
        with console_of(server) as console:
            token = console.token(name="publisher", actions=["upload"])
            published = upload(server, wheel, token=token, name="demo")
            assert published.status_code == 200, published.text
            yield Vault(server, console, wheel)


def install(vault: Vault, token: str, client: str, into: Path) -> None:
    index = vault.server.base_url.replace("://", f"://__token__:{token}@", 1) + "/simple/"
    commands: dict[str, list[str | Path]] = {
        "pip": [sys.executable, "-m", "pip", "install", "--no-input", "--no-cache-dir", "--index-url", index],
        "uv": [_BIN / "uv", "pip", "install", "--no-cache", "--python", sys.executable, "--default-index", index],
    }  # fmt: skip
    done: subprocess.CompletedProcess[str] = run(
        [*commands[client], "--target", into, "demo"], cwd=into.parent
    )
    assert done.returncode == 0, said(done)


def test_who_installed_a_file_with_pip_and_uv_is_found_by_its_digest(vault: Vault, tmp_path: Path) -> None:
    install(vault, vault.reading("alice", "laptop"), "pip", tmp_path / "one")
    install(vault, vault.reading("bob", "ci"), "uv", tmp_path / "two")
    rows = vault.when_there(2)
    assert [(row["username"], row["filename"], row["sha256"], row["count"]) for row in rows] == [
        ("alice", FILENAME, vault.sha256, 1),
        ("bob", FILENAME, vault.sha256, 1),
    ]
    assert [row["client"].partition("/")[0] for row in rows] == ["pip", "uv"]
    assert {row["address"] for row in rows} <= {"127.0.0.1", "::1"}
    assert len({row["token"] for row in rows} - {""}) == 2
    for words in (
        ("--file", FILENAME),
        ("--project", "Demo"),
        ("--project", "demo", "--version", "1.0.0"),
        ("--sha256", f"sha256:{vault.sha256.upper()}", "--file", FILENAME),
    ):
        assert vault.downloads(*words) == rows
    assert vault.downloads("--sha256", "0" * 64) == []
    assert vault.downloads("--file", FILENAME, "--until", "30m") == []
    table = vault.said("--file", FILENAME)
    assert all(word in table for word in ("alice", "bob", FILENAME, rows[0]["token"], "2 accounts"))
    written = list(csv.DictReader(io.StringIO(vault.said("--file", FILENAME, "--csv"))))
    assert [{name: str(value) for name, value in row.items()} for row in rows] == written


def test_parts_count_and_what_sends_no_byte_does_not(vault: Vault) -> None:
    token = vault.reading("alice", "reader")
    etag = f'"{vault.sha256}"'
    assert vault.ask("HEAD", token) == 200
    assert vault.ask("GET", token, **{"If-None-Match": etag}) == 304
    assert vault.ask("GET", token, f"{vault.path}.metadata") == 200
    assert vault.ask("GET", token, "/simple/demo/") == 200
    assert vault.ask("GET", "strongroom-wrong") == 403
    assert [vault.ask("GET", token, Range=part) for part in ("bytes=0-9", "bytes=10-")] == [206, 206]
    (row,) = vault.when_there(2)
    assert (row["username"], row["count"], row["client"]) == ("alice", 2, "curl/8")
    assert row["first"] < row["last"]


def test_what_a_token_downloaded_is_found_when_it_is_revoked(vault: Vault) -> None:
    token = vault.reading("bob", "stolen")
    assert vault.ask("GET", token) == 200
    (before,) = vault.when_there(1)
    vault.console("revoke", username="bob", name="stolen")
    time.sleep(READERS_SECONDS)
    assert vault.ask("GET", token) == 403
    (row,) = vault.when_there(1)
    assert (row["username"], row["token"]) == ("bob", before["token"])


def test_a_stop_writes_down_what_is_not_yet_written(vault: Vault) -> None:
    token = vault.reading("alice", "reader")
    vault.ask("GET", token)
    vault.when_there(1)  # the writer has just been there
    for _ in range(5):
        assert vault.ask("GET", token) == 200
    vault.server.stop()
    (row,) = vault.downloads("--file", FILENAME)
    assert row["count"] == 6
    vault.server.start()
    assert vault.ask("GET", token) == 200
    (row,) = vault.when_there(7)
    assert row["count"] == 7
