"""The pages to verify an address and to choose a new password by a mailed link."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from strongroom.accounts import find, passwords, standing
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.publish import credentials
from strongroom.signin.models import Session
from tests.support.authenticator import Authenticator
from tests.support.people import (
    PASSWORD,
    as_user,
    link_in,
    mails,
    person,
    signed_in,
    with_codes,
    with_key,
    with_phone,
)
from tests.web.browsing import (
    browser_of,
    location_of,
    main_of,
    nobody,
    refused_in,
    session_cookie,
    text_of,
)
from tests.web.keys_in_pages import options_of

pytestmark = pytest.mark.django_db

NEW = "meadow trumpet ninety basalt"
RESET = "/account/reset-password/"


def reset_token(mailoutbox: list[Any], login: str = "alice") -> str:
    nobody().post("/account/request-password-reset/", {"login": login})
    return link_in(mails(mailoutbox)[-1].body, RESET)


def form(token: str, **changes: str) -> dict[str, str]:
    return {"token": token, "password": NEW, "confirm": NEW, "revoke_tokens": "on", **changes}


def test_asking_for_a_link_looks_the_same_for_everybody() -> None:
    # PR-03
    person("alice")
    person("bob", verified=False)
    standing.disable(person("carol"), by=Actor.console())
    answers = [
        nobody().post("/account/request-password-reset/", {"login": login})
        for login in ("alice", "alice@example.org", "bob", "carol", "nobody", "nobody@example.org")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({main_of(answer) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


def test_a_new_password_is_set_and_nobody_is_signed_in(mailoutbox: list[Any]) -> None:
    # PR-01, PR-05
    alice = person()
    elsewhere = browser_of(alice)
    token = reset_token(mailoutbox)
    client = nobody()
    page = main_of(client.get(RESET, query_params={"token": token}))
    assert "alice" in page
    assert "Authentication code" not in page
    answer = client.post(RESET, form(token))
    assert (location_of(answer), session_cookie(answer)) == ("/account/login/", "")
    assert passwords.is_right(User.objects.get(), NEW)
    assert location_of(client.get("/manage/account/")).startswith("/account/login/")
    assert location_of(elsewhere.get("/manage/account/")).startswith("/account/login/")
    assert refused_in(client.post(RESET, form(token))) == "link_invalid"


@pytest.mark.parametrize(("answer", "left"), [({"revoke_tokens": "on"}, 0), ({}, 1)])
def test_the_reset_asks_about_tokens_and_deletes_them_by_default(
    mailoutbox: list[Any], answer: dict[str, str], left: int
) -> None:
    # PR-05
    alice = person()
    credentials.make_token(alice, name="Laptop", by=as_user(alice))
    token = reset_token(mailoutbox)
    assert 'name="revoke_tokens"' in main_of(nobody().get(RESET, query_params={"token": token}))
    assert "checked" in main_of(nobody().get(RESET, query_params={"token": token}))
    sent = {"token": token, "password": NEW, "confirm": NEW, **answer}
    assert nobody().post(RESET, sent).status_code == 303
    assert len(credentials.tokens_of(alice)) == left


def test_an_account_with_a_second_factor_must_show_it(mailoutbox: list[Any]) -> None:
    # PR-01
    with clock.shifted(timedelta(minutes=-5)):
        _opened, phone = with_phone(signed_in(person()))
    token = reset_token(mailoutbox)
    assert "Authentication code" in main_of(nobody().get(RESET, query_params={"token": token}))
    for code, reason in (("", "required"), ("000000", "totp_wrong")):
        assert refused_in(nobody().post(RESET, form(token, code=code))) == reason
    assert passwords.is_right(User.objects.get(), PASSWORD)
    assert nobody().post(RESET, form(token, code=phone.code())).status_code == 303
    assert passwords.is_right(User.objects.get(), NEW)


def test_a_security_key_answers_at_a_reset_and_a_code_is_one_link_away(mailoutbox: list[Any]) -> None:
    # PR-01
    key = Authenticator()
    with clock.shifted(timedelta(minutes=-5)):
        opened, _phone = with_phone(signed_in(person()))
        with_key(opened, key)
    token, client = reset_token(mailoutbox), nobody()
    page = main_of(client.get(RESET, query_params={"token": token}))
    assert 'data-options="/account/reset-password/options/"' in page
    assert f"{RESET}?with=totp&token={token}" in page
    refused = client.post(RESET, form(token, credential="{}", **{"with": "key"}))
    assert refused_in(refused).startswith("webauthn_")
    assert passwords.is_right(User.objects.get(), PASSWORD)
    credential = key.sign_in(options_of(client, RESET, token=token))
    assert client.post(RESET, form(token, credential=credential, **{"with": "key"})).status_code == 303
    assert passwords.is_right(User.objects.get(), NEW)


@pytest.mark.parametrize("way", ["totp", "recovery"])
def test_every_other_way_answers_at_a_reset(mailoutbox: list[Any], way: str) -> None:
    with clock.shifted(timedelta(minutes=-5)):
        opened, phone = with_phone(signed_in(person()))
        codes = with_codes(opened)
    token = reset_token(mailoutbox)
    wanted = {"token": token, "with": way}
    label = "Recovery code" if way == "recovery" else "Authentication code"
    assert label in main_of(nobody().get(RESET, query_params=wanted))
    code = codes[1] if way == "recovery" else phone.code()
    assert nobody().post(RESET, form(token, code=code, **{"with": way})).status_code == 303
    assert passwords.is_right(User.objects.get(), NEW)


def test_a_link_that_is_none_gives_no_options(mailoutbox: list[Any]) -> None:
    answer = nobody().post(f"{RESET}options/", {"token": "x"})
    assert (answer.status_code, answer.json()["code"]) == (410, "link_invalid")


def test_a_weak_new_password_leaves_the_link_good(mailoutbox: list[Any]) -> None:
    person()
    token = reset_token(mailoutbox)
    answer = nobody().post(RESET, form(token, password="short", confirm="short"))
    assert refused_in(answer) == "password_too_short"
    assert 'href="#id_password"' in main_of(answer)
    assert token in text_of(answer)
    assert nobody().post(RESET, form(token)).status_code == 303


def test_the_mailed_link_names_the_configured_host_whatever_the_request_says(mailoutbox: list[Any]) -> None:
    # EM-16, PR-06
    person()
    nobody().post(
        "/account/request-password-reset/", {"login": "alice"}, headers={"X-Forwarded-Host": "evil.example"}
    )
    nobody().post("/account/request-password-reset/", {"login": "alice"}, headers={"Host": "evil.example"})
    sent = mails(mailoutbox)
    assert len(sent) == 1
    assert f"{settings.CONFIG.base_url}{RESET}?token=" in sent[0].body


def test_a_verification_link_of_somebody_else_is_refused_and_names_no_account(mailoutbox: list[Any]) -> None:
    # EM-02
    person("alice", verified=False)
    token = link_in(mails(mailoutbox)[0].body, "/account/verify-email/")
    answer = browser_of(person("mallory")).post("/account/verify-email/", {"token": token})
    assert (answer.status_code, refused_in(answer)) == (403, "link_of_somebody_else")
    assert "alice" not in main_of(answer)
    alice = find.by_username("alice")
    assert alice is not None
    assert alice.addresses.get().verified is None


def test_a_verification_link_works_once(mailoutbox: list[Any]) -> None:
    # EM-01
    alice = person("alice", verified=False)
    token = link_in(mails(mailoutbox)[0].body, "/account/verify-email/")
    client = browser_of(alice)
    assert location_of(client.post("/account/verify-email/", {"token": token})) == "/manage/account/"
    assert 'class="unverified"' not in text_of(client.get("/manage/account/"))
    again = client.post("/account/verify-email/", {"token": token})
    assert (again.status_code, refused_in(again)) == (410, "link_invalid")


def test_a_session_that_was_idle_too_long_must_log_in_again() -> None:
    # SS-09
    client = browser_of(person())
    with clock.shifted(timedelta(minutes=29)):
        assert client.get("/manage/account/").status_code == 200
    with clock.shifted(timedelta(minutes=60)):
        assert location_of(client.get("/manage/account/")).startswith("/account/login/")
    assert Session.objects.exists()
