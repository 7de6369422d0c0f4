"""The pages to register, to log in with and without a code, and to log out."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.signin.models import Session
from tests.support.configuration import changed
from tests.support.people import PASSWORD, Phone, person, signed_in, with_phone
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in, session_cookie, text_of

pytestmark = pytest.mark.django_db

REGISTRATION = {"username": "alice", "email": "alice@example.org", "password": PASSWORD, "confirm": PASSWORD}

FULL_WIDTH = "\N{FULLWIDTH DIGIT ONE}" * 6


@pytest.fixture
def phone(db: None) -> Phone:
    """Alice's phone; its enrollment code is 5 minutes old."""
    with clock.shifted(timedelta(minutes=-5)):
        _opened, phone = with_phone(signed_in(person()))
    Session.objects.all().delete()
    return phone


def past_the_password(*, onward: str = "") -> Client:
    client = nobody()
    answer = client.post("/account/login/", {"username": "alice", "password": PASSWORD, "next": onward})
    assert location_of(answer).startswith("/account/two-factor/")
    return client


def test_a_session_that_the_browser_had_ends_when_its_person_registers_another_account() -> None:  # SS-01
    bob = person("bob")
    answer = browser_of(bob).post("/account/register/", REGISTRATION)
    assert location_of(answer) == "/manage/account/"
    assert [row.user.username for row in Session.objects.all()] == ["alice"]


def test_a_newcomer_is_signed_in_and_told_to_verify_on_every_page() -> None:
    client = nobody()
    answer = client.post("/account/register/", REGISTRATION)
    assert location_of(answer) == "/manage/account/"
    for path in ("/manage/account/", "/", "/help/", "/manage/projects/"):
        page = text_of(client.get(path))
        assert 'class="unverified"' in page
        assert "alice@example.org" in page


def test_two_passwords_that_differ_are_refused_beside_the_second_and_in_the_summary() -> None:
    answer = nobody().post("/account/register/", {**REGISTRATION, "confirm": "another parsnip orbit"})
    assert (answer.status_code, refused_in(answer)) == (422, "passwords_differ")
    assert 'href="#id_confirm"' in main_of(answer)
    assert 'id="id_confirm_error"' in main_of(answer)
    assert 'aria-describedby="id_confirm_error"' in main_of(answer)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "code", "status"),
    [
        ("username", "a b", "username_invalid", 422),
        ("username", "mallory", "username_taken", 409),
        ("email", "not an address", "email_invalid", 422),
        ("password", "short", "password_too_short", 422),
        ("password", "password1", "password_weak", 422),
        ("username", "", "required", 422),
    ],
)
def test_what_registration_refuses_stands_beside_its_field(
    field: str, value: str, code: str, status: int
) -> None:
    person("mallory")
    form = {**REGISTRATION, field: value} | ({"confirm": value} if field == "password" else {})
    answer = nobody().post("/account/register/", form)
    assert (answer.status_code, refused_in(answer)) == (status, code)
    assert f'href="#id_{field}"' in main_of(answer)
    assert session_cookie(answer) is None
    assert User.objects.count() == 1


def test_registering_an_address_of_another_account_looks_the_same() -> None:
    # D17, EM-06
    person("bob")
    free = nobody().post("/account/register/", REGISTRATION)
    taken = nobody().post(
        "/account/register/", {**REGISTRATION, "username": "carol", "email": "bob@example.org"}
    )
    assert (
        (free.status_code, location_of(free))
        == (taken.status_code, location_of(taken))
        == (303, "/manage/account/")
    )


def test_closed_registration_shows_no_form(settings: object) -> None:
    settings.CONFIG = changed("accounts", registration="closed")
    assert "id_username" not in text_of(nobody().get("/account/register/"))
    answer = nobody().post("/account/register/", REGISTRATION)
    assert answer.status_code == 403
    assert not User.objects.exists()


def test_a_password_alone_signs_in_where_there_is_no_second_factor() -> None:
    person()
    client = nobody()
    answer = client.post("/account/login/", {"username": "alice@example.org", "password": PASSWORD})
    assert location_of(answer) == "/manage/account/"
    assert client.get("/manage/account/").status_code == 200


def test_nobody_disabled_and_mistyped_get_the_same_page() -> None:
    # LT-19
    person("alice")
    standing.disable(person("bob"), by=Actor.console())
    pages = set()
    for username, password in (("alice", "wrong"), ("bob", PASSWORD), ("nobody", "wrong")):
        answer = nobody().post("/account/login/", {"username": username, "password": password})
        assert (answer.status_code, refused_in(answer)) == (403, "credentials_wrong")
        assert session_cookie(answer) is None
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", main_of(answer))
        pages.add(page.replace(f'value="{username}"', ""))
    assert len(pages) == 1


def test_without_the_code_there_is_no_session_and_no_page(phone: Phone) -> None:
    # LT-15
    client = past_the_password()
    assert settings.SESSION_COOKIE not in client.cookies
    for path in ("/manage/account/", "/manage/projects/", "/manage/account/token/", "/operate/"):
        assert location_of(client.get(path)).startswith("/account/login/")
    assert not Session.objects.exists()


def test_the_code_opens_the_session_and_leads_on(phone: Phone) -> None:
    client = past_the_password(onward="/manage/projects/")
    answer = client.post("/account/two-factor/?next=%2Fmanage%2Fprojects%2F", {"code": phone.code()})
    assert location_of(answer) == "/manage/projects/"
    assert client.get("/manage/projects/").status_code == 200
    assert client.cookies[settings.TICKET_COOKIE].value == ""


@pytest.mark.parametrize(("typed", "code"), [("000000", "totp_wrong"), (FULL_WIDTH, "code_malformed")])
def test_a_wrong_code_is_refused_beside_the_field(phone: Phone, typed: str, code: str) -> None:
    answer = past_the_password().post("/account/two-factor/", {"code": typed})
    assert refused_in(answer) == code
    assert 'href="#id_code"' in main_of(answer)
    assert session_cookie(answer) is None


def test_a_code_works_once_whatever_its_spelling(phone: Phone) -> None:
    # LT-07
    code = phone.code()
    first, second = past_the_password(), past_the_password()
    assert first.post("/account/two-factor/", {"code": f" {code[:3]} {code[3:]}"}).status_code == 303
    assert refused_in(second.post("/account/two-factor/", {"code": code})) == "totp_reused"


def test_an_old_ticket_leads_back_to_the_password(phone: Phone) -> None:
    # LT-17
    client = past_the_password()
    with clock.shifted(timedelta(minutes=6)):
        answer = client.post("/account/two-factor/", {"code": phone.code()})
        assert location_of(answer) == "/account/login/"
        assert "expired" in main_of(client.get("/account/login/"))
    assert not Session.objects.exists()


def test_the_code_in_another_browser_than_the_password_opens_nothing(phone: Phone) -> None:
    # LT-17
    alice, thief = past_the_password(), nobody()
    answer = thief.post("/account/two-factor/", {"code": phone.code()})
    assert location_of(answer).startswith("/account/login/")
    assert settings.SESSION_COOKIE not in thief.cookies
    assert not Session.objects.exists()
    assert alice.post("/account/two-factor/", {"code": phone.code()}).status_code == 303


@pytest.mark.parametrize("path", ["//evil.example", "https:evil.example", "/\\evil.example"])
def test_the_code_leads_to_no_other_site(phone: Phone, path: str) -> None:
    # LT-22
    client = past_the_password(onward=path)
    answer = client.post("/account/two-factor/", {"code": phone.code(), "next": path})
    assert location_of(answer) == "/manage/account/"


def test_too_many_attempts_say_when_to_come_back() -> None:
    person()
    client = nobody()
    for _ in range(10):
        client.post("/account/login/", {"username": "alice", "password": "wrong"})
    answer = client.post("/account/login/", {"username": "alice", "password": PASSWORD})
    assert (answer.status_code, refused_in(answer)) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 300


def test_logging_in_gives_a_new_session_and_ends_the_one_before() -> None:
    # SS-01
    alice = person()
    client = browser_of(alice)
    before = client.cookies[settings.SESSION_COOKIE].value
    client.post("/account/login/", {"username": "alice", "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE].value not in {before, ""}
    assert Session.objects.count() == 1


def test_step_up_gives_the_session_a_new_cookie() -> None:
    # SS-01
    client = browser_of(person(), fresh=False)
    before = client.cookies[settings.SESSION_COOKIE].value
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/manage/account/token/"})
    assert location_of(answer) == "/manage/account/token/"
    assert session_cookie(answer) not in {before, "", None}
    assert client.get("/manage/account/token/").status_code == 200


def test_step_up_asks_for_the_code_where_there_is_a_factor(phone: Phone) -> None:
    # D9, SU-02
    client = past_the_password()
    client.post("/account/two-factor/", {"code": phone.code()})
    with clock.shifted(timedelta(minutes=11)):
        page = main_of(client.get("/account/reauthenticate/"))
        assert "Authentication code" in page
        assert "Password" not in page
        assert refused_in(client.post("/account/reauthenticate/", {"password": PASSWORD})) == "required"


def test_logging_out_ends_the_session_for_good() -> None:
    # SS-03
    client = browser_of(person())
    cookie = client.cookies[settings.SESSION_COOKIE].value
    answer = client.post("/account/logout/")
    assert (location_of(answer), session_cookie(answer)) == ("/", "")
    client.cookies[settings.SESSION_COOKIE] = cookie
    assert location_of(client.get("/manage/account/")).startswith("/account/login/")
    assert not Session.objects.exists()
