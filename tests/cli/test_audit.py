"""``strongroom audit``: the trail is verified, exported, followed and sealed at the command line."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.publishing import add_person
from tests.support.server import STRONGROOM, Server

FORGED = "evil\x1b[31m\x9b31m\u202e\r\nforged"


@pytest.fixture
def site(stopped_server: Server) -> Server:
    """A site with some sealed events."""
    add_person(stopped_server)
    add_person(stopped_server, "bob")
    assert audit(stopped_server, "seal")[0] == 0
    return stopped_server


def audit(server: Server, *words: object) -> tuple[int, str, str]:
    done = server.run("audit", *map(str, words))
    return done.returncode, done.stdout, done.stderr


def test_a_folder_without_a_site_is_not_a_trail_that_holds(tmp_path: Path) -> None:  # AU-01
    for words in (["verify"], ["key"], ["seal"], ["export"], ["receipt", "1"], ["tail"]):
        done = subprocess.run(
            [STRONGROOM, "audit", *words, "--data", tmp_path / "mistyped"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert "There is no site in the data folder" in done.stderr
        assert not done.stdout
    assert not (tmp_path / "mistyped").exists()


def offline(folder: Path, *words: object) -> tuple[int, str, str]:
    """Without configuration, data and database."""
    done = subprocess.run(
        [STRONGROOM, "audit", "verify", *map(str, words)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not (folder / "var").exists()
    return done.returncode, done.stdout, done.stderr


def change(server: Server, sql: str) -> None:
    """Something that the owner of the database does behind the program's back."""
    program = (
        "import django, sys; django.setup()\nfrom django.db import connection\n"
        "with connection.cursor() as cursor: cursor.execute(sys.argv[1])"
    )
    environment = server.environment | {
        "DJANGO_SETTINGS_MODULE": "strongroom.settings",
        "STRONGROOM_DATA": str(server.data),
    }
    python = STRONGROOM.with_name("python")
    subprocess.run([python, "-c", program, sql], env=environment, check=True, timeout=60)


def report(server: Server, *words: object) -> tuple[int, dict[str, Any]]:
    status, said, _ = audit(server, "verify", "--json", *words)
    return status, json.loads(said)


def test_a_trail_that_holds_is_told_with_its_newest_seal(site: Server) -> None:
    status, said, _ = audit(site, "verify")
    assert status == 0
    assert "All of it is as it was sealed." in said
    number, newest = audit(site, "seal")[1].split()
    assert f"The newest seal is number {number}" in said
    assert newest in said
    status, found = report(site)
    assert (status, found["holds"], found["newest"]["hash"], found["unsealed"]) == (0, True, newest, 0)


def test_a_changed_entry_is_named(site: Server) -> None:  # AU-01
    change(site, "UPDATE audit_entry SET actor_name = 'mallory' WHERE serial = 2")
    status, said, _ = audit(site, "verify")
    assert status == 1
    assert said.startswith("entry_changed [entry 2, seal 1]: Entry 2 is not what was sealed")
    status, found = report(site)
    assert (status, [(f["code"], f["serial"]) for f in found["findings"]]) == (1, [("entry_changed", 2)])


def test_a_database_that_was_set_back_is_found_by_the_seals_file(
    site: Server, tmp_path: Path
) -> None:  # AU-12
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.write_bytes((site.data / "seals.jsonl").read_bytes())
    change(site, "DELETE FROM audit_seal")
    change(site, "DELETE FROM audit_entry WHERE serial > 2")
    add_person(site, "mallory")
    audit(site, "seal")
    assert [f["code"] for f in report(site)[1]["findings"]] == ["seal_rewritten"]
    (site.data / "seals.jsonl").unlink()
    assert report(site)[0] == 0  # nobody knows better any more, but for the copy
    status, found = report(site, "--seals", elsewhere)
    assert (status, found["findings"][0]["seal"]) == (1, 1)


def test_an_export_and_a_receipt_are_verified_without_the_site(site: Server, tmp_path: Path) -> None:
    exported, proof = tmp_path / "trail.jsonl", tmp_path / "receipt.json"
    assert audit(site, "export", "--output", exported)[0] == 0
    assert audit(site, "receipt", 2, "--output", proof)[0] == 0
    key = audit(site, "key")[1].strip()
    seals = site.data / "seals.jsonl"
    for words in (("--export", exported), ("--receipt", proof)):
        assert offline(tmp_path, *words, "--key", key, "--seals", seals)[::2] == (0, "")
        status, _, warned = offline(tmp_path, *words)
        assert status == 0
        assert key in warned
        status, said, _ = offline(tmp_path, *words, "--key", "00" * 32, "--json")
        assert (status, json.loads(said)["holds"]) == (1, False)
    said = offline(tmp_path, "--receipt", proof, "--key", key)[1]
    assert said.startswith("Event 2, of ")
    assert said.endswith("It is as it was sealed.\n")
    shown = audit(site, "tail", "--json", "--tag", "audit.exported", "--since", "1h")[1]
    assert json.loads(shown)["details"]["scope"] == "everything"

    exported.write_bytes(exported.read_bytes().replace(b"alice@example.org", b"mallory@example.org", 1))
    proof.write_bytes(proof.read_bytes().replace(b'"serial": 2', b'"serial": 3'))
    assert offline(tmp_path, "--export", exported, "--key", key)[0] == 1
    code, said, _ = offline(tmp_path, "--receipt", proof, "--key", key)
    assert (code, said.splitlines()[-1]) == (1, "The receipt proves nothing.")


def test_an_export_may_begin_behind_a_seal_and_goes_to_standard_output(site: Server, tmp_path: Path) -> None:
    add_person(site, "carol")
    audit(site, "seal")
    status, said, _ = audit(site, "export", "--after-seal", 1)
    assert status == 0
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["seal"]["number"] for line in lines if "seal" in line] == [2]
    (tmp_path / "part.jsonl").write_text(said, encoding="utf-8")
    assert (
        offline(tmp_path, "--export", tmp_path / "part.jsonl", "--seals", site.data / "seals.jsonl")[0] == 0
    )
    assert audit(site, "export", "--after-seal", 99)[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--export", "nowhere.jsonl"),
        ("--export", "garbage"),
        ("--receipt", "garbage"),
        ("--key", "xyz"),
        ("--export", "garbage", "--receipt", "garbage"),
    ],
)
def test_what_cannot_be_verified_is_neither_right_nor_wrong(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "garbage").write_bytes(b"\xff\n")
    status, said, errors = offline(tmp_path, *words)
    assert (status, said) == (2, "")
    assert "Traceback" not in errors


def test_there_is_no_receipt_of_what_is_not_there_or_not_sealed_or_not_right(site: Server) -> None:
    assert audit(site, "receipt", 10**6)[::2] == (1, "Error: There is no event 1000000.\n")
    add_person(site, "carol")
    newest = json.loads(audit(site, "tail", "--json", "--lines", 1)[1])["serial"]
    assert "not sealed yet" in audit(site, "receipt", newest)[2]
    change(site, "UPDATE audit_entry SET actor_name = 'mallory' WHERE serial = 2")
    assert "verify" in audit(site, "receipt", 2)[2]


def test_the_tail_has_sentences_and_takes_filters(site: Server) -> None:
    said = audit(site, "tail", "--lines", 3)[1].splitlines()
    assert len(said) == 3
    assert said[-1].endswith("An operator at the console verified the email address bob@example.org.")
    of_bob = audit(site, "tail", "--person", "bob", "--kind", "account")[1].splitlines()
    assert len(of_bob) == 1
    assert of_bob[0].endswith("created the account bob.")
    status, _, errors = audit(site, "tail", "--person", "nobody-here")
    assert status == 2
    assert "--person" in errors
    status, _, errors = audit(site, "tail", "--since", "yesterday")
    assert (status, "--since" in errors, "30d" in errors) == (2, True, True)


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_nothing_that_somebody_typed_moves_the_terminal(
    site: Server, words: tuple[str, ...]
) -> None:  # AU-07
    facts = json.dumps({"address": FORGED}).replace("'", "''")
    change(site, f"UPDATE audit_entry SET personal = '{facts}', actor_name = 'a' WHERE tag = 'email.added'")
    _, said, _ = audit(site, "tail", "--tag", "email.added", *words)
    assert "evil" in said
    assert all(character.isprintable() or character == "\n" for character in said)
    assert len(said.splitlines()) == 2


def test_the_tail_follows(site: Server) -> None:
    command = site.command("audit", "tail", "-f", "--lines", "0", "--tag", "account.created")
    with subprocess.Popen(command, env=site.environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert _until_there(site, process) == "created the account"
        finally:
            process.terminate()


def _until_there(site: Server, process: "subprocess.Popen[str]") -> str:
    """Add people until the follower, which takes a moment to start, tells of one."""
    lines: list[str] = []
    from threading import Thread

    reader = Thread(target=lambda: lines.append(process.stdout.readline() if process.stdout else ""))
    reader.start()
    for number in range(20):
        add_person(site, f"person{number}")
        reader.join(0.5)
        if lines:
            break
    return "created the account" if lines and "created the account person" in lines[0] else str(lines)
