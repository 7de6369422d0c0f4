"""The second step of logging in: the strongest factor first, the others one link away; passkeys; new browsers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from strongroom.accounts.models import User
from strongroom.factors import methods
from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Switch
from strongroom.signin.session import Opened
from strongroom.throttle.models import Bucket
from tests.support.authenticator import Authenticator
from tests.support.configuration import changed
from tests.support.people import (
    PASSWORD,
    Phone,
    link_in,
    mails,
    person,
    signed_in,
    with_codes,
    with_key,
    with_phone,
)
from tests.web.browsing import holding, location_of, main_of, nobody, refused_in, session_cookie
from tests.web.keys_in_pages import TWO_FACTOR, log_in_by_passkey, options_of, press

pytestmark = pytest.mark.django_db

RECOVERY = "/account/recovery-code/"
CONFIRM = "/account/confirm-login/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def opened(alice: User) -> Opened:
    """A session of alice, who has no second factor yet."""
    return signed_in(alice)


@pytest.fixture
def key(opened: Opened) -> Authenticator:
    """Alice's only factor."""
    key = Authenticator()
    with_key(opened, key)
    return key


def past_the_password(client: Client | None = None, *, onward: str = "") -> Client:
    client = client or nobody()
    form = {"username": "alice", "password": PASSWORD, "next": onward}
    assert location_of(client.post("/account/login/", form)).startswith(TWO_FACTOR)
    return client


def with_everything(alice: User) -> tuple[Authenticator, Phone, list[Secret]]:
    """Alice has a key, an app whose last code is old, and recovery codes."""
    key = Authenticator()
    with clock.shifted(timedelta(minutes=-5)):
        opened, phone = with_phone(signed_in(alice))
        opened = with_key(opened, key)
        codes = with_codes(opened)
    return key, phone, codes


def test_a_key_opens_the_session_and_leads_on(key: Authenticator) -> None:
    client = past_the_password(onward="/manage/projects/")
    answer = press(client, TWO_FACTOR, key, next="/manage/projects/")
    assert location_of(answer) == "/manage/projects/"
    assert session_cookie(answer)
    page = main_of(client.get("/manage/account/"))
    assert "password and security key" in page


def test_a_key_is_asked_for_at_once_unless_it_was_refused_just_now(key: Authenticator) -> None:
    client = past_the_password()
    page = main_of(client.get(TWO_FACTOR))
    assert "data-at-once" in page
    assert f'data-options="{TWO_FACTOR}options/"' in page
    answer = client.post(TWO_FACTOR, {"credential": "{}", "with": "key"})
    assert refused_in(answer).startswith("webauthn_")
    assert "data-at-once" not in main_of(answer)
    assert session_cookie(answer) is None


def test_the_other_ways_are_one_link_away(alice: User) -> None:
    _key, phone, codes = with_everything(alice)
    client = past_the_password()
    page = main_of(client.get(f"{TWO_FACTOR}?next=%2Fmanage%2Fprojects%2F"))
    links = [path.replace("&amp;", "&") for path in re.findall(r'href="(/account/[^"]+)"', page)]
    assert f"{TWO_FACTOR}?with=totp&next=%2Fmanage%2Fprojects%2F" in links
    assert f"{RECOVERY}?next=%2Fmanage%2Fprojects%2F" in links
    assert "Authentication code" in main_of(client.get(f"{TWO_FACTOR}?with=totp"))
    assert client.post(TWO_FACTOR, {"code": phone.code(), "with": "totp"}).status_code == 303
    other = past_the_password()
    assert "Recovery code" in main_of(other.get(RECOVERY))
    assert other.post(RECOVERY, {"code": codes[1]}).status_code == 303


def test_without_script_the_page_says_what_needs_it_and_offers_the_others(alice: User) -> None:
    with_everything(alice)
    page = main_of(past_the_password().get(TWO_FACTOR))
    assert "need JavaScript" in re.findall(r"<noscript>.*?</noscript>", page, re.DOTALL)[0]
    assert "Use an authenticator app" in page
    assert "Use a recovery code" in page
    assert "I have lost them all" in page


def test_a_way_that_the_account_has_not_is_not_taken(key: Authenticator) -> None:
    client = past_the_password()
    assert "data-webauthn" in main_of(client.get(f"{TWO_FACTOR}?with=totp"))
    assert refused_in(client.post(TWO_FACTOR, {"code": "123456", "with": "totp"})) == "required"
    assert refused_in(client.post(TWO_FACTOR, {"password": PASSWORD, "with": "password"})) == "required"
    assert settings.SESSION_COOKIE not in client.cookies


def test_a_recovery_code_says_how_many_are_left_and_works_once(alice: User) -> None:
    # RC-01
    _key, _phone, codes = with_everything(alice)
    client = past_the_password()
    assert location_of(client.post(RECOVERY, {"code": codes[0]})) == "/manage/account/"
    page = main_of(client.get("/manage/account/"))
    assert "You used a recovery code; 7 are left." in page
    assert "password and recovery code" in page
    answer = past_the_password().post(RECOVERY, {"code": codes[0].lower().replace("-", " ")})
    assert (answer.status_code, refused_in(answer)) == (403, "recovery_used")


def test_the_last_recovery_code_leads_to_new_ones_and_every_page_says_so(alice: User) -> None:
    # RC-12
    _key, _phone, codes = with_everything(alice)
    last = RecoveryCode.objects.filter(user=alice).order_by("-pk")[0]
    RecoveryCode.objects.filter(user=alice).exclude(pk=last.pk).update(used=clock.now())
    client = past_the_password()
    answer = client.post(RECOVERY, {"code": codes[-1]})
    assert location_of(answer) == "/manage/account/recovery-codes/"
    for path in ("/", "/help/", "/manage/projects/"):
        assert "You have no recovery code left" in client.get(path).content.decode()
    made = client.post("/manage/account/recovery-codes/")
    assert made.status_code == 200
    assert "You have no recovery code left" not in client.get("/").content.decode()


def test_an_old_ticket_gives_no_options_and_leads_back(key: Authenticator) -> None:
    # LT-17
    client = past_the_password()
    with clock.shifted(timedelta(minutes=6)):
        answer = client.post(f"{TWO_FACTOR}options/")
        assert (answer.status_code, answer.json()["code"]) == (410, "ticket_invalid")
        assert location_of(client.get(TWO_FACTOR)) == "/account/login/"
        assert location_of(client.get(RECOVERY)) == "/account/login/"


def test_an_answer_in_another_browser_opens_nothing(key: Authenticator) -> None:
    # WA-36
    alice, thief = past_the_password(), past_the_password()
    credential = key.sign_in(options_of(alice, TWO_FACTOR))
    answer = thief.post(TWO_FACTOR, {"credential": credential, "with": "key"})
    assert refused_in(answer) == "webauthn_challenge_unknown"
    assert session_cookie(answer) is None


def test_a_passkey_alone_logs_in(key: Authenticator) -> None:
    client = nobody()
    answer = log_in_by_passkey(client, key, next="/manage/projects/")
    assert location_of(answer) == "/manage/projects/"
    assert "· by passkey" in main_of(client.get("/manage/account/"))


def test_the_page_to_log_in_offers_passkeys_in_its_field_and_by_a_button(alice: User) -> None:
    page = main_of(nobody().get("/account/login/?next=%2Fmanage%2Fprojects%2F"))
    assert 'autocomplete="username webauthn"' in page
    assert "data-autofill" in page
    assert re.findall(r"<button[^>]*>(Log in|Sign in with a passkey)</button>", page)[1:] == [
        "Sign in with a passkey"
    ]
    assert page.count('name="next" value="/manage/projects/"') == 2


def test_a_refused_passkey_is_told_on_the_page_to_log_in(alice: User) -> None:
    client = nobody()
    client.post("/account/login/passkey-options/")
    answer = client.post("/account/login/passkey/", {"credential": "{}"})
    assert refused_in(answer).startswith("webauthn_")
    assert 'action="/account/login/"' in main_of(answer)
    assert session_cookie(answer) is None


def test_a_passkey_without_the_cookie_of_its_question_is_refused(key: Authenticator) -> None:
    # WA-36
    client = nobody()
    credential = key.sign_in(client.post("/account/login/passkey-options/").json())
    answer = nobody().post("/account/login/passkey/", {"credential": credential})
    assert refused_in(answer) == "webauthn_challenge_unknown"
    assert session_cookie(answer) is None


def test_too_many_questions_for_passkeys_are_refused_in_words_for_the_script(alice: User) -> None:
    client = nobody()
    assert client.post("/account/login/passkey-options/").status_code == 200
    Bucket.objects.filter(key__startswith="passkey:").update(spent=300)
    refused = client.post("/account/login/passkey-options/")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused.json()["message"]
    assert 0 < int(refused.headers["Retry-After"]) <= 300


def test_options_name_no_credential_before_anybody_has_said_who_they_are(key: Authenticator) -> None:
    # WA-39
    assert nobody().post("/account/login/passkey-options/").json()["allowCredentials"] == []


def test_a_remembered_browser_leaves_the_second_factor_out_and_can_be_forgotten(alice: User) -> None:
    # SS-18
    _key, phone, _codes = with_everything(alice)
    client = past_the_password()
    client.post(TWO_FACTOR, {"code": phone.code(), "with": "totp", "remember": "on"})
    client.post("/account/logout/")
    form = {"username": "alice", "password": PASSWORD}
    assert location_of(client.post("/account/login/", form)) == "/manage/account/"
    page = main_of(client.get("/manage/account/"))
    assert "password, in a remembered browser" in page
    browsers = page.split('id="browsers"')[1]
    assert "remembered" in browsers
    assert "this browser" in browsers
    forget = re.search(r'action="(/manage/account/browser/\d+/forget/)"', browsers)
    assert forget
    assert location_of(client.post(forget[1])) == "/manage/account/#browsers"
    client.post("/account/logout/")
    past_the_password(client)


def test_a_browser_of_somebody_else_cannot_be_forgotten(alice: User) -> None:
    # design, D6
    _key, phone, _codes = with_everything(alice)
    client = past_the_password()
    client.post(TWO_FACTOR, {"code": phone.code(), "with": "totp", "remember": "on"})
    forget = re.search(r"/manage/account/browser/\d+/forget/", main_of(client.get("/manage/account/")))
    assert forget
    holding(signed_in(person("mallory"))).post(forget[0])
    client.post("/account/logout/")
    form = {"username": "alice", "password": PASSWORD}
    assert location_of(client.post("/account/login/", form)) == "/manage/account/"


@pytest.fixture
def confirming(settings: Settings) -> None:
    settings.CONFIG = changed("sign_in", confirm_new_browsers=Switch.ON)


def test_a_code_from_a_new_browser_waits_for_the_mailed_link_in_that_browser(
    alice: User, confirming: None, mailoutbox: list[Any]
) -> None:
    # LT-26, LT-27
    _key, phone, _codes = with_everything(alice)
    client = past_the_password()
    answer = client.post(TWO_FACTOR, {"code": phone.code(), "with": "totp"})
    assert location_of(answer) == CONFIRM
    assert session_cookie(answer) is None
    assert "open it in this browser" in main_of(client.get(CONFIRM))
    token = link_in(mails(mailoutbox)[-1].body, CONFIRM)
    for scanner in (nobody(), client):
        assert "Yes, log me in" in main_of(scanner.get(CONFIRM, {"token": token}))
    refused = nobody().post(CONFIRM, {"token": token})
    assert (refused.status_code, refused_in(refused)) == (403, "browser_differs")
    assert settings.SESSION_COOKIE not in client.cookies
    assert location_of(client.post(CONFIRM, {"token": token})) == "/manage/account/"
    assert client.get("/manage/account/").status_code == 200
    assert refused_in(client.post(CONFIRM, {"token": token})) == "link_invalid"


def test_keys_and_passkeys_never_wait(alice: User, confirming: None) -> None:
    # LT-26
    key, _phone, _codes = with_everything(alice)
    assert location_of(press(past_the_password(), TWO_FACTOR, key)) == "/manage/account/"
    assert location_of(log_in_by_passkey(nobody(), key)) == "/manage/account/"


def test_a_password_alone_from_a_new_browser_waits_too(alice: User, confirming: None) -> None:
    client = nobody()
    answer = client.post("/account/login/", {"username": "alice", "password": PASSWORD})
    assert location_of(answer) == CONFIRM
    assert location_of(client.get("/manage/account/")).startswith("/account/login/")


def test_two_factor_is_asked_for_before_its_codes_are_kept(key: Authenticator, alice: User) -> None:
    assert not methods.of(alice.pk).is_on
    past_the_password()
