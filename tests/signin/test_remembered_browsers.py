"""A remembered browser leaves the second factor out, never the password."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import epoch
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.methods import TOTP
from strongroom.factors.models import RecoveryCode, Totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Switch
from strongroom.signin import browsers, credentials, factors, session, steps, stepup
from strongroom.signin.models import Browser, Session, Ticket
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from strongroom.signin.steps import Pending
from tests.signin.entering import (
    answered,
    author,
    done_by,
    elsewhere,
    entry,
    has_phone_and_codes,
    ticket_of,
    whose,
)
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import PASSWORD, Phone, as_user, mails, refusal_of, visitor, with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(db: None) -> Phone:
    """Alice's phone."""
    return has_phone_and_codes()[0]


def remembered(phone: Phone, *, by: Actor | None = None) -> Opened:
    """Alice's session, opened with her phone in a browser that she asks to be remembered."""
    return answered(ticket_of(by=by), Answer(TOTP, phone.code()), remember=True, by=by)


def cookie(opened: Opened) -> Secret:
    assert opened.browser is not None
    return opened.browser


def start(browser: str, *, login: str = "alice", password: str = PASSWORD) -> object:
    return steps.start(login, password, by=visitor(browser=browser))


def test_being_remembered_is_recorded_and_mailed(phone: Phone, mailoutbox: list[Any]) -> None:
    mails(mailoutbox).clear()
    opened = remembered(phone)
    event = entry("browser.remembered")
    assert (event.subject_id, whose(event)) == (opened.session.user_id, done_by(opened))
    told = [mail for mail in mails(mailoutbox) if "without a code" in mail.subject]
    assert [mail.to for mail in told] == [["alice@example.org"]]
    row = Browser.objects.get(remembered_until__isnull=False)
    assert row.remembered_until is not None
    assert timedelta(days=29, hours=23) < row.remembered_until - clock.now() <= timedelta(days=30)


def test_a_remembered_browser_skips_the_code_and_not_the_password(phone: Phone) -> None:  # SS-18
    known = cookie(remembered(phone))
    assert refusal_of(lambda: start(known, password="guess")) == "credentials_wrong"
    opened = start(known)
    assert isinstance(opened, Opened)
    assert (opened.session.method, opened.session.proof) == ("password+remembered", "password")
    assert not stepup.is_fresh(opened.session)
    event = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (event.details, whose(event)) == ({"method": "password+remembered"}, done_by(opened))
    assert isinstance(start(cookie(opened)), Opened)


def test_a_browser_is_not_remembered_unless_asked_to_be(phone: Phone) -> None:
    known = cookie(answered(ticket_of(), Answer(TOTP, phone.code())))
    assert isinstance(start(known), Pending)
    assert not Browser.objects.filter(remembered_until__isnull=False).exists()
    assert not Entry.objects.filter(tag="browser.remembered").exists()


def test_a_browser_is_remembered_for_thirty_days_from_the_choice_on(phone: Phone) -> None:  # SS-18
    known = cookie(remembered(phone))
    with clock.shifted(timedelta(days=29, hours=23)):
        opened = start(known)
        assert isinstance(opened, Opened)
    with clock.shifted(timedelta(days=30, seconds=1)):
        assert isinstance(start(cookie(opened)), Pending)


def test_one_persons_remembered_browser_is_not_anothers(phone: Phone) -> None:  # SS-18
    known = cookie(remembered(phone))
    has_phone_and_codes("bob")
    assert isinstance(start(known, login="bob"), Pending)
    assert isinstance(start(known), Opened)


def test_a_cookie_that_was_copied_to_another_kind_of_browser_is_worth_nothing(phone: Phone) -> None:  # SS-18
    known = cookie(remembered(phone))
    thief = elsewhere(visitor("198.51.100.66", browser=known), "Chrome/130 Windows")
    assert isinstance(steps.start("alice", PASSWORD, by=thief), Pending)
    assert Session.objects.count() == 1


def test_when_a_thief_signs_in_with_the_cookie_neither_copy_is_remembered(
    phone: Phone, mailoutbox: list[Any]
) -> None:  # SS-18
    known = cookie(remembered(phone))
    thief = elsewhere(visitor("198.51.100.66", browser=known), "Chrome/130 Windows")
    mails(mailoutbox).clear()
    stolen = answered(ticket_of(by=thief), Answer(TOTP, phone.code(steps=1)), by=thief)
    assert any("new browser" in mail.subject for mail in mails(mailoutbox))
    assert isinstance(start(known), Pending)
    assert isinstance(start(cookie(stolen)), Pending)


def test_the_cookie_of_before_the_last_sign_in_is_worth_nothing(phone: Phone) -> None:  # SS-18
    stale = cookie(remembered(phone))
    assert isinstance(start(stale), Opened)
    assert isinstance(start(stale), Pending)


@pytest.mark.parametrize("browser", ["", "made up", "x" * 10_000, "\ud800"])
def test_a_cookie_that_nobody_was_given_is_worth_nothing(phone: Phone, browser: str) -> None:
    remembered(phone)
    assert isinstance(start(browser), Pending)


def change_password(opened: Opened) -> None:
    new = "walnut teapot gravel monsoon"
    credentials.change_password(opened.session, current=PASSWORD, new=new, by=author(opened))


def add_key(opened: Opened) -> None:
    with_key(opened, Authenticator())


def add_and_remove_app(opened: Opened) -> None:
    renewed = with_key(opened, Authenticator())
    app = Totp.objects.get()
    factors.remove_totp(renewed.session, app.pk, keep_one=True, by=author(renewed))


def bump(opened: Opened) -> None:
    epoch.bump(opened.session.user_id)


@pytest.mark.parametrize("change", [change_password, add_key, add_and_remove_app, bump])
def test_no_browser_stays_remembered_when_the_account_changes(
    phone: Phone, change: Callable[[Opened], None]
) -> None:  # SS-18, PR-05
    opened = remembered(phone)
    change(opened)
    password = "walnut teapot gravel monsoon" if change is change_password else PASSWORD
    assert isinstance(start(cookie(opened), password=password), Pending)
    assert browsers.is_known(opened.session.user, visitor(browser=cookie(opened)).origin)


def test_a_remembered_browser_is_known_and_waits_for_no_mail(phone: Phone) -> None:  # LT-26
    known = cookie(remembered(phone))
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        assert isinstance(start(known), Opened)


def test_browsers_are_listed_and_forgotten_one_by_one(phone: Phone) -> None:
    opened = remembered(phone)
    alice = opened.session.user
    laptop = Browser.objects.get(remembered_until__isnull=False)
    assert laptop in browsers.of(alice)
    others = len(browsers.of(alice)) - 1
    browsers.forget(alice, laptop.pk, by=author(opened))
    event = entry("browser.forgotten")
    assert (event.subject_id, event.details, whose(event)) == (alice.pk, {"count": 1}, done_by(opened))
    assert len(browsers.of(alice)) == others
    assert isinstance(start(cookie(opened)), Pending)
    browsers.forget(alice, laptop.pk, by=author(opened))
    assert Entry.objects.filter(tag="browser.forgotten").count() == 1
    assert session.find(opened.secret) is not None


def test_the_browser_of_somebody_else_can_not_be_forgotten(phone: Phone) -> None:  # design D6
    known = cookie(remembered(phone))
    has_phone_and_codes("mallory")
    mallory = User.objects.get(username="mallory")
    hers = Browser.objects.get(remembered_until__isnull=False)
    browsers.forget(mallory, hers.pk, by=as_user(mallory))
    assert not Entry.objects.filter(tag="browser.forgotten").exists()
    assert isinstance(start(known), Opened)


def test_all_browsers_of_a_person_are_forgotten_at_once(phone: Phone) -> None:
    known = cookie(remembered(phone))
    has_phone_and_codes("bob")
    alice = User.objects.get(username="alice")
    count = len(browsers.of(alice))
    assert browsers.forget_all(alice, by=as_user(alice)) == count > 0
    assert entry("browser.forgotten").details == {"count": count}
    assert browsers.of(alice) == []
    assert Browser.objects.exists()
    assert isinstance(start(known), Pending)


def test_a_sign_in_that_fails_remembers_nothing(phone: Phone) -> None:
    call = partial(steps.answer, ticket_of(), Answer(TOTP, "12345"), remember=True, by=visitor())
    assert refusal_of(call) == "code_malformed"
    assert not Browser.objects.filter(remembered_until__isnull=False).exists()
    assert Ticket.objects.filter(used=None).count() == 1


def test_where_the_last_factor_is_gone_the_password_is_a_whole_sign_in(phone: Phone) -> None:
    opened = remembered(phone)
    app = Totp.objects.get()
    after = factors.remove_totp(opened.session, app.pk, keep_one=False, by=author(opened))
    again = start(cookie(opened))
    assert isinstance(again, Opened)
    assert again.session.method == "password"
    assert session.find(after.secret) is not None
    assert not RecoveryCode.objects.exists()
