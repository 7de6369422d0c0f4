"""The page of the panic link, the banner of a frozen account, and the ways back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from strongroom.accounts import panic_link, standing
from strongroom.accounts.models import User
from strongroom.accounts.register import make_operator
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.recovery import panic
from strongroom.signin.models import Session
from strongroom.signin.proof import Proof
from strongroom.signin.session import SignedInBy, open_session
from strongroom.tokens.models import Token
from tests.support.people import link_in, mails, person, visitor
from tests.tokens.making import token_for
from tests.web.browsing import (
    browser_of,
    holding,
    location_of,
    main_of,
    nobody,
    operator,
    refused_in,
    text_of,
)

pytestmark = pytest.mark.django_db
PANIC, THAW = "/account/panic/", "/manage/account/thaw/"
BANNER = "Your account is frozen, because"


@pytest.fixture
def alice(db: None) -> User:
    return person()


def token_of(user: User) -> str:
    return panic_link.make(user).partition("?token=")[2]


def frozen(user: User) -> User:
    panic.pull(token_of(user), by=visitor())
    return User.objects.get(pk=user.pk)


def with_key_of(user: User, *, age: timedelta) -> Client:
    """A browser just signed in with a key that was added so long ago."""
    how = SignedInBy(method="passkey", proof=Proof(KEY, clock.now() - age), told=True)
    with transaction.atomic():
        return holding(open_session(user, how, by=visitor()))


def test_the_link_of_a_real_mail_leads_to_a_page_with_one_button(alice: User, mailoutbox: list[Any]) -> None:
    standing.switch_publishing(alice, MayPublish.TOKENS, by=visitor())
    token = link_in(mails(mailoutbox)[0].body, PANIC)
    page = main_of(nobody().get(PANIC, {"token": token}))
    assert page.count("<button") == 1
    assert "It was not me: stop everything" in page
    assert "alice" in page


def test_a_mail_scanner_that_follows_the_link_stops_nothing(alice: User) -> None:
    token_for(alice)
    browser, token, before = browser_of(alice), token_of(alice), Entry.objects.count()
    for method in ("GET", "HEAD", "OPTIONS"):
        nobody().generic(method, f"{PANIC}?token={token}")
    assert User.objects.get().frozen is None
    assert (Token.objects.count(), Entry.objects.count()) == (1, before)
    assert browser.get("/manage/account/").status_code == 200


def test_one_press_without_a_login_stops_everything_and_says_what_to_do_next(alice: User) -> None:
    token_for(alice)
    browser, token = browser_of(alice), token_of(alice)
    client = nobody(enforce_csrf_checks=True)
    client.get(PANIC, {"token": token})
    csrf = next(cookie.value for name, cookie in client.cookies.items() if "csrf" in name)
    answer = client.post(
        PANIC, {"token": token, "csrfmiddlewaretoken": csrf}, headers={"Origin": "http://localhost:8000"}
    )
    assert location_of(answer) == f"{PANIC}?token={token}"
    page = main_of(client.get(location_of(answer)))
    assert "is frozen" in page
    assert "/account/request-password-reset/" in page
    assert "<button" not in page
    assert User.objects.get().frozen is not None
    assert not Token.objects.exists()
    assert location_of(browser.get("/manage/account/")).startswith("/account/login/")


def test_pressing_again_shows_the_same_page(alice: User) -> None:
    token = token_of(alice)
    pages = [main_of(nobody().post(PANIC, {"token": token}, follow=True)) for _ in range(2)]
    assert pages[0] == pages[1]
    assert Entry.objects.filter(tag="account.frozen").count() == 1


def test_somebody_who_is_signed_in_stays_so_when_the_link_is_of_another_account(alice: User) -> None:
    bob = browser_of(person("bob"))
    bob.post(PANIC, {"token": token_of(alice)})
    assert bob.get("/manage/account/").status_code == 200
    assert Entry.objects.get(tag="account.frozen").actor_name == "bob"


@pytest.mark.parametrize("token", ["", "x", "\0", "a" * 75, "a" * 10_000])
def test_a_link_that_is_not_ours_is_refused(alice: User, token: str) -> None:
    for answer in (nobody().get(PANIC, {"token": token}), nobody().post(PANIC, {"token": token})):
        assert (answer.status_code, refused_in(answer)) == (410, "link_invalid")
    assert User.objects.get().frozen is None


def test_the_page_keeps_the_link_to_itself(alice: User) -> None:  # EM-17
    answer = nobody().get(PANIC, {"token": token_of(alice)})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text_of(answer))


def test_a_frozen_account_sees_what_that_means_on_every_page_of_its_own(alice: User) -> None:
    browser = browser_of(frozen(alice))
    for path in ("/manage/account/", "/manage/projects/", "/"):
        page = text_of(browser.get(path))
        assert BANNER in page
        assert f'action="{THAW}"' in page
    assert BANNER not in text_of(browser_of(person("bob")).get("/manage/account/"))


def test_a_frozen_account_makes_no_token(alice: User) -> None:
    answer = browser_of(frozen(alice)).post(
        "/manage/account/token/", {"name": "ci", "scope": "all", "actions": "upload"}
    )
    assert (answer.status_code, refused_in(answer)) == (403, "account_frozen")
    assert not Token.objects.exists()


def test_a_key_of_before_undoes_the_freeze(alice: User) -> None:
    browser = with_key_of(frozen(alice), age=timedelta(days=2))
    answer = browser.post(THAW)
    assert location_of(answer) == "/manage/account/"
    page = text_of(browser.get("/manage/account/"))
    assert BANNER not in page
    assert "The freeze is undone" in page
    assert "undid the freeze" in main_of(browser.get("/manage/account/history/"))
    assert User.objects.get().frozen is None


def test_a_new_key_or_a_password_does_not(alice: User) -> None:
    user = frozen(alice)
    for browser in (with_key_of(user, age=timedelta(hours=23)), browser_of(user)):
        answer = browser.post(THAW)
        assert (answer.status_code, refused_in(answer)) == (403, "factor_too_new")
    assert User.objects.get().frozen is not None


def test_undoing_asks_for_a_fresh_proof_first(alice: User) -> None:  # SU-01, SU-06
    user = frozen(alice)
    browser = with_key_of(user, age=timedelta(days=2))
    Session.objects.update(proven=clock.now() - timedelta(minutes=11))
    assert location_of(browser.post(THAW)).startswith("/account/reauthenticate/")
    assert User.objects.get().frozen is not None


def test_an_operator_undoes_the_freeze_of_somebody_else(alice: User) -> None:
    frozen(alice)
    olga = browser_of(operator())
    assert "frozen" in main_of(olga.get("/operate/"))
    answer = olga.post("/operate/user/alice/thaw/")
    assert location_of(answer) == "/operate/"
    assert User.objects.get(username="alice").frozen is None
    assert Entry.objects.get(tag="account.thawed").actor_name == "olga"
    again = olga.post("/operate/user/alice/thaw/")
    assert (again.status_code, refused_in(again)) == (409, "account_not_frozen")


def test_an_operator_does_not_undo_the_freeze_of_the_account_in_use() -> None:
    olga = operator()
    answer = browser_of(frozen(olga)).post("/operate/user/olga/thaw/")
    assert (answer.status_code, refused_in(answer)) == (403, "account_frozen")
    assert User.objects.get().frozen is not None


def test_the_operators_are_led_to_the_row_of_the_account(alice: User, mailoutbox: list[Any]) -> None:
    make_operator(person("olga"), by=Actor.console())
    frozen(alice)
    body = next(mail.body for mail in mails(mailoutbox) if mail.to == ["olga@example.org"])
    assert "http://localhost:8000/operate/?q=alice" in body
    assert "/operate/user/alice/thaw/" in main_of(
        browser_of(User.objects.get(username="olga")).get("/operate/?q=alice")
    )
