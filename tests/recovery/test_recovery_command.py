"""`strongroom user recover`: an operator at the command line is one of two proofs, and resets nobody alone."""

import pytest
from click.testing import CliRunner, Result

from strongroom.audit.models import Entry
from strongroom.cli.main import main
from strongroom.recovery import stage
from strongroom.recovery.models import Recovery
from strongroom.recovery.stage import Stage
from tests.recovery.recovering import REASON, Cast, begun_by_mail, cast, untouched
from tests.support.people import mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


def recover(*words: str) -> Result:
    return CliRunner().invoke(main, ["user", "recover", *words])


def test_it_begins_with_a_reason_and_resets_nothing(everybody: Cast, mailoutbox: list) -> None:
    # AD-05
    result = recover("alice", "--reason", REASON, "--address", "new@example.org")
    assert result.exit_code == 0, result.output
    assert "one more proof" in result.output
    recovery = Recovery.objects.get()
    assert (recovery.approved_by, recovery.reason, recovery.address) == ("console", REASON, "new@example.org")
    assert stage.stage_of(recovery) is Stage.INCOMPLETE
    entry = Entry.objects.get(tag="recovery.begun")
    assert (entry.actor_kind, entry.actor_name, entry.subject_id) == (
        "operator",
        "console",
        everybody.alice.pk,
    )
    assert {mail.to[0] for mail in mails(mailoutbox)} == {
        "alice@example.org",
        "bob@example.org",
        "olga@example.org",
    }
    assert untouched(everybody.alice)


def test_it_approves_the_recovery_that_the_person_began(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    result = recover("alice", "--reason", REASON)
    assert result.exit_code == 0, result.output
    recovery.refresh_from_db()
    assert recovery.ready is not None
    assert f"waits until {recovery.ready:%Y-%m-%d %H:%M} UTC" in result.output
    assert untouched(everybody.alice)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alice",), "--reason"),
        (("alice", "--reason", " "), "Write down"),
        (("olga", "--reason", REASON), "no second factor"),
        (("nobody", "--reason", REASON), "There is no user"),
        (("alice", "--reason", REASON, "--address", "nowhere"), "Enter an email address"),
    ],
)
def test_mistakes_begin_nothing(words: tuple[str, ...], said: str, everybody: Cast) -> None:
    result = recover(*words)
    assert result.exit_code != 0
    assert said in result.output
    assert not Recovery.objects.exists()
    assert untouched(everybody.alice)


def test_no_command_resets_two_factor_at_once(everybody: Cast) -> None:
    # AD-05
    result = CliRunner().invoke(main, ["user", "reset-two-factor", "alice", "--yes"])
    assert (result.exit_code, "No such command" in result.output) == (2, True)
    assert untouched(everybody.alice)
