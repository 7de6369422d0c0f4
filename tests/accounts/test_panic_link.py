"""The panic link: signed, good for 30 days and until a freeze is undone, without a row."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts import emails, epoch, panic_link, standing
from strongroom.accounts.models import MailLink, User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.secrets import Keyring
from tests.support.configuration import configured
from tests.support.people import link_in, mails, person, refusal_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person()


def token_of(user: User) -> str:
    return panic_link.make(user).partition("?token=")[2]


def code_of(token: str) -> str:
    return refusal_of(lambda: panic_link.find(token))


def test_a_link_says_whose_mail_it_was_in_and_when_that_was_written(alice: User) -> None:
    before = clock.now()
    alarm = panic_link.find(token_of(alice))
    assert alarm.user == alice
    assert before <= alarm.written <= clock.now()
    assert not MailLink.objects.exists()


def test_a_link_has_the_configured_address_whatever_the_request(alice: User) -> None:  # EM-16
    with configured("site", base_url="https://index.example"):
        assert panic_link.make(alice).startswith("https://index.example/account/panic/?token=")


def test_a_link_is_good_for_thirty_days(alice: User) -> None:
    token = token_of(alice)
    with clock.shifted(timedelta(days=30, seconds=-5)):
        assert panic_link.find(token).user == alice
    with clock.shifted(timedelta(days=30, seconds=5)):
        assert code_of(token) == "link_invalid"


def test_a_link_outlives_whatever_a_thief_changes(alice: User) -> None:
    token = token_of(alice)
    epoch.bump(alice.pk)
    alice.addresses.all().delete()
    standing.disable(alice, by=Actor.console())
    assert panic_link.find(token).user == alice


def test_a_link_that_was_written_before_a_freeze_was_undone_is_dead(alice: User) -> None:
    before = token_of(alice)
    assert standing.freeze(alice, clock.now(), by=visitor())
    during = token_of(alice)
    alice.refresh_from_db()
    standing.thaw(alice, by=Actor.console())
    assert (code_of(before), code_of(during)) == ("link_invalid", "link_invalid")
    assert panic_link.find(token_of(alice)).user == alice


def test_a_link_of_an_account_that_is_gone_is_dead(alice: User) -> None:
    token = token_of(alice)
    alice.delete()
    assert code_of(token) == "link_invalid"


def test_no_bit_of_a_link_can_be_changed(alice: User) -> None:
    signed = bytearray(base64.urlsafe_b64decode(token_of(alice) + "="))
    for place in range(len(signed)):
        forged = bytearray(signed)
        forged[place] ^= 1
        token = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert code_of(token) == "link_invalid"
        assert len(asked) == 0  # nobody is looked up before the signature is found to be ours


def test_a_link_of_another_instance_is_refused(
    alice: User, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    own = settings.KEYRING
    settings.KEYRING = Keyring(tmp_path / "key")
    foreign = token_of(alice)
    settings.KEYRING = own
    assert code_of(foreign) == "link_invalid"


def test_a_link_has_one_spelling(alice: User) -> None:
    token = token_of(alice)
    last = token[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(last) ^ 1]  # differs in bits that are padding only
    for spelling in (
        f"{token}=",
        f" {token}",
        f"{token}\n",
        token[:-1],
        token[:-1] + other,
        token[:37] + "\u00e9" + token[38:],
    ):
        assert code_of(spelling) == "link_invalid"


@given(st.one_of(st.text(max_size=90), st.text("ABCxyz019-_", min_size=75, max_size=75)))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    assert code_of(text) == "link_invalid"


def test_a_mail_about_an_account_carries_its_link_and_one_to_an_unverified_address_none(
    mailoutbox: list,
) -> None:
    alice = person()
    assert panic_link.find(emails.recipient(alice).panic_url.partition("=")[2]).user == alice
    standing.switch_publishing(alice, MayPublish.TOKENS, by=visitor())
    emails.add(alice, "second@example.org", by=visitor())
    bodies = {(mail.to[0], mail.subject): mail.body for mail in mails(mailoutbox)}
    uploads = bodies["alice@example.org", "What may publish with your account at Strongroom was changed"]
    assert panic_link.find(link_in(uploads, "/account/panic/")).user == alice
    assert "panic" not in bodies["second@example.org", "Confirm your email address for Strongroom"]
