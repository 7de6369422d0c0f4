"""“This was not me” beside an event: what it says, what it stops, and what nobody gains by it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY
from strongroom.kernel import clock
from strongroom.recovery import panic
from strongroom.signin.events import SignIn
from strongroom.signin.proof import Proof
from strongroom.signin.session import SignedInBy, open_session
from strongroom.tokens.models import Token
from tests.support.people import as_user, mails, person, visitor
from tests.tokens.making import token_for
from tests.web.browsing import browser_of, holding, location_of, main_of, operator, refused_in, session_cookie
from tests.web.history import name_key

pytestmark = pytest.mark.django_db
STOP = "It was not me: stop everything"


@pytest.fixture
def alice(db: None) -> User:
    return person()


def path(serial: int) -> str:
    return f"/manage/account/history/{serial}/not-me/"


def added(user: User, *, ago: timedelta = timedelta()) -> int:
    serial = name_key("blue", subject_id=user.pk, by=as_user(user))
    Entry._base_manager.filter(pk=serial).update(time=clock.now() - ago)
    return serial


def test_the_page_says_what_happened_and_what_will_end(alice: User) -> None:
    page = main_of(browser_of(alice).get(path(added(alice))))
    assert "alice added the security key “blue”" in page
    assert "203.0.113.7" in page
    assert "Every session ends" in page
    assert "Every API token is revoked" in page
    assert page.count(STOP) == 1


def test_looking_stops_nothing(alice: User) -> None:
    serial, browser = added(alice), browser_of(alice)
    before = Entry.objects.count()
    for method in ("GET", "HEAD"):
        browser.generic(method, path(serial))
    assert User.objects.get().frozen is None
    assert Entry.objects.count() == before


def test_one_press_stops_everything_from_the_time_of_the_event(alice: User, mailoutbox: list[Any]) -> None:
    token_for(alice)
    serial = added(alice, ago=timedelta(hours=5))
    other, browser = browser_of(alice), browser_of(alice, fresh=False)
    answer = browser.post(path(serial))
    page = main_of(answer)
    assert answer.status_code == 200
    assert "is frozen" in page
    assert "/account/request-password-reset/" in page
    assert session_cookie(answer) == ""
    user, event = User.objects.get(), Entry.objects.get(pk=serial)
    assert user.frozen == event.time
    assert not Token.objects.exists()
    for ended in (other, browser):
        assert location_of(ended.get("/manage/account/")).startswith("/account/login/")
    disowned = Entry.objects.get(tag="event.disowned")
    assert disowned.details == {"serial": serial, "event": "factor.key_added"}
    assert (disowned.subject_id, disowned.actor_id, disowned.outcome) == (alice.pk, alice.pk, "done")
    assert Entry.objects.filter(tag="account.frozen").count() == 1
    assert any("beside an event in your security history" in mail.body for mail in mails(mailoutbox))


def test_of_an_attempt_that_was_refused_it_says_that_nothing_was_let_in(alice: User) -> None:
    trail.record(SignIn(subject_id=alice.pk, method="password"), by=visitor(), refused="credentials_wrong")
    serial = Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]
    page = main_of(browser_of(alice).get(path(serial)))
    assert "Nothing was let in" in page
    assert page.index("Change the password") < page.index(STOP)
    assert "/manage/account/password/" in page


def test_of_what_somebody_else_did_it_says_whom_to_ask(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(operator()))
    page = main_of(browser_of(alice).get(path(serial)))
    assert "Somebody else did this" in page
    assert "203.0.113.7" not in page  # AU-11


def test_saying_it_again_does_no_harm(alice: User) -> None:
    serial = added(alice)
    browser_of(alice).post(path(serial))
    frozen = User.objects.get().frozen
    browser = browser_of(User.objects.get())
    assert STOP not in main_of(browser.get(path(serial)))
    answer = browser.post(path(serial))
    assert location_of(answer) == path(serial)
    assert "Your account is frozen because of this event" in main_of(browser.get(path(serial)))
    assert User.objects.get().frozen == frozen
    assert Entry.objects.filter(tag="account.frozen").count() == 1


def test_an_old_event_freezes_nothing(alice: User) -> None:
    """Whoever sits in a session that is not theirs could else make every factor of its owner too new."""
    serial, browser = added(alice, ago=timedelta(days=31)), browser_of(alice)
    assert STOP not in main_of(browser.get(path(serial)))
    answer = browser.post(path(serial))
    assert (answer.status_code, refused_in(answer)) == (410, "event_too_old")
    assert User.objects.get().frozen is None
    event = Entry.objects.get(tag="event.disowned")
    assert (event.outcome, event.reason) == ("refused", "event_too_old")
    assert browser.get("/manage/account/").status_code == 200


def test_an_event_of_before_a_freeze_was_undone_freezes_nothing(alice: User) -> None:
    serial = added(alice)
    browser_of(alice).post(path(serial))
    panic.undo_for(User.objects.get(), by=as_user(operator()))
    answer = browser_of(User.objects.get(username="alice")).post(path(serial))
    assert (answer.status_code, refused_in(answer)) == (410, "event_too_old")
    assert User.objects.get(username="alice").frozen is None


def test_the_owner_undoes_it_with_a_key_of_before(alice: User) -> None:
    browser_of(alice).post(path(added(alice)))
    answer = _with_old_key(User.objects.get()).post("/manage/account/thaw/")
    assert location_of(answer) == "/manage/account/"
    assert User.objects.get().frozen is None


def test_events_of_others_are_not_there(alice: User) -> None:
    serial = added(alice)
    mallory = browser_of(person("mallory"))
    for answer in (mallory.get(path(serial)), mallory.post(path(serial))):
        assert (answer.status_code, refused_in(answer)) == (404, "event_unknown")
    assert not User.objects.exclude(frozen=None).exists()
    assert not Entry.objects.filter(tag="event.disowned").exists()


def test_whoever_must_turn_two_factor_on_first_can_say_it_all_the_same(alice: User) -> None:
    User.objects.update(must_enroll=True)
    assert browser_of(User.objects.get()).post(path(added(alice))).status_code == 200
    assert User.objects.get().frozen is not None


def _with_old_key(user: User) -> Client:
    how = SignedInBy(method="passkey", proof=Proof(KEY, clock.now() - timedelta(days=2)), told=True)
    with transaction.atomic():
        return holding(open_session(user, how, by=visitor()))
