"""Choosing a new password by a mailed link."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.accounts import epoch, standing
from strongroom.accounts.models import MailLink, User
from strongroom.audit.models import Entry
from strongroom.factors.methods import TOTP
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.signin import reset, session, steps
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.support.people import (
    PASSWORD,
    at_once,
    link_in,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_phone,
)

pytestmark = pytest.mark.django_db
NEW = "walnut teapot gravel monsoon"


def mailed_link(mailoutbox: list, login: str = "alice") -> str:
    reset.request(login, by=visitor())
    return link_in(mails(mailoutbox)[-1].body, "/account/reset-password/")


def finish(token: str, *, password: str = NEW, code: str = "") -> User:
    answer = Answer(TOTP, code) if code else None
    return reset.finish(token, password, answer=answer, by=visitor())


def test_a_link_sets_the_password_and_ends_everything_but_signs_nobody_in(
    mailoutbox: list,
) -> None:  # PR-01, PR-05
    alice = person()
    before = signed_in(alice)
    token = mailed_link(mailoutbox)
    assert reset.find(token).username == "alice"
    assert not reset.find(token).methods.any
    finish(token)
    assert session.find(before.secret) is None
    assert Session.objects.exclude(pk=before.session.pk).count() == 0
    assert isinstance(steps.start("alice", NEW, by=visitor()), Opened)
    assert refusal_of(lambda: steps.start("alice", PASSWORD, by=visitor())) == "credentials_wrong"
    assert Entry.objects.filter(tag="account.password_reset", outcome="done").count() == 1
    assert any("password" in mail.subject.lower() for mail in mails(mailoutbox)[1:])


def test_with_a_second_factor_the_link_alone_changes_nothing(mailoutbox: list) -> None:  # PR-01
    with clock.shifted(timedelta(minutes=-5)):
        _opened, phone = with_phone(signed_in(person()))
    token = mailed_link(mailoutbox)
    assert reset.find(token).methods.any
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    assert refusal_of(lambda: finish(token)) == "proof_needed"
    assert refusal_of(lambda: finish(token, code=wrong)) in {"totp_wrong", "totp_clock_off"}
    assert steps.start("alice", PASSWORD, by=visitor())
    assert Entry.objects.filter(tag="account.password_reset", outcome="refused").count() == 2
    finish(token, code=phone.code())
    assert refusal_of(lambda: steps.start("alice", PASSWORD, by=visitor())) == "credentials_wrong"


def test_a_link_is_good_once(mailoutbox: list) -> None:  # PR-02
    person()
    token = mailed_link(mailoutbox)
    finish(token)
    assert refusal_of(lambda: finish(token, password="another long passphrase here")) == "link_invalid"


def test_an_hour_later_a_link_is_dead(mailoutbox: list) -> None:
    person()
    token = mailed_link(mailoutbox)
    with clock.shifted(timedelta(hours=1, seconds=1)):
        assert refusal_of(lambda: finish(token)) == "link_invalid"


def test_links_die_with_the_epoch_and_the_account(mailoutbox: list) -> None:  # PR-02
    alice = person()
    older, newer = mailed_link(mailoutbox), mailed_link(mailoutbox)
    finish(newer)
    assert refusal_of(lambda: finish(older, password="another long passphrase here")) == "link_invalid"
    third = mailed_link(mailoutbox)
    epoch.bump(alice.pk)
    assert refusal_of(lambda: finish(third, password="another long passphrase here")) == "link_invalid"
    fourth = mailed_link(mailoutbox)
    standing.disable(alice, by=Actor.console())
    assert refusal_of(lambda: finish(fourth, password="another long passphrase here")) == "link_invalid"


def test_a_verification_link_is_no_reset_link(mailoutbox: list) -> None:
    person(verified=False)
    token = link_in(mails(mailoutbox)[-1].body, "/account/verify-email/")
    assert refusal_of(lambda: finish(token)) == "link_invalid"


@pytest.mark.parametrize("password", ["short", "password1234", PASSWORD])
def test_an_unfit_password_leaves_the_link_usable(password: str, mailoutbox: list) -> None:  # PR-09
    person()
    token = mailed_link(mailoutbox)
    assert refusal_of(lambda: finish(token, password=password)).startswith("password_")
    finish(token)


def test_nobody_learns_whether_an_account_exists(mailoutbox: list) -> None:  # PR-03, D17
    person("alice")
    standing.disable(person("bob"), by=Actor.console())
    person("carol", verified=False)
    mails(mailoutbox).clear()
    for login in ("alice", "bob", "nobody", "nobody@example.org", "carol@example.org"):
        reset.request(login, by=visitor())
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert MailLink.objects.filter(purpose="reset").count() == 1
    assert not QueuedMail.objects.exists()
    assert Entry.objects.filter(tag="account.password_reset_requested").count() == 5


def test_an_unverified_address_is_told_why_there_is_no_link(mailoutbox: list) -> None:
    person("alice", verified=False)
    mails(mailoutbox).clear()
    reset.request("alice", by=visitor())
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "token=" not in mailoutbox[0].body
    assert not MailLink.objects.filter(purpose="reset").exists()


def test_a_look_alike_address_gets_nothing(mailoutbox: list) -> None:  # PR-07
    person("mike")
    reset.request("m\N{LATIN SMALL LETTER DOTLESS I}ke@example.org", by=visitor())
    assert mails(mailoutbox) == []


def test_a_mailbox_gets_five_links_a_day(mailoutbox: list) -> None:  # PR-08
    person()
    answers = []
    for turn in range(8):
        try:
            reset.request("alice", by=visitor(f"198.51.100.{turn}"))
            answers.append("asked")
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers == ["asked"] * 5 + ["too_many_attempts"] * 3
    assert len(mails(mailoutbox)) == 5


def test_the_link_has_the_configured_address(mailoutbox: list) -> None:  # PR-06, EM-16
    person()
    reset.request("alice", by=visitor())
    assert "http://localhost:8000/account/reset-password/?token=" in mails(mailoutbox)[-1].body


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_of_one_link_one_sets_the_password(mailoutbox: list) -> None:  # PR-04
    person()
    token = mailed_link(mailoutbox)
    answers = at_once([partial(finish, token, password=f"{NEW} number {turn}") for turn in range(6)])
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"link_invalid"}
