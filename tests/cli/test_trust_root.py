"""``strongroom trust-root``: the roots of trust for attestations are checked, and replaced whole or not at all."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

from tests.support.clients import run
from tests.support.server import STRONGROOM

_STORE = files("sigstore").joinpath("_store")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The one that comes with sigstore, as an operator may have fetched it."""
    (found,) = Path(str(_STORE)).glob("*tuf-repo-cdn.sigstore.dev/trusted_root.json")
    copy = tmp_path / "trusted_root.json"
    copy.write_bytes(found.read_bytes())
    return copy


def root(folder: Path, *words: object, **environment: str) -> tuple[int, str, str]:
    command = [STRONGROOM, "trust-root", *map(str, words), "--data", str(folder / "data")]
    program = run(command, cwd=folder, **environment)
    return program.returncode, program.stdout, program.stderr


def test_the_shipped_one_is_usable(tmp_path: Path) -> None:
    status, said, _ = root(tmp_path, "check")
    assert (status, said) == (0, "The trust root that comes with the program is usable.\n")


def test_a_newer_one_is_installed_and_used(tmp_path: Path, shipped: Path) -> None:
    installed = tmp_path / "data" / "trust_root.json"
    status, said, errors = root(tmp_path, "update", shipped)
    assert (status, errors) == (0, "")
    assert str(installed) in said
    assert installed.read_bytes() == shipped.read_bytes()
    assert not list(installed.parent.glob(".trust_root*"))  # no draft is left
    assert root(tmp_path, "check")[1] == f"{installed} is usable.\n"


def test_an_update_is_recorded_with_the_file_that_was_there_before(tmp_path: Path, shipped: Path) -> None:
    first = sha256(shipped.read_bytes()).hexdigest()
    assert root(tmp_path, "update", shipped)[0] == 0
    shipped.write_bytes(shipped.read_bytes() + b"\n")
    assert root(tmp_path, "update", shipped)[0] == 0
    second = sha256(shipped.read_bytes()).hexdigest()
    with closing(sqlite3.connect(tmp_path / "data" / "strongroom.sqlite3")) as database:
        rows = database.execute(
            "SELECT actor_name, outcome, facts FROM audit_entry WHERE tag = 'trust_root.updated' ORDER BY serial"
        ).fetchall()
    assert [(name, outcome, json.loads(facts)) for name, outcome, facts in rows] == [
        ("console", "done", {"sha256": first, "before": ""}),
        ("console", "done", {"sha256": second, "before": first}),
    ]


def test_one_that_cannot_be_used_is_not_installed(tmp_path: Path, shipped: Path) -> None:
    assert root(tmp_path, "update", shipped)[0] == 0
    installed = tmp_path / "data" / "trust_root.json"
    document = json.loads(shipped.read_bytes())
    bad = tmp_path / "bad.json"
    for content in ("", "{}", "[]", json.dumps(document | {"tlogs": []})):
        bad.write_text(content)
        for word in ("check", "update"):
            status, said, errors = root(tmp_path, word, bad)
            assert (status, said) == (1, "")
            assert "cannot be used as a trust root" in errors
    assert installed.read_bytes() == shipped.read_bytes()


def test_a_setting_that_names_another_file_is_told(tmp_path: Path, shipped: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(shipped.read_bytes())
    chosen = {"STRONGROOM_TRUSTED_PUBLISHING__TRUST_ROOT": str(other)}
    status, _, errors = root(tmp_path, "update", shipped, **chosen)
    assert status == 0
    assert str(other) in errors
    assert "stays in use" in errors


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    assert root(tmp_path, "update", tmp_path / "nowhere.json")[0] == 2
