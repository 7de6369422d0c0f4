"""A new browser: its owner is told, and what could have been phished waits for a mailed link."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import epoch, standing
from strongroom.audit.models import Entry
from strongroom.factors.methods import TOTP
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Switch
from strongroom.signin import browsers, confirmations, session, steps
from strongroom.signin.confirmations import Waiting
from strongroom.signin.models import Browser, Confirmation, Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.signin.entering import (
    by_key,
    done_by,
    elsewhere,
    entry,
    has_key,
    has_phone_and_codes,
    ticket_of,
    whose,
)
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    PASSWORD,
    Phone,
    at_once,
    link_in,
    mails,
    person,
    refusal_of,
    visitor,
)

pytestmark = pytest.mark.django_db

CONFIRMING = {"confirm_new_browsers": Switch.ON}
PATH = "/account/confirm-login/"


def enter(*, by: Actor | None = None) -> Opened:
    """Sign alice in with her password alone."""
    opened = steps.start("alice", PASSWORD, by=by or visitor())
    assert isinstance(opened, Opened)
    return opened


def cookie(opened: Opened) -> Secret:
    assert opened.browser is not None
    return opened.browser


def waiting_for(phone: Phone | None = None, *, by: Actor | None = None, remember: bool = False) -> Waiting:
    """Alice's sign-in from a new browser, at the point where it waits."""
    who = by or visitor()
    if phone is None:
        waiting = steps.start("alice", PASSWORD, by=who)
    else:
        ticket = ticket_of(by=who)
        waiting = steps.answer(ticket, Answer(TOTP, phone.code()), remember=remember, by=who)
    assert isinstance(waiting, Waiting)
    return waiting


def mailed(mailoutbox: list[Any]) -> str:
    return link_in(mails(mailoutbox)[-1].body, PATH)


def confirm(waiting: Waiting, token: str, *, by: Actor | None = None) -> Opened:
    return steps.confirm_browser(waiting.secret, token, by=by or visitor())


def test_a_sign_in_from_a_new_browser_is_mailed_and_recorded_once(mailoutbox: list[Any]) -> None:
    alice = person()
    opened = enter()
    told = mails(mailoutbox)
    assert [mail.to for mail in told] == [["alice@example.org"]]
    assert "203.0.113.7" in told[0].body
    event = entry("session.new_browser")
    assert (event.subject_id, whose(event)) == (alice.pk, done_by(opened))
    enter(by=visitor(browser=cookie(opened)))
    assert len(mails(mailoutbox)) == 1
    assert (Browser.objects.count(), Session.objects.count()) == (1, 2)


def test_a_new_address_alone_is_not_mailed(mailoutbox: list[Any]) -> None:
    person()
    opened = enter()
    mails(mailoutbox).clear()
    enter(by=visitor("198.51.100.77", browser=cookie(opened)))
    assert mails(mailoutbox) == []
    row = Browser.objects.get()
    assert (row.address, row.client) == ("198.51.100.77", "Firefox on Linux")


def test_the_cookie_is_random_changes_at_every_sign_in_and_only_its_digest_is_stored() -> None:  # SS-05
    person()
    first = cookie(enter())
    second = cookie(enter(by=visitor(browser=first)))
    assert len({first, second}) == 2
    assert min(len(first), len(second)) >= 43
    assert second not in str(Browser.objects.values().get())


def test_of_a_cookie_that_was_copied_the_stale_one_is_a_new_browser(mailoutbox: list[Any]) -> None:
    person()
    stale = cookie(enter())
    enter(by=visitor(browser=stale))
    mails(mailoutbox).clear()
    enter(by=visitor("198.51.100.66", browser=stale))
    assert "new browser" in mails(mailoutbox)[0].subject
    assert Browser.objects.count() == 2


def test_a_cookie_that_was_copied_into_another_kind_of_browser_is_a_new_browser(
    mailoutbox: list[Any],
) -> None:
    person()
    copied = cookie(enter())
    mails(mailoutbox).clear()
    thief = elsewhere(visitor("198.51.100.66", browser=copied), "Chrome/130 Windows")
    enter(by=thief)
    assert "Chrome (Windows)" in mails(mailoutbox)[0].body
    assert Entry.objects.filter(tag="session.new_browser").count() == 2


def test_two_people_in_one_browser_are_both_known_there(mailoutbox: list[Any]) -> None:
    person("alice")
    bob = person("bob")
    alices = cookie(enter())
    bobs = steps.start("bob", PASSWORD, by=visitor(browser=alices))
    assert isinstance(bobs, Opened)
    mails(mailoutbox).clear()
    again = enter(by=visitor(browser=cookie(bobs)))
    assert mails(mailoutbox) == []
    assert browsers.is_known(bob, visitor(browser=cookie(again)).origin)


@pytest.mark.parametrize(
    ("switch", "host", "waits"),
    [
        (Switch.ON, "", True),
        (Switch.ON, "mail.example.org", True),
        (Switch.OFF, "mail.example.org", False),
        (Switch.AUTO, "", False),
        (Switch.AUTO, "mail.example.org", True),
    ],
)
def test_new_browsers_wait_where_the_site_says_so(switch: Switch, host: str, waits: bool) -> None:  # LT-26
    person()
    with configured("mail", host=host), configured("sign_in", confirm_new_browsers=switch):
        result = steps.start("alice", PASSWORD, by=visitor())
    assert isinstance(result, Waiting) == waits
    assert (Session.objects.count(), Confirmation.objects.count()) == (int(not waits), int(waits))


@configured("sign_in", **CONFIRMING)
def test_password_and_code_from_a_new_browser_wait_for_the_link(mailoutbox: list[Any]) -> None:  # LT-26
    phone, _codes = has_phone_and_codes()
    Browser.objects.all().delete()
    mails(mailoutbox).clear()
    waiting = waiting_for(phone)
    assert not Session.objects.exists()
    assert session.find(waiting.secret) is None
    asked = entry("session.confirmation_asked")
    assert (asked.details, asked.actor_kind, asked.outcome) == (
        {"method": "password+totp"},
        "anonymous",
        "done",
    )
    stored = str(Confirmation.objects.values().get())
    token = mailed(mailoutbox)
    assert token not in stored
    assert waiting.secret not in stored
    assert "203.0.113.7" in mailoutbox[-1].body

    opened = confirm(waiting, token)
    found = session.find(opened.secret)
    assert found is not None
    assert (found.method, found.proof, found.proof_since is None) == ("password+totp", "totp", False)
    assert browsers.is_known(found.user, visitor(browser=cookie(opened)).origin)
    event = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (event.details, whose(event)) == ({"method": "password+totp"}, done_by(opened))
    assert len(mails(mailoutbox)) == 1  # who has confirmed a browser need not be told of it
    enter_again = steps.start("alice", PASSWORD, by=visitor(browser=cookie(opened)))
    assert isinstance(enter_again, steps.Pending)


@configured("sign_in", **CONFIRMING)
def test_a_browser_that_is_known_does_not_wait() -> None:  # LT-26
    person()
    with configured("sign_in", confirm_new_browsers=Switch.OFF):
        known = cookie(enter())
    assert enter(by=visitor("198.51.100.7", browser=known)).session.pk
    assert not Confirmation.objects.exists()


@configured("sign_in", **CONFIRMING)
def test_security_keys_never_wait(mailoutbox: list[Any]) -> None:  # LT-26
    device = Authenticator()
    has_key("alice", device)
    Browser.objects.all().delete()
    mails(mailoutbox).clear()
    assert isinstance(by_key(device), Opened)
    assert ["new browser" in mail.subject for mail in mails(mailoutbox)] == [True]
    assert not Confirmation.objects.exists()


@configured("sign_in", **CONFIRMING)
def test_who_has_no_verified_address_can_not_wait_for_a_mail() -> None:
    person(verified=False)
    assert isinstance(enter(), Opened)


@configured("sign_in", **CONFIRMING)
def test_the_link_does_nothing_in_another_browser(mailoutbox: list[Any]) -> None:  # LT-27
    person()
    waiting, other = waiting_for(), waiting_for()
    token = link_in(mails(mailoutbox)[0].body, PATH)
    for secret in (other.secret, "", "made up", token):
        refused = refusal_of(partial(steps.confirm_browser, secret, token, by=visitor()))
        assert refused == "browser_differs"
    assert Entry.objects.filter(tag="session.sign_in", reason="browser_differs").count() == 4
    assert not Session.objects.exists()
    assert confirm(waiting, token).session.pk


@configured("sign_in", **CONFIRMING)
def test_the_link_works_once(mailoutbox: list[Any]) -> None:  # LT-26
    person()
    waiting = waiting_for()
    token = mailed(mailoutbox)
    confirm(waiting, token)
    assert refusal_of(lambda: confirm(waiting, token)) == "link_invalid"
    assert Session.objects.count() == 1


@configured("sign_in", **CONFIRMING)
def test_the_link_works_for_ten_minutes(mailoutbox: list[Any]) -> None:  # LT-26
    person()
    with clock.frozen(clock.now()):
        early, late = waiting_for(), waiting_for()
        first, second = (link_in(mail.body, PATH) for mail in mails(mailoutbox))
        with clock.shifted(timedelta(minutes=9, seconds=59)):
            confirm(early, first)
        with clock.shifted(timedelta(minutes=10)):
            assert refusal_of(lambda: confirm(late, second)) == "link_invalid"
    assert Session.objects.count() == 1


@configured("sign_in", **CONFIRMING)
@pytest.mark.parametrize("token", ["", "made up", "x" * 10_000, "\ud800"])
def test_a_link_that_nobody_mailed_is_invalid(token: str) -> None:
    person()
    waiting = waiting_for()
    assert refusal_of(lambda: confirm(waiting, token)) == "link_invalid"
    assert refusal_of(lambda: confirm(waiting, waiting.secret)) == "link_invalid"
    assert not Session.objects.exists()


@configured("sign_in", **CONFIRMING)
def test_the_link_dies_with_the_epoch_and_with_the_account(mailoutbox: list[Any]) -> None:  # LT-16
    alice = person()
    waiting = waiting_for()
    token = mailed(mailoutbox)
    epoch.bump(alice.pk)
    assert refusal_of(lambda: confirm(waiting, token)) == "link_invalid"
    waiting = waiting_for()
    token = mailed(mailoutbox)
    standing.disable(alice, by=Actor.console())
    assert refusal_of(lambda: confirm(waiting, token)) == "link_invalid"
    assert not Session.objects.exists()


@configured("sign_in", **CONFIRMING)
def test_a_code_is_used_up_while_its_sign_in_waits() -> None:  # LT-01
    phone, _codes = has_phone_and_codes()
    Browser.objects.all().delete()
    code = phone.code()
    ticket, other = ticket_of(), ticket_of()
    assert isinstance(steps.answer(ticket, Answer(TOTP, code), remember=False, by=visitor()), Waiting)
    again = partial(steps.answer, other, Answer(TOTP, code), remember=False, by=visitor())
    assert refusal_of(again) == "totp_reused"
    assert Confirmation.objects.count() == 1


@configured("sign_in", **CONFIRMING)
@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_of_one_link_one_opens_a_session(mailoutbox: list[Any]) -> None:  # LT-26
    person()
    waiting = waiting_for()
    token = mailed(mailoutbox)
    results = at_once([partial(confirm, waiting, token)] * 16)
    assert sum(isinstance(result, Opened) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Refused)} == {"link_invalid"}
    assert Session.objects.count() == 1


@configured("sign_in", **CONFIRMING)
def test_remembering_waits_with_the_sign_in(mailoutbox: list[Any]) -> None:  # SS-18
    phone, _codes = has_phone_and_codes()
    Browser.objects.all().delete()
    mails(mailoutbox).clear()
    waiting = waiting_for(phone, remember=True)
    assert not Browser.objects.exists()
    opened = confirm(waiting, link_in(mails(mailoutbox)[0].body, PATH))
    assert browsers.is_remembered(opened.session.user, visitor(browser=cookie(opened)).origin)


def test_sweeping_takes_browsers_and_links_that_have_expired() -> None:
    person()
    old = cookie(enter())
    with configured("sign_in", **CONFIRMING):
        waiting_for()
    with clock.shifted(timedelta(days=400, seconds=1)):
        young = cookie(enter())
        assert (browsers.sweep(), confirmations.sweep()) == (1, 1)
        alice = Session.objects.latest("pk").user
        assert browsers.is_known(alice, visitor(browser=young).origin)
        assert not browsers.is_known(alice, visitor(browser=old).origin)
        assert len(browsers.of(alice)) == 1
