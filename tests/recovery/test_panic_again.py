"""The panic link of a newer mail, in an account that is frozen already: somebody may have signed in to it since."""

from typing import Any

import pytest

from strongroom.accounts import panic_link
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.sections import Switch
from strongroom.notices.models import QueuedMail
from strongroom.recovery import begin, panic, stage
from strongroom.signin import browsers, session, steps
from strongroom.signin.confirmations import Waiting
from strongroom.signin.models import Browser, Confirmation, Session
from strongroom.signin.session import Opened
from strongroom.tokens.models import Token
from tests.support.configuration import configured
from tests.support.people import PASSWORD, link_in, mails, person, signed_in, visitor, with_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person()


def token_of(user: User) -> str:
    return panic_link.make(user).partition("?token=")[2]


def pull(user: User) -> None:
    panic.pull(token_of(user), by=visitor("198.51.100.9"))


def frozen_of(user: User) -> Any:
    return User.objects.get(pk=user.pk).frozen


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Session, Browser, Token, Entry, QueuedMail))


def test_a_newer_mail_ends_what_went_on_in_a_frozen_account_when_it_was_written(
    alice: User, mailoutbox: list[Any]
) -> None:  # SS-02
    pull(alice)
    mails(mailoutbox).clear()
    thief = steps.start(
        "alice", PASSWORD, by=visitor("198.51.100.66")
    )  # a frozen account can be signed in to
    assert isinstance(thief, Opened)
    (mail,) = [mail for mail in mails(mailoutbox) if "new browser" in mail.subject]
    owner = signed_in(User.objects.get())
    token = link_in(mail.body, "/account/panic/")
    assert not panic.look(token).is_done
    since, recorded = frozen_of(alice), Entry.objects.latest("serial").serial
    panic.pull(token, by=visitor())
    assert session.find(thief.secret) is None
    assert not browsers.is_known(alice, visitor(browser=thief.browser or "").origin)
    assert session.find(owner.secret) is not None  # opened after the mail
    assert frozen_of(alice) == since
    told = Entry.objects.filter(serial__gt=recorded).order_by("serial")
    assert sorted((entry.tag, entry.subject_id, entry.details.get("count")) for entry in told) == [
        ("browser.forgotten", alice.pk, 1),
        ("session.ended", alice.pk, 1),
    ]
    before = everything()
    assert panic.look(token).is_done
    panic.pull(token, by=visitor())
    assert everything() == before


def test_a_newer_mail_stops_a_recovery_of_a_frozen_account_that_it_tells_of(
    alice: User, mailoutbox: list[Any]
) -> None:
    with_phone(signed_in(alice))
    pull(alice)
    begin.request("alice", by=visitor())
    begin.begin(link_in(mails(mailoutbox)[-1].body, "/account/recover/start/"), by=visitor())
    token = token_of(alice)
    assert not panic.look(token).is_done
    panic.pull(token, by=visitor())
    assert stage.open_of(alice.pk) is None
    assert Entry.objects.get(tag="recovery.stopped").details["stopped_by"] == "alice"


def test_a_newer_mail_ends_a_sign_in_that_waits_for_its_link(alice: User) -> None:  # LT-26
    pull(alice)
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        waiting = steps.start("alice", PASSWORD, by=visitor("198.51.100.66"))
    assert isinstance(waiting, Waiting)
    panic.pull(token_of(alice), by=visitor())
    assert not Confirmation.objects.filter(used=None).exists()
    assert panic.look(token_of(alice)).is_done
