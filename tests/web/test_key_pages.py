"""The pages to add, see, rename and remove security keys."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from strongroom.accounts.models import User
from strongroom.factors import keys, methods
from strongroom.factors.models import SecurityKey
from strongroom.kernel import clock
from strongroom.kernel.sections import Feature
from tests.support.authenticator import Authenticator
from tests.support.configuration import changed
from tests.support.people import person, signed_in, with_codes, with_key, with_phone
from tests.web.browsing import browser_of, holding, location_of, main_of, refused_in, session_cookie, text_of
from tests.web.keys_in_pages import PROVISION, add_key, options_of

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
CODES = "/manage/account/recovery-codes/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


def two_factor_section(client: Client) -> str:
    return main_of(client.get(ACCOUNT)).split('id="two-factor"')[1].split('id="account-emails"')[0]


def test_a_key_is_named_pressed_and_shown_and_the_codes_come_next(alice: User, browser: Client) -> None:
    # WR-44
    key = Authenticator(aaguid=bytes.fromhex("2fc0579f811347eab116bb5a8db9202a"))
    answer = add_key(browser, key)
    assert location_of(answer) == CODES
    assert session_cookie(answer)
    section = two_factor_section(browser)
    assert "Key ring" in section
    assert "YubiKey 5 NFC · on one device" in section
    assert "not used to log in yet" in section
    assert "Half done" in section


def test_a_second_key_leads_back_once_the_codes_are_kept(alice: User) -> None:
    opened = with_key(signed_in(alice), Authenticator())
    with_codes(opened)
    client = holding(opened)
    assert location_of(add_key(client, Authenticator(), name="Safe")) == f"{ACCOUNT}#two-factor"
    assert methods.of(alice.pk).keys == 2
    assert "with 2 security keys" in main_of(client.get(ACCOUNT))


def test_a_synced_passkey_is_called_one(alice: User, browser: Client) -> None:
    add_key(browser, Authenticator(backup_eligible=True, backed_up=True))
    assert "synced between devices" in two_factor_section(browser)


def test_the_form_waits_for_script_and_the_page_says_what_needs_it(browser: Client) -> None:
    page = main_of(browser.get(PROVISION))
    form = re.search(r"<form[^>]*data-webauthn[^>]*>", page)
    assert form
    assert " hidden" in form[0]
    assert f'data-options="{PROVISION}options/"' in form[0]
    script_off = re.search(r"<noscript>.*?</noscript>", page, re.DOTALL)
    assert script_off
    assert "need JavaScript" in script_off[0]
    assert "/manage/account/totp-provision/" in page
    assert 'role="status"' in page


def test_without_a_verified_address_no_key_is_asked_for() -> None:
    # EM-11
    user = person("carol", verified=False)
    client = browser_of(user)
    assert refused_in(client.get(PROVISION)) == "email_unverified"
    answer = client.post(f"{PROVISION}options/")
    assert (answer.status_code, answer.json()["code"]) == (403, "email_unverified")
    assert not SecurityKey.objects.exists()


def test_a_refused_key_is_a_page_that_keeps_the_name(alice: User, browser: Client) -> None:
    credential = Authenticator().register(options_of(browser, PROVISION), origin="https://evil.example")
    answer = browser.post(PROVISION, {"name": "Key ring", "credential": credential})
    assert refused_in(answer).startswith("webauthn_")
    assert 'value="Key ring"' in main_of(answer)
    assert credential not in main_of(answer)
    assert not keys.of(alice.pk)


def test_an_answer_is_good_once(alice: User, browser: Client) -> None:
    # WR-32
    credential = Authenticator().register(options_of(browser, PROVISION))
    browser.post(PROVISION, {"name": "One", "credential": credential})
    answer = browser.post(PROVISION, {"name": "Two", "credential": credential})
    assert (answer.status_code, refused_in(answer)) == (403, "webauthn_challenge_unknown")
    assert len(keys.of(alice.pk)) == 1


def test_a_form_without_an_answer_says_to_touch_the_key(alice: User, browser: Client) -> None:
    answer = browser.post(PROVISION, {"name": "Key ring", "credential": ""})
    assert (answer.status_code, refused_in(answer)) == (422, "required")
    assert "touch the key" in main_of(answer)
    assert not keys.of(alice.pk)


def test_a_name_is_unique_in_an_account(browser: Client, alice: User) -> None:
    # WR-41
    add_key(browser, Authenticator())
    answer = add_key(browser, Authenticator())
    assert (answer.status_code, refused_in(answer)) == (409, "factor_name_taken")
    assert 'href="#id_name"' in main_of(answer)


def test_a_host_that_a_request_names_changes_nothing_of_what_a_key_is_asked(browser: Client) -> None:
    # WR-36
    answer = browser.post(f"{PROVISION}options/", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.json()["rp"]["id"] == "localhost"
    assert browser.post(f"{PROVISION}options/", headers={"Host": "evil.example"}).status_code == 400


def test_a_name_is_shown_as_text(browser: Client) -> None:
    # WR-41
    hostile = "<script>alert(1)</script>"
    add_key(browser, Authenticator(), name=hostile)
    page = text_of(browser.get(ACCOUNT))
    assert hostile not in page
    assert "&lt;script&gt;" in page
    assert refused_in(add_key(browser, Authenticator(), name="a" * 65)) == "max_length"


def test_a_key_is_renamed(alice: User) -> None:
    client = holding(with_key(signed_in(alice), Authenticator(), name="Old"))
    path = f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/rename/"
    assert 'value="Old"' in main_of(client.get(path))
    assert location_of(client.post(path, {"name": "New"})) == f"{ACCOUNT}#two-factor"
    assert "New" in two_factor_section(client)
    assert refused_in(client.post(path, {"name": "\x07"})) == "factor_name_invalid"


def test_removing_the_last_key_names_what_is_lost_and_asks_first(alice: User) -> None:
    opened = with_key(signed_in(alice), Authenticator())
    with_codes(opened)
    client = holding(opened)
    path = f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/remove/"
    assert "your password alone opens your account" in main_of(client.get(path))
    assert methods.has_any(alice.pk)
    assert location_of(client.post(path)) == f"{ACCOUNT}#two-factor"
    assert not methods.has_any(alice.pk)


def test_removing_the_last_key_beside_an_app_says_what_codes_are_worth(alice: User) -> None:
    opened, _phone = with_phone(signed_in(alice))
    client = holding(with_key(opened, Authenticator()))
    page = main_of(client.get(f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/remove/"))
    assert "a false page can ask you for" in page


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_a_key_of_somebody_else_cannot_be_touched(alice: User, act: str) -> None:
    # design, D6
    with_key(signed_in(alice), Authenticator(), name="Old")
    mallory = browser_of(person("mallory"))
    path = f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/{act}/"
    assert (mallory.get(path).status_code, mallory.post(path, {"name": "x"}).status_code) == (404, 404)
    assert [key.name for key in keys.of(alice.pk)] == ["Old"]


def test_a_key_that_answered_as_a_copy_is_marked(alice: User) -> None:
    # WA-33
    client = holding(with_key(signed_in(alice), Authenticator()))
    SecurityKey.objects.update(flagged=clock.now() - timedelta(hours=1))
    assert "maybe copied" in two_factor_section(client)


def test_a_beta_is_called_one_with_a_link_for_feedback(browser: Client, settings: Settings) -> None:
    settings.CONFIG = changed("features", webauthn=Feature.BETA, feedback="keys@example.org")
    for path in (ACCOUNT, PROVISION, "/account/login/"):
        page = main_of((browser if path != "/account/login/" else Client()).get(path))
        assert ">beta<" in page
        assert 'href="mailto:keys@example.org"' in page


def test_a_site_without_keys_offers_none_and_still_lets_them_be_removed(
    alice: User, settings: Settings
) -> None:
    opened, _phone = with_phone(signed_in(alice))
    opened = with_key(opened, Authenticator())
    with_codes(opened)
    client = holding(opened)
    settings.CONFIG = changed("features", webauthn=Feature.OFF)
    assert client.get(PROVISION).status_code == client.post(PROVISION).status_code == 404
    assert client.post(f"{PROVISION}options/").status_code == 404
    assert Client().post("/account/login/passkey-options/").status_code == 404
    assert Client().post("/account/login/passkey/", {"credential": "{}"}).status_code == 404
    login = text_of(Client().get("/account/login/"))
    assert "passkey" not in login
    assert "webauthn" not in login
    section = two_factor_section(client)
    assert "security key" not in section.replace("a security key: yes", "")
    assert f"key/{keys.of(alice.pk)[0].pk}/remove/" in section
