"""Proving again who is signed in: the strongest factor, and the form that was being sent."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client

from strongroom.accounts import emails
from strongroom.accounts.models import EmailAddress, User
from strongroom.factors import keys, methods
from strongroom.kernel import clock
from strongroom.publish import credentials
from strongroom.signin.models import Session
from strongroom.web.acts_in_words import ACTS
from strongroom.web.routes import FRESH, FRESH_OPERATOR
from tests.support.authenticator import Authenticator
from tests.support.people import PASSWORD, Phone, as_user, person, signed_in, with_codes, with_key, with_phone
from tests.web.browsing import (
    browser_of,
    holding,
    location_of,
    main_of,
    nobody,
    operator,
    refused_in,
    session_cookie,
    text_of,
)
from tests.web.keys_in_pages import REAUTHENTICATE, TWO_FACTOR, add_key, options_of, press
from tests.web.routes import every_route

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
EMAIL = f"{ACCOUNT}email/"
TOKEN = f"{ACCOUNT}token/"
CODES = f"{ACCOUNT}recovery-codes/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def stale(alice: User) -> Client:
    return browser_of(alice, fresh=False)


def next_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["next"][0]


def in_eleven_minutes() -> Any:
    return clock.shifted(timedelta(minutes=11))


def with_key_and_app(alice: User) -> tuple[Client, Authenticator, Phone, list[str]]:
    key = Authenticator()
    with clock.shifted(timedelta(minutes=-20)):
        opened, phone = with_phone(signed_in(alice))
        opened = with_key(opened, key)
        codes = with_codes(opened)
    return holding(opened), key, phone, [str(code) for code in codes]


def test_a_form_that_meets_an_old_proof_is_shown_in_words_and_sent_by_hand(
    alice: User, stale: Client
) -> None:
    # SU-06
    answer = stale.post(EMAIL, {"email": "second@example.org"})
    assert location_of(answer).startswith(REAUTHENTICATE)
    onward = next_of(location_of(answer))
    assert "second" not in unquote(onward)
    answer = stale.post(REAUTHENTICATE, {"password": PASSWORD, "next": onward})
    assert location_of(answer) == onward
    page = main_of(stale.get(onward))
    assert "Add the address second@example.org to your account." in page
    assert not EmailAddress.objects.filter(address="second@example.org").exists()
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action
    stale.post(action[1], dict(re.findall(r'<input type="hidden" name="(email)" value="([^"]+)"', page)))
    assert EmailAddress.objects.filter(address="second@example.org").exists()


def test_looking_at_what_was_about_to_be_done_does_nothing(alice: User, stale: Client) -> None:
    # SU-06
    onward = next_of(location_of(stale.post(TOKEN, {"name": "Laptop", "scope": "all", "actions": "upload"})))
    stale.post(REAUTHENTICATE, {"password": PASSWORD, "next": onward})
    for _ in range(2):
        page = main_of(stale.get(onward))
        assert "Make the API token “Laptop”." in page
        assert "For all of your projects, and those to come." in page
    assert not credentials.tokens_of(alice)


def test_what_was_kept_opens_in_no_other_session(alice: User, stale: Client) -> None:
    # SU-04
    onward = next_of(location_of(stale.post(EMAIL, {"email": "second@example.org"})))
    for other in (browser_of(alice), browser_of(person("mallory"))):
        answer = other.get(onward)
        assert (answer.status_code, refused_in(answer)) == (410, "act_expired")
        assert "second@example.org" not in text_of(answer)


def test_what_was_kept_is_gone_after_ten_minutes(stale: Client) -> None:
    onward = next_of(location_of(stale.post(EMAIL, {"email": "second@example.org"})))
    with clock.shifted(timedelta(minutes=10, seconds=2)):
        assert refused_in(stale.get(onward)) == "act_expired"


@pytest.mark.parametrize("act", ["", "x", "A" * 200, "\N{SNOWMAN}", "=", "_" * 40])
def test_what_nobody_kept_is_nothing(alice: User, act: str) -> None:
    answer = browser_of(alice).get("/account/resume/", {"act": act})
    assert (answer.status_code, refused_in(answer)) == (410, "act_expired")


def test_a_password_is_never_kept(stale: Client) -> None:
    new = "meadow trumpet ninety basalt"
    form = {"current": PASSWORD, "password": new, "confirm": new}
    assert next_of(location_of(stale.post(f"{ACCOUNT}password/", form))) == f"{ACCOUNT}password/"
    for act in ACTS.values():
        assert not {"password", "current", "confirm", "code", "credential", "token"} & set(act.fields)


def test_what_is_too_long_for_an_address_is_typed_again(stale: Client) -> None:
    assert next_of(location_of(stale.post(EMAIL, {"email": "a" * 10_000}))) == ACCOUNT


def test_every_sensitive_act_without_a_page_of_its_own_has_its_words() -> None:
    # SU-06
    sensitive = {FRESH, FRESH_OPERATOR}
    acts = {name for name, page in every_route().items() if page.permissions.get("POST") in sensitive}
    assert acts == set(ACTS)


def test_each_act_is_told_in_a_sentence(alice: User) -> None:
    key = Authenticator()
    opened, _phone = with_phone(signed_in(alice), name="Phone")
    client = holding(with_key(opened, key, name="Key ring"))
    address = emails.add(alice, "b@example.org", by=as_user(alice))
    row = keys.of(alice.pk)[0].pk
    said = {
        f"{EMAIL}{address.pk}/primary/": "Make b@example.org your primary address.",
        f"{EMAIL}{address.pk}/remove/": "Remove the address b@example.org from your account.",
        f"{ACCOUNT}key/{row}/remove/": "Remove the security key “Key ring”.",
        f"{ACCOUNT}key/{row}/rename/": "Rename the security key “Key ring” to “Safe”.",
        f"{ACCOUNT}may-publish/": "Choose what may publish with your account: Trusted publishers only.",
        "/manage/project/demo/settings/": "what may publish in the project demo: Trusted publishers only.",
    }
    Session.objects.update(proven=clock.now() - timedelta(minutes=11))
    for path, sentence in said.items():
        onward = next_of(location_of(client.post(path, {"name": "Safe", "level": "trusted"})))
        assert sentence in main_of(client.get(onward)), path


def test_an_operator_s_act_names_whom_it_is_about() -> None:
    person("bob")
    olga = browser_of(operator(), fresh=False)
    onward = next_of(location_of(olga.post("/operate/user/bob/disable/")))
    assert "Disable the account bob." in main_of(olga.get(onward))


def test_a_key_is_asked_for_where_there_is_one_and_nothing_less_is_taken(alice: User) -> None:
    # SU-02
    client, key, phone, codes = with_key_and_app(alice)
    page = main_of(client.get(REAUTHENTICATE, {"next": TOKEN}))
    assert "data-at-once" in page
    assert "Use an authenticator app" not in page
    assert "Use a recovery code" not in page
    for weaker in (
        {"with": "totp", "code": phone.code()},
        {"with": "password", "password": PASSWORD},
        {"with": "recovery", "code": codes[1]},
    ):
        answer = client.post(REAUTHENTICATE, {**weaker, "next": TOKEN})
        assert refused_in(answer) == "required"
        assert location_of(client.get(TOKEN)).startswith(REAUTHENTICATE)
    assert methods.of(alice.pk).codes_left == 8
    assert location_of(press(client, REAUTHENTICATE, key, next=TOKEN)) == TOKEN
    assert client.get(TOKEN).status_code == 200


def test_a_challenge_to_log_in_proves_nothing_later(alice: User) -> None:
    # WA-35
    client, key, _phone, _codes = with_key_and_app(alice)
    other = nobody()
    other.post("/account/login/", {"username": "alice", "password": PASSWORD})
    credential = key.sign_in(options_of(other, TWO_FACTOR))
    answer = client.post(REAUTHENTICATE, {"with": "key", "credential": credential})
    assert refused_in(answer) == "webauthn_challenge_unknown"
    assert session_cookie(answer) is None


def test_a_recovery_code_is_offered_for_what_replaces_a_lost_factor_and_opens_nothing_else(
    alice: User,
) -> None:
    # SU-01
    client, _key, _phone, codes = with_key_and_app(alice)
    for path in (
        CODES,
        f"{ACCOUNT}totp-provision/",
        f"{ACCOUNT}webauthn-provision/",
        f"{ACCOUNT}password/",
    ):
        where = location_of(client.get(path))
        assert next_of(where) == path
        assert "Use a recovery code" in main_of(client.get(where))
    answer = client.post(REAUTHENTICATE, {"with": "recovery", "code": codes[1], "next": CODES})
    assert location_of(answer) == CODES
    assert client.get(CODES).status_code == 200
    assert client.get(f"{ACCOUNT}password/").status_code == 200
    for path in (TOKEN, f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/remove/"):
        assert location_of(client.get(path)).startswith(REAUTHENTICATE)


def test_the_proof_holds_ten_minutes_and_no_longer(alice: User) -> None:
    # SU-03
    with clock.frozen(clock.now()):
        client = browser_of(alice)
        with clock.shifted(timedelta(minutes=9, seconds=59)):
            assert client.get(TOKEN).status_code == 200
        with clock.shifted(timedelta(minutes=10, seconds=1)):
            assert location_of(client.get(TOKEN)).startswith(REAUTHENTICATE)


def test_options_of_an_old_proof_lead_to_the_page_that_asks_for_it(alice: User) -> None:
    # WR-42
    stale = browser_of(alice, fresh=False)
    answer = stale.post(f"{ACCOUNT}webauthn-provision/options/")
    assert next_of(location_of(answer)) == f"{ACCOUNT}webauthn-provision/"
    assert next_of(location_of(stale.post(f"{ACCOUNT}webauthn-provision/", {"name": "x"})))


def test_adding_a_key_is_a_proof(alice: User) -> None:
    client = browser_of(alice)
    add_key(client, Authenticator())
    assert client.get(TOKEN).status_code == 200
    with in_eleven_minutes():
        assert "data-webauthn" in main_of(client.get(location_of(client.get(TOKEN))))
