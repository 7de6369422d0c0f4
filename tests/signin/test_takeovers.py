"""Ways to take an account over that go through several parts at once: recovery codes, factors, freezes, limits."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import panic_link
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.factors.models import SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Switch
from strongroom.recovery import panic
from strongroom.signin import browsers, credentials, factors, steps, stepup
from strongroom.signin.models import Browser, Confirmation, Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.signin.entering import (
    answered,
    author,
    by_code,
    by_key,
    has_phone_and_codes,
    ticket_of,
    tried,
)
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    PASSWORD,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_codes,
    with_key,
    with_phone,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def remove_app(opened: Any) -> Any:
    return factors.remove_totp(opened.session, Totp.objects.get().pk, keep_one=False, by=author(opened))


def test_a_second_code_does_not_make_what_came_after_the_first_older() -> None:  # RC-13
    _phone, codes = has_phone_and_codes()
    theirs = Authenticator()
    made = with_codes(with_key(by_code(codes[0]), theirs))
    by_code(made[1])
    assert refusal_of(lambda: remove_app(by_key(theirs))) == "factor_too_new"
    with clock.shifted(DAY - timedelta(minutes=1)):
        by_code(made[2])
        assert refusal_of(lambda: remove_app(by_key(theirs))) == "factor_too_new"
    assert Totp.objects.exists()


@pytest.mark.parametrize("method", [TOTP, RECOVERY])
def test_a_factor_that_was_guessed_at_a_hundred_times_can_be_replaced_by_a_new_one(method: str) -> None:
    # LT-12, LT-13
    _phone, codes = has_phone_and_codes()
    wrong = {TOTP: "000000", RECOVERY: "0000-0000-0000-0000"}[method]
    for turn in range(11):
        with clock.shifted(timedelta(hours=5) * turn):
            ticket = ticket_of()
            for _guess in range(10):
                refusal_of(tried(ticket, Answer(method, wrong)))
    with clock.shifted(timedelta(days=7)):
        assert refusal_of(tried(ticket_of(), Answer(method, wrong))) == "too_many_attempts"
        if method == TOTP:
            _renewed, phone = with_phone(by_code(codes[0]), name="new phone")
        else:
            made = with_codes(answered(ticket_of(), Answer(TOTP, _phone.code())))
    with clock.shifted(timedelta(days=7, minutes=5)):
        right = phone.code() if method == TOTP else made[1]
        assert answered(ticket_of(), Answer(method, right)).session.pk


def frozen_after_a_thief_added_a_key() -> tuple[Any, Authenticator]:
    phone, _codes = has_phone_and_codes(ago=timedelta(days=3))
    theirs = Authenticator()
    with clock.shifted(timedelta(minutes=-3)):
        victim = answered(
            ticket_of(), Answer(TOTP, phone.code())
        )  # a session that is stolen while it is fresh
        with_key(victim, theirs)
        url = panic_link.make(victim.session.user)
    panic.pull(url.partition("?token=")[2], by=visitor())
    Session.objects.all().delete()
    return phone, theirs


def test_in_a_frozen_account_a_thief_s_key_proves_nothing() -> None:  # SU-01
    _app, theirs = frozen_after_a_thief_added_a_key()
    thief = by_key(theirs)
    assert refusal_of(lambda: remove_app(thief)) == "factor_too_new"
    prove = partial(stepup.prove, thief.session, by=author(thief))
    answer = Answer(KEY, theirs.sign_in(stepup.begin_key(thief.session)))
    assert refusal_of(lambda: prove(answer)) == "factor_too_new"
    assert Totp.objects.exists()


def test_in_a_frozen_account_a_thief_s_key_does_not_outrank_its_owner_s_app() -> None:  # SU-02
    phone, _theirs = frozen_after_a_thief_added_a_key()
    owner = answered(ticket_of(), Answer(TOTP, phone.code()))
    key = SecurityKey.objects.get()
    renewed = factors.remove_key(owner.session, key.pk, keep_one=False, by=author(owner))
    thawed = panic.undo(renewed.session, by=author(renewed))
    assert thawed.session.user.frozen is None


def test_posting_nonsense_fills_no_audit_trail() -> None:  # AU-06
    refused = Entry.objects.filter(tag="session.sign_in", outcome="refused")
    for post in (
        partial(steps.answer_passkey, "x", "{}", by=visitor()),
        partial(steps.confirm_browser, "x", "y", by=visitor()),
    ):
        tries = next(number for number in range(1000) if refusal_of(post) == "too_many_attempts")
        recorded = refused.count()
        assert refusal_of(post) == "too_many_attempts"
        assert (refused.count(), recorded > 0) == (recorded, True)
        assert tries <= 300


def sign_in_from_many_browsers(count: int) -> list[Any]:
    """Sign-ins with a stolen password, each from another address and another browser; refusals as their codes."""
    made: list[Any] = []
    for number in range(count):
        try:
            made.append(steps.start("alice", PASSWORD, by=visitor(f"198.51.100.{number}")))
        except Refused as refusal:
            made.append(refusal.code)
    return made


def test_a_stolen_password_floods_no_mailbox_with_links_to_confirm(mailoutbox: list[Any]) -> None:  # EM-10
    known = browsers.know(person(), told=True, by=visitor())
    mails(mailoutbox).clear()
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        made = sign_in_from_many_browsers(25)
        assert isinstance(steps.start("alice", PASSWORD, by=visitor(browser=known)), Opened)
    assert [code for code in made if isinstance(code, str)] == ["too_many_attempts"] * 5
    assert (len(mails(mailoutbox)), Confirmation.objects.count()) == (20, 20)


def test_a_stolen_password_floods_neither_mailbox_nor_database_with_browsers(mailoutbox: list[Any]) -> None:
    # EM-10
    user = person()
    mails(mailoutbox).clear()
    made = sign_in_from_many_browsers(105)
    assert all(isinstance(opened, Opened) for opened in made)
    assert (len(mails(mailoutbox)), Entry.objects.filter(tag="session.new_browser").count()) == (20, 105)
    assert Browser.objects.filter(user=user).count() == 100
    assert browsers.is_known(user, visitor(browser=made[-1].browser).origin)
    assert not browsers.is_known(user, visitor(browser=made[0].browser).origin)


def test_guesses_at_the_password_in_a_stolen_session_are_recorded() -> None:  # SU-01
    thief = signed_in(person())
    before = thief.session.user.password
    change = partial(
        credentials.change_password, thief.session, new="walnut teapot gravel monsoon", by=author(thief)
    )
    assert refusal_of(partial(change, current="a guess of mine")) == "password_wrong"
    tried = Entry.objects.get(tag="account.password_changed")
    assert (tried.outcome, tried.reason, tried.subject_id) == (
        "refused",
        "password_wrong",
        thief.session.user_id,
    )
    assert person_of(thief).password == before


def person_of(opened: Opened) -> User:
    return User.objects.get(pk=opened.session.user_id)
