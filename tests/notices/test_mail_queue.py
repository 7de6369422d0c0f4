"""Mail is queued with its effect, delivered after, and never twice."""

import email
import stat
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from strongroom.accounts.notices import VerifyEmail
from strongroom.kernel import clock
from strongroom.notices import queue
from strongroom.notices.models import QueuedMail
from strongroom.notices.notice import Recipient
from strongroom.notices.outbox import Outbox
from strongroom.signin.notices import RecoveryCodeWasUsed
from tests.support.configuration import changed
from tests.support.people import at_once

pytestmark = pytest.mark.django_db
ALICE = Recipient("alice", ("alice@example.org", "second@example.org"))
NOTICE = VerifyEmail(url="http://localhost:8000/account/verify-email/?token=sesame", hours=24)


class AwayOnce(EmailBackend):
    """A mail server that refuses the first connection."""

    away: ClassVar[bool] = True

    def send_messages(self, messages: list[EmailMessage]) -> int:
        if AwayOnce.away:
            AwayOnce.away = False
            raise ConnectionRefusedError
        return super().send_messages(messages)


def test_each_address_gets_a_mail_of_its_own(mailoutbox: list) -> None:  # EM-09
    queue.send(NOTICE, to=ALICE)
    assert mailoutbox == []
    assert queue.deliver_due() == 2
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"], ["second@example.org"]]
    assert mailoutbox[0].subject == "Confirm your email address for Strongroom"
    assert "token=sesame" in mailoutbox[0].body
    assert "Hello alice," in mailoutbox[0].body
    assert not QueuedMail.objects.exists()


def test_there_is_no_mail_of_what_was_rolled_back(mailoutbox: list) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue.send(NOTICE, to=ALICE)
        raise ZeroDivisionError
    assert queue.deliver_due() == 0


def test_the_queue_shows_no_link_to_whoever_reads_the_database() -> None:  # EM-15
    queue.send(NOTICE, to=ALICE)
    assert all(b"sesame" not in bytes(mail.sealed) for mail in QueuedMail.objects.all())


def test_a_mail_server_that_is_away_is_tried_again(
    mailoutbox: list, settings: pytest.FixtureRequest
) -> None:  # EM-15
    settings.EMAIL_BACKEND = f"{__name__}.AwayOnce"
    AwayOnce.away = True
    queue.send(NOTICE, to=Recipient("alice", ("alice@example.org",)))
    assert queue.deliver_due() == 0
    assert queue.deliver_due() == 0
    with clock.shifted(timedelta(minutes=2)):
        assert queue.deliver_due() == 1
    assert len(mailoutbox) == 1


def test_a_subject_is_one_line_whatever_the_name(
    mailoutbox: list, settings: pytest.FixtureRequest
) -> None:  # EM-09
    settings.CONFIG = changed("site", name="Acme\r\nBcc: mallory@example.org <b>&")
    queue.send(NOTICE, to=ALICE)
    queue.deliver_due()
    assert mailoutbox[0].recipients() == ["alice@example.org"]
    assert "\n" not in mailoutbox[0].subject


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_mail_once(mailoutbox: list) -> None:
    for turn in range(10):
        queue.send(NOTICE, to=Recipient("alice", (f"alice{turn}@example.org",)))
    at_once([partial(queue.deliver_due)] * 8)
    assert sorted(mail.to[0] for mail in mailoutbox) == [f"alice{turn}@example.org" for turn in range(10)]


def test_without_a_mail_server_mail_is_printed_and_kept(
    tmp_path: Path, settings: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    Outbox().send_messages(
        [EmailMessage("Hello", "Open http://localhost/?token=sesame\n", to=["alice@example.org"])]
    )
    (kept,) = (tmp_path / "outbox").iterdir()
    assert kept.suffix == ".eml"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert email.message_from_bytes(kept.read_bytes())["To"] == "alice@example.org"
    assert "token=sesame" in capsys.readouterr().out


def test_no_condition_of_a_template_leaves_more_than_one_empty_line(mailoutbox: list) -> None:
    now = clock.now()
    for notice in (
        RecoveryCodeWasUsed(when=now, address="", left=7),
        RecoveryCodeWasUsed(when=now, address="", left=1),
    ):
        queue.send(notice, to=ALICE)
    queue.deliver_due()
    assert [mail.body.count("\n\n\n") for mail in mailoutbox] == [0, 0, 0, 0]
