"""The account page and what can be done from it."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from strongroom.accounts import passwords
from strongroom.accounts.models import EmailAddress, User
from strongroom.factors import totp
from strongroom.factors.models import SecurityKey
from strongroom.kernel import clock
from strongroom.signin import factors
from strongroom.signin.models import Session
from tests.support.authenticator import Authenticator
from tests.support.people import (
    PASSWORD,
    Phone,
    mails,
    person,
    signed_in,
    with_key,
    with_phone,
)
from tests.web.browsing import browser_of, holding, location_of, main_of, refused_in, session_cookie, text_of

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
PROVISION = "/manage/account/totp-provision/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


def secret_on(page: str) -> str:
    return page.split('id="totp-secret">')[1].split("<", maxsplit=1)[0].replace(" ", "")


def test_the_page_says_how_safe_the_account_is_what_to_do_and_what_happened(browser: Client) -> None:
    page = main_of(browser.get(ACCOUNT))
    assert page.count('class="bolt shot"') == 1
    assert "Email verified" in page
    assert "Turn on two-factor sign-in" in page
    assert "created the account alice" in page


def test_an_authenticator_app_is_added_by_its_code_and_shown_with_its_name(
    alice: User, browser: Client
) -> None:
    page = main_of(browser.get(PROVISION))
    assert "<svg" in page
    code = pyotp.TOTP(secret_on(page)).at(clock.now())
    answer = browser.post(PROVISION, {"name": "Phone", "code": code})
    assert location_of(answer) == f"{ACCOUNT}recovery-codes/"
    assert session_cookie(answer)
    assert [app.name for app in totp.of(alice.pk)] == ["Phone"]
    page = main_of(browser.get(ACCOUNT))
    assert "Phone" in page
    assert page.count('class="bolt shot"') == 1  # the recovery codes are still to come
    assert "Make recovery codes" in page


def test_the_secret_is_the_same_in_a_second_tab_and_gone_once_the_app_is_added(browser: Client) -> None:
    # LT-24
    first, second = (secret_on(main_of(browser.get(PROVISION))) for _ in range(2))
    assert first == second
    browser.post(PROVISION, {"name": "Phone", "code": pyotp.TOTP(first).at(clock.now())})
    answer = browser.get(PROVISION)
    assert secret_on(main_of(answer)) != first
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_code_shows_the_same_secret_again(alice: User, browser: Client) -> None:
    secret = secret_on(main_of(browser.get(PROVISION)))
    answer = browser.post(PROVISION, {"name": "Phone", "code": "000000"})
    assert refused_in(answer) == "totp_wrong"
    assert secret_on(main_of(answer)) == secret
    assert not totp.of(alice.pk)


def test_a_clock_that_is_off_is_told(browser: Client) -> None:
    secret = secret_on(main_of(browser.get(PROVISION)))
    late = pyotp.TOTP(secret).at(clock.now() + timedelta(minutes=3))
    answer = browser.post(PROVISION, {"name": "Phone", "code": late})
    assert refused_in(answer) == "totp_clock_off"
    assert "clock" in main_of(answer)


def test_without_a_verified_address_the_page_shows_no_secret_and_offers_the_mail_again() -> None:
    user = person("carol", verified=False)
    client = browser_of(user)
    page = main_of(client.get(PROVISION))
    assert "totp-secret" not in page
    assert f"/manage/account/email/{user.addresses.get().pk}/verify/" in page
    assert "totp-secret" not in main_of(client.post(PROVISION, {"name": "Phone", "code": "123456"}))
    assert not totp.of(user.pk)


def test_removing_the_last_app_names_what_is_lost_and_asks_first(alice: User) -> None:
    opened, _phone = with_phone(signed_in(alice))
    client = holding(opened)
    app = totp.of(alice.pk)[0]
    path = f"/manage/account/totp/{app.pk}/remove/"
    assert "your password alone opens your account" in main_of(client.get(path))
    assert len(totp.of(alice.pk)) == 1
    assert location_of(client.post(path)) == f"{ACCOUNT}#two-factor"
    assert not totp.of(alice.pk)


def test_an_app_of_somebody_else_cannot_be_removed(alice: User) -> None:
    _opened, _phone = with_phone(signed_in(alice))
    app = totp.of(alice.pk)[0]
    mallory = browser_of(person("mallory"))
    for method in (mallory.get, mallory.post):
        assert method(f"/manage/account/totp/{app.pk}/remove/").status_code == 404
    assert totp.of(alice.pk)


def test_an_address_is_added_and_gets_a_mail(alice: User, browser: Client, mailoutbox: list[Any]) -> None:
    assert location_of(browser.post(f"{ACCOUNT}email/", {"email": "alice@second.example"})).startswith(
        ACCOUNT
    )
    assert "alice@second.example" in main_of(browser.get(ACCOUNT))
    assert ["alice@second.example"] in [mail.to for mail in mails(mailoutbox)]


def test_an_address_that_is_none_is_refused_on_the_account_page(browser: Client) -> None:
    answer = browser.post(f"{ACCOUNT}email/", {"email": "a@b\r\nBcc: mallory@example.org"})
    assert (answer.status_code, refused_in(answer)) == (422, "email_invalid")
    assert 'href="#id_email_email"' in main_of(answer)
    assert EmailAddress.objects.count() == 1


def test_addresses_of_somebody_else_cannot_be_touched(alice: User) -> None:
    # design, D6
    row = alice.addresses.get()
    mallory = browser_of(person("mallory"))
    for act in ("verify", "primary", "remove"):
        answer = mallory.post(f"{ACCOUNT}email/{row.pk}/{act}/")
        assert (answer.status_code, refused_in(answer)) == (404, "email_unknown")
    row.refresh_from_db()
    assert row.primary


def test_the_password_is_changed_and_other_browsers_must_log_in_again(alice: User, browser: Client) -> None:
    # SS-02
    elsewhere = browser_of(alice)
    new = "meadow trumpet ninety basalt"
    form = {"current": PASSWORD, "password": new, "confirm": new}
    answer = browser.post(f"{ACCOUNT}password/", form)
    assert location_of(answer) == ACCOUNT
    assert passwords.is_right(User.objects.get(), new)
    assert browser.get(ACCOUNT).status_code == 200
    assert location_of(elsewhere.get(ACCOUNT)).startswith("/account/login/")


def test_a_wrong_current_password_is_told_beside_its_field(browser: Client) -> None:
    new = "meadow trumpet ninety basalt"
    answer = browser.post(f"{ACCOUNT}password/", {"current": "wrong", "password": new, "confirm": new})
    assert (answer.status_code, refused_in(answer)) == (403, "password_wrong")
    assert 'href="#id_current"' in main_of(answer)
    assert passwords.is_right(User.objects.get(), PASSWORD)


def test_other_sessions_are_shown_and_can_be_ended(alice: User, browser: Client) -> None:
    # SS-11
    elsewhere, third = browser_of(alice), browser_of(alice)
    shown = main_of(browser.get(ACCOUNT)).split('id="sessions"')[1].split("</section>")[0]
    assert shown.count("Firefox on Linux") == 3
    assert shown.count("this browser") == 1
    other = Session.objects.order_by("pk")[1]
    assert location_of(browser.post(f"{ACCOUNT}session/{other.pk}/end/")) == f"{ACCOUNT}#sessions"
    assert location_of(elsewhere.get(ACCOUNT)).startswith("/account/login/")
    browser.post(f"{ACCOUNT}sessions/end-others/")
    assert location_of(third.get(ACCOUNT)).startswith("/account/login/")
    assert browser.get(ACCOUNT).status_code == 200


def test_a_session_of_somebody_else_cannot_be_ended(alice: User, browser: Client) -> None:
    session = Session.objects.get()
    browser_of(person("mallory")).post(f"{ACCOUNT}session/{session.pk}/end/")
    assert browser.get(ACCOUNT).status_code == 200


def test_extra_fields_change_nothing(alice: User, browser: Client) -> None:
    # AD-06
    form = {"email": "x@example.org", "is_operator": "on", "verified": "2020-01-01", "primary": "on"}
    browser.post(f"{ACCOUNT}email/", form)
    alice.refresh_from_db()
    assert not alice.is_operator
    assert EmailAddress.objects.get(address="x@example.org").verified is None
    assert not EmailAddress.objects.get(address="x@example.org").primary


def test_names_that_people_choose_are_shown_as_text(alice: User) -> None:
    # AD-07
    hostile = "<script>alert(1)</script>"
    opened, _phone = with_phone(signed_in(alice), name=hostile)
    client = holding(opened)
    page = text_of(client.get(ACCOUNT))
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_a_username_that_looks_like_part_of_an_address_survives_the_qr_code() -> None:
    # LT-23
    user = person("a.b-c_d")
    phone = Phone(factors.begin_totp(signed_in(user).session).uri)
    assert phone.app.name == "a.b-c_d"
    assert phone.app.issuer == "Strongroom"


def test_a_key_that_may_have_a_copy_and_a_freeze_stand_first_among_what_needs_somebody(alice: User) -> None:
    client = holding(with_key(signed_in(alice), Authenticator(), name="Key ring"))
    SecurityKey.objects.update(flagged=clock.now())
    standing = main_of(client.get(ACCOUNT)).split('id="two-factor"')[0]
    assert "Remove the security key “Key ring”: somebody may have a copy" in standing
    User.objects.update(frozen=clock.now())
    standing = main_of(client.get(ACCOUNT)).split('id="two-factor"')[0]
    assert standing.index("then undo the freeze") < standing.index("Remove the security key")


def test_what_is_not_filled_in_is_named_above_the_form_and_beside_its_field(browser: Client) -> None:
    answer = browser.post(PROVISION, {"name": "", "code": ""})
    page = main_of(answer)
    assert answer.status_code == 422
    assert page.count("Name of this app: nothing is entered.") == 2
    assert page.count("Authentication code: nothing is entered.") == 2


def test_a_wrong_code_is_not_written_back_into_its_field(browser: Client) -> None:
    browser.get(PROVISION)
    page = main_of(browser.post(PROVISION, {"name": "Phone", "code": "123456"}))
    assert 'value="Phone"' in page
    assert "123456" not in page
