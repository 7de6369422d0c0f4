"""`strongroom user export` and `strongroom user delete`: what people ask an operator for by mail."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.cli.main import main
from tests.personal_data.residents import project
from tests.support.people import mails, person

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["user", *words], input=typed)


def test_the_copy_goes_to_a_file_and_is_recorded(tmp_path: Path) -> None:
    alice = person()
    result = run("export", "alice", "--output", str(tmp_path / "alice.json"))
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "alice.json").read_text())["account"]["username"] == "alice"
    entry = Entry.objects.get(tag="account.exported")
    assert (entry.subject_id, entry.actor_kind, entry.actor_name) == (alice.pk, "operator", "console")


def test_the_copy_of_nobody_is_refused() -> None:
    result = run("export", "nobody")
    assert result.exit_code == 1
    assert "There is no user 'nobody'" in result.output


def test_an_account_is_deleted_once_its_name_is_typed(mailoutbox: list[Any]) -> None:
    alice = person()
    assert run("delete", "alice", typed="alise\n").exit_code == 1
    assert User.objects.filter(pk=alice.pk).exists()
    result = run("delete", "alice", typed="alice\n")
    assert result.exit_code == 0, result.output
    assert not User.objects.filter(pk=alice.pk).exists()
    entry = Entry.objects.get(tag="account.deleted")
    assert (entry.subject_id, entry.actor_name, entry.outcome) == (alice.pk, "console", "done")
    (mail,) = [mail for mail in mails(mailoutbox) if "was deleted" in mail.subject]
    assert "an operator of the site deleted your account" in mail.body


def test_the_only_owner_of_a_project_stays(mailoutbox: list[Any]) -> None:  # RO-08
    alice = person()
    project("vault", (alice, "owner"))
    result = run("delete", "alice", "--yes")
    assert result.exit_code == 1
    assert "the only owner of vault" in " ".join(result.output.split())
    assert User.objects.filter(pk=alice.pk).exists()
    assert mails(mailoutbox) == []
