"""``strongroom issuer``: an operator at the command line says whose identity tokens are believed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from strongroom.audit.models import Entry
from strongroom.cli.main import main
from strongroom.trust.models import Issuer
from tests.trust.signing import ec_pen

pytestmark = pytest.mark.django_db

URL = "https://ci.example.com"


def issuer(*words: str) -> Result:
    return CliRunner().invoke(main, ["issuer", *words])


def test_the_ones_that_come_with_the_program_are_listed() -> None:
    result = issuer("list")
    assert result.exit_code == 0, result.output
    for known in (
        "https://token.actions.githubusercontent.com",
        "https://gitlab.com",
        "comes with the program",
    ):
        assert known in result.output


def test_one_is_added_listed_and_removed(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [dict(ec_pen().jwk)]}))
    result = issuer(
        "add", URL, "--name", "Our CI", "--field", "sub", "--field", "job",
        "--rule", "ref=refs/tags/*", "--rule", "event = push", "--pin", "job_id", "--keys", str(keys),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    row = Issuer.objects.get()
    assert (row.url, row.name, row.kind) == (URL, "Our CI", "generic")
    assert (row.fields, row.pins) == (["sub", "job"], ["job_id"])
    assert row.rules == {"ref": "refs/tags/*", "event": "push"}
    assert json.loads(row.static_keys) == {"keys": [dict(ec_pen().jwk)]}
    entry = Entry.objects.get()
    assert (entry.actor_kind, entry.actor_name) == ("operator", "console")
    assert "Our CI" in issuer("list").output
    result = issuer("remove", URL)
    assert result.exit_code == 0, result.output
    assert not Issuer.objects.exists()
    assert Entry.objects.count() == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "http://ci.example.com", "--name", "x", "--field", "sub"), "https"),
        (("add", URL, "--name", "", "--field", "sub"), "name"),
        (("add", URL, "--name", "x", "--kind", "moon"), "read"),
        (("add", URL, "--name", "x", "--field", "sub", "--rule", "ref"), "CLAIM=VALUE"),
        (("add", URL, "--name", "x", "--field", "sub", "--rule", "a=1", "--rule", "a=2"), "once"),
        (("add", "https://gitlab.com", "--name", "x", "--field", "sub"), ""),
        (("remove", URL), "no provider"),
        (("remove", "https://gitlab.com"), "trusted_publishing.providers"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(words: tuple[str, ...], message: str) -> None:
    result = issuer(*words)
    assert result.exit_code == 1
    assert message in result.output
    assert not Issuer.objects.exists()
    assert not Entry.objects.exists()


def test_keys_that_are_none_are_refused(tmp_path: Path) -> None:
    for number, content in enumerate((b"\xff", b"{}", b"no")):
        file = tmp_path / f"{number}.json"
        file.write_bytes(content)
        assert issuer("add", URL, "--name", "x", "--field", "sub", "--keys", str(file)).exit_code == 1
    assert not Issuer.objects.exists()
