"""``kill -9`` while the trail is sealed, and between an action and its event: nothing is lost, nothing is there by half."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom.kernel.crashpoint import CRASH_POINTS
from tests.artifacts.building import build_wheel
from tests.support.patience import PROGRAM_SECONDS, until
from tests.support.publishing import add_person, listed, make_token, upload
from tests.support.server import Server

pytestmark = pytest.mark.slow

ENTRIES = 2500  # three seals

_RECORD = """
import django; django.setup()
import sys
from datetime import timedelta
from django.db import transaction
from strongroom.accounts.events import EmailAdded
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
with clock.shifted(timedelta(minutes=-5)), transaction.atomic():
    for number in range(int(sys.argv[1])):
        trail.record(EmailAdded(subject_id=1, address=f"{number}@example.org"), by=Actor.console())
"""


def record(server: Server, count: int) -> None:
    """Events of five minutes ago, which are due for sealing."""
    environment = server.environment | {
        "DJANGO_SETTINGS_MODULE": "strongroom.settings",
        "STRONGROOM_DATA": str(server.data),
    }
    subprocess.run(
        [sys.executable, "-c", _RECORD, str(count)], env=environment, check=True, timeout=PROGRAM_SECONDS
    )


def seals_of(server: Server) -> list[dict[str, Any]]:
    file = server.data / "seals.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def entries_of(server: Server) -> dict[int, str]:
    """Every entry by its serial, as it is exported."""
    exported = server.run("audit", "export")
    assert exported.returncode == 0, exported.stderr
    documents = [json.loads(line) for line in exported.stdout.splitlines()]
    return {
        document["entry"]["serial"]: json.dumps(document["entry"])
        for document in documents
        if "entry" in document
    }


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", ["audit.before_seal", "audit.sealing", "audit.after_seal"])
def test_a_crash_while_sealing_loses_nothing(point: str, nth: int, stopped_server: Server) -> None:
    # AU-09
    assert point in CRASH_POINTS
    server = stopped_server
    add_person(server)
    assert server.run("audit", "seal").returncode == 0
    sealed_before = len(seals_of(server))
    assert sealed_before
    record(server, ENTRIES)
    before = entries_of(server)
    assert len(before) > ENTRIES

    server.launch(env={"STRONGROOM_CRASH_AT": f"{point}:{nth}"})
    until(lambda: server.process.poll() is not None or "SIGKILL" in server.log or "nexpected" in server.log)
    server.kill()
    assert len(seals_of(server)) == sealed_before  # a seal is committed first, then appended

    server.start()
    until(lambda: sum(seal["count"] for seal in seals_of(server)) >= ENTRIES)
    server.stop()
    seals = seals_of(server)
    assert [seal["number"] for seal in seals] == list(range(1, len(seals) + 1))
    assert before.items() <= entries_of(server).items()
    verified = server.run("audit", "verify", "--json")
    report = json.loads(verified.stdout)
    assert (verified.returncode, report["findings"]) == (0, [])
    assert report["unsealed"] < 10


@pytest.mark.parametrize("point", ["upload.before_rows", "upload.before_commit", "upload.after_commit"])
def test_a_crash_leaves_an_action_with_its_event_or_neither(
    point: str, stopped_server: Server, tmp_path: Path
) -> None:
    # AU-09
    server = stopped_server
    add_person(server)
    token = make_token(server)
    wheel = build_wheel(tmp_path, name="demo", version="1.0")
    server.start(env={"STRONGROOM_CRASH_AT": point})
    with pytest.raises(httpx.TransportError):
        upload(server, wheel, token=token, name="demo")
    server.kill()
    server.start()
    there = point == "upload.after_commit"
    shown = server.run("audit", "tail", "--json", "--project", "demo", "--tag", "file.uploaded")
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [event["details"]["filename"] for event in events] == ([wheel.name] if there else [])
    if there:
        assert set(listed(server, "demo")) == {wheel.name}
    assert server.run("audit", "verify").returncode == 0
