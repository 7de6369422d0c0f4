"""No other site can make a browser change anything here."""

import re

import pytest
from django.conf import settings
from django.test import Client

from strongroom.accounts.models import EmailAddress, User
from strongroom.audit.models import Entry
from tests.support.people import PASSWORD, person
from tests.web.browsing import browser_of, nobody, refused_in, text_of
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db


def token_on(client: Client, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(client.get(path)))
    assert found
    return found[1]


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice, enforce_csrf_checks=True)


def test_every_form_without_a_token_is_refused(browser: Client) -> None:
    # SS-07
    before = Entry.objects.count()
    for name, page in every_route().items():
        if "POST" in page.permissions:
            answer = browser.post(path_of(name), {"email": "new@example.org"})
            assert (answer.status_code, refused_in(answer)) == (403, "form_forged"), name
    assert Entry.objects.count() == before


def test_a_form_with_the_page_s_token_is_taken(browser: Client) -> None:
    form = {"email": "new@example.org", "csrfmiddlewaretoken": token_on(browser, "/manage/account/")}
    assert browser.post("/manage/account/email/", form).status_code == 303
    assert EmailAddress.objects.filter(address="new@example.org").exists()


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost.evil.example"])
def test_a_form_from_another_origin_is_refused_although_it_has_the_token(
    browser: Client, origin: str
) -> None:
    # SS-07
    form = {"email": "new@example.org", "csrfmiddlewaretoken": token_on(browser, "/manage/account/")}
    answer = browser.post("/manage/account/email/", form, headers={"Origin": origin})
    assert (answer.status_code, refused_in(answer)) == (403, "form_forged")
    assert not EmailAddress.objects.filter(address="new@example.org").exists()


def test_the_token_of_another_browser_is_refused(browser: Client) -> None:
    # SS-07
    stranger = nobody(enforce_csrf_checks=True)
    form = {"email": "new@example.org", "csrfmiddlewaretoken": token_on(stranger, "/account/login/")}
    assert refused_in(browser.post("/manage/account/email/", form)) == "form_forged"


def test_the_token_changes_at_log_in_and_out(alice: User) -> None:
    # SS-07
    client = nobody(enforce_csrf_checks=True)
    before = token_on(client, "/account/login/")
    first = client.cookies[settings.CSRF_COOKIE_NAME].value
    form = {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": before}
    assert client.post("/account/login/", form).status_code == 303
    second = client.cookies[settings.CSRF_COOKIE_NAME].value
    answer = client.post("/manage/account/email/", {"email": "a@example.org", "csrfmiddlewaretoken": before})
    assert refused_in(answer) == "form_forged"
    assert client.post("/account/logout/", {"csrfmiddlewaretoken": token_on(client, "/")}).status_code == 303
    assert len({first, second, client.cookies[settings.CSRF_COOKIE_NAME].value}) == 3


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_header_cannot_turn_a_look_into_an_act(browser: Client, header: str) -> None:
    # SS-07
    answer = browser.get("/manage/account/email/", headers={header: "POST"})
    assert answer.status_code == 405


def test_json_and_plain_text_are_no_forms(browser: Client) -> None:
    # SS-07
    for kind in ("application/json", "text/plain"):
        answer = browser.post("/manage/account/email/", '{"email": "new@example.org"}', content_type=kind)
        assert refused_in(answer) == "form_forged"


def test_the_forgery_page_says_what_to_do() -> None:
    answer = nobody(enforce_csrf_checks=True).post("/account/login/", {})
    assert "load the page again" in text_of(answer)
