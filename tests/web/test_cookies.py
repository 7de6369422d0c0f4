"""What the cookies of people's browsers may and may not."""

import json
import subprocess
import sys
from http.cookies import Morsel

import pytest
from django.conf import settings
from pytest_django import Settings

from tests.support.configuration import changed
from tests.support.people import PASSWORD, person
from tests.web.browsing import browser_of, location_of, nobody

pytestmark = pytest.mark.django_db

_NAMES = """
import json
from strongroom import settings as s
print(json.dumps([s.SESSION_COOKIE, s.TICKET_COOKIE, s.BROWSER_COOKIE, s.PASSKEY_COOKIE, s.MESSAGES_COOKIE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE]))
"""


def cookies_of_a_sign_in() -> list[Morsel[str]]:
    person()
    client = nobody()
    client.get("/account/login/")
    client.post("/account/login/passkey-options/")
    client.post("/account/login/", {"username": "alice", "password": PASSWORD})
    client.post("/account/logout/")
    return list(client.cookies.values())


def test_every_cookie_is_for_this_host_alone_and_hidden_from_scripts() -> None:
    # SS-06
    cookies = cookies_of_a_sign_in()
    assert {cookie.key for cookie in cookies} == {
        settings.SESSION_COOKIE,
        settings.TICKET_COOKIE,
        settings.BROWSER_COOKIE,
        settings.PASSKEY_COOKIE,
        settings.CSRF_COOKIE_NAME,
        settings.MESSAGES_COOKIE,
    }
    for cookie in cookies:
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        )


def test_over_https_the_session_s_cookies_are_secure(settings: Settings) -> None:
    # SS-06
    settings.CONFIG = changed("site", base_url="https://index.example")
    secure = {cookie.key: cookie["secure"] for cookie in cookies_of_a_sign_in()}
    assert secure[settings.SESSION_COOKIE] is True
    assert secure[settings.TICKET_COOKIE] is True
    assert secure[settings.BROWSER_COOKIE] is True
    assert secure[settings.PASSKEY_COOKIE] is True


def test_each_instance_has_names_of_its_own_and_https_binds_them_to_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # SS-06, SS-12
    def names_of(base_url: str) -> list[str]:
        monkeypatch.setenv("STRONGROOM_SITE__BASE_URL", base_url)
        program = subprocess.run([sys.executable, "-c", _NAMES], capture_output=True, check=True)
        return list(json.loads(program.stdout))

    first, second = names_of("https://index.example"), names_of("https://test.example")
    assert all(name.startswith("__Host-") for name in (*first[:-1], *second[:-1]))
    assert not set(first[:-1]) & set(second[:-1])
    assert first[-1] is True
    assert not any(name.startswith("__") for name in names_of("http://localhost:8000")[:-1])


@pytest.mark.parametrize("value", ["", "x", "a" * 65536, "\xe2\x98\x83", '"; Path=/'])
def test_a_cookie_that_is_none_of_ours_signs_nobody_in(value: str) -> None:
    # SS-12
    client = nobody()
    answer = client.get("/manage/account/", headers={"Cookie": f"{settings.SESSION_COOKIE}={value}"})
    assert location_of(answer).startswith("/account/login/")


def test_a_second_cookie_of_the_same_name_signs_nobody_else_in() -> None:
    # SS-12
    alice = browser_of(person()).cookies[settings.SESSION_COOKIE].value
    for pair in ((alice, "tossed"), ("tossed", alice)):
        header = "; ".join(f"{settings.SESSION_COOKIE}={value}" for value in pair)
        answer = nobody().get("/manage/account/", headers={"Cookie": header})
        assert answer.status_code in {200, 303}
        assert answer.status_code == 303 or b"alice" in answer.content
