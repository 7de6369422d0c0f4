"""What was acknowledged survives ``kill -9``, what was not is never seen in part, and a retry succeeds."""

import hashlib
import json
import os
import random
import threading
import time
from itertools import count
from pathlib import Path

import httpx
import pytest

from strongroom.kernel.crashpoint import CRASH_POINTS
from tests.artifacts.building import build_wheel
from tests.support.publishing import add_person, download, listed, make_token, make_tokens, upload
from tests.support.server import Server, ServerFailed

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "50"))  # noqa: TID251  (more of them by night)
UPLOADERS = 16


@pytest.mark.parametrize("point", [point for point in CRASH_POINTS if not point.startswith("audit.")])
def test_a_crash_at_any_point_loses_nothing_and_shows_nothing_in_part(
    point: str, server: Server, tmp_path: Path
) -> None:  # UP-37, UP-40, UP-41
    add_person(server)
    token = make_token(server)
    before = build_wheel(tmp_path, name="demo", version="1.0")
    assert upload(server, before, token=token, name="demo").status_code == 200
    wheel = build_wheel(tmp_path, name="demo", version="2.0")

    server.restart(env={"STRONGROOM_CRASH_AT": point})
    with pytest.raises(httpx.TransportError):
        upload(server, wheel, token=token, name="demo", version="2.0")
    server.kill()
    server.start()

    committed = point == "upload.after_commit"
    assert set(listed(server, "demo")) == {before.name} | ({wheel.name} if committed else set())
    assert server.run("fsck", "--deep").returncode == 0
    assert list((server.data / "blobs" / "tmp").iterdir()) == []

    assert upload(server, wheel, token=token, name="demo", version="2.0").status_code == 200
    assert download(server, "demo", wheel.name).content == wheel.read_bytes()
    assert listed(server, "demo")[before.name] == hashlib.sha256(before.read_bytes()).hexdigest()


def test_fifty_kills_under_load_lose_nothing_acknowledged(server: Server, tmp_path: Path) -> None:  # CR-01
    add_person(server)
    names = [f"uploader{number}" for number in range(UPLOADERS)]
    tokens = make_tokens(server, names=names)
    uploaders = [
        Uploader(server, tmp_path / name, token=token) for name, token in zip(names, tokens, strict=True)
    ]
    for uploader in uploaders:
        uploader.start()
    chance = random.Random(20260101)
    for _kill in range(KILLS):
        time.sleep(min(chance.expovariate(1 / 0.3), 2))
        server.kill()
        restart(server)
    for uploader in uploaders:
        uploader.stop()

    assert server.run("fsck", "--deep").stdout.count(", 0 of them wrong") == 1
    acknowledged = [entry for uploader in uploaders for entry in uploader.journal()]
    assert len(acknowledged) >= KILLS
    for name in {entry["project"] for entry in acknowledged}:
        files = listed(server, name)
        wanted = {entry["filename"]: entry["sha256"] for entry in acknowledged if entry["project"] == name}
        assert wanted.items() <= files.items()
        for filename, sha256 in files.items():
            assert hashlib.sha256(download(server, name, filename).content).hexdigest() == sha256


def restart(server: Server) -> None:
    """Start again; the port may take a moment to become free."""
    for _try in range(5):
        try:
            server.start()
        except ServerFailed:
            time.sleep(0.2)
        else:
            return
    server.start()


class Uploader(threading.Thread):
    """Publishes one release after another; what was acknowledged goes into a journal on disk before the next."""

    def __init__(self, server: Server, folder: Path, *, token: str) -> None:
        super().__init__(daemon=True)
        folder.mkdir()
        self._server = server
        self._folder = folder
        self._token = token
        self._done = threading.Event()
        self.project = folder.name

    def run(self) -> None:
        for number in count(1):
            version = f"{number}.0"
            wheel = build_wheel(self._folder, name=self.project, version=version)
            while not self._is_published(wheel, version):
                if self._done.wait(0.2):
                    return
            if self._done.is_set():
                return

    def stop(self) -> None:
        self._done.set()
        self.join(timeout=60)
        assert not self.is_alive()

    def journal(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self._folder / "journal").read_text().splitlines()]

    def _is_published(self, wheel: Path, version: str) -> bool:
        """Whether the server said so; a retry of what was committed but not acknowledged says so too."""
        try:
            answer = upload(self._server, wheel, token=self._token, name=self.project, version=version)
        except httpx.TransportError:
            return False
        assert answer.status_code == 200, answer.text
        entry = {
            "project": self.project,
            "filename": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        }
        with (self._folder / "journal").open("a") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return True
