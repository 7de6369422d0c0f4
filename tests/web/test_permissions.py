"""Each route has one expected answer for each method and each sort of person (design, D5)."""

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from strongroom.accounts.models import User
from strongroom.web.routes import Page
from tests.support.people import person
from tests.web.browsing import browser_of, location_of, nobody, operator, refused_in
from tests.web.content import publish
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

# What nobody, a stranger whose proof is old, alice with a fresh proof, and an operator get. A form is sent empty.
# "login" and "proof" are the pages that one is sent to first; "in" is anywhere else on this site.
ANSWERS: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "home": {"GET": ("200", "200", "200", "200")},
    "search": {"GET": ("200", "200", "200", "200")},
    "project": {"GET": ("200", "200", "200", "200")},
    "release": {"GET": ("200", "200", "200", "200")},
    "user": {"GET": ("200", "200", "200", "200")},
    "help": {"GET": ("200", "200", "200", "200")},
    "security": {"GET": ("200", "200", "200", "200")},
    "security-txt": {"GET": ("200", "200", "200", "200")},
    "audit-key": {"GET": ("200", "200", "200", "200")},
    "robots-txt": {"GET": ("200", "200", "200", "200")},
    "register": {"GET": ("200", "200", "200", "200"), "POST": ("422", "422", "422", "422")},
    "login": {"GET": ("200", "in", "in", "in"), "POST": ("422", "422", "422", "422")},
    "passkey": {"POST": ("422", "422", "422", "422")},
    "passkey-options": {"POST": ("200", "200", "200", "200")},
    "two-factor": {"GET": ("login", "login", "login", "login"), "POST": ("login", "login", "login", "login")},
    "two-factor-options": {"POST": ("login", "login", "login", "login")},
    "recovery-code": {
        "GET": ("login", "login", "login", "login"),
        "POST": ("login", "login", "login", "login"),
    },
    "confirm-login": {"GET": ("200", "200", "200", "200"), "POST": ("410", "410", "410", "410")},
    "logout": {"POST": ("in", "in", "in", "in")},
    "request-password-reset": {"GET": ("200", "200", "200", "200"), "POST": ("422", "422", "422", "422")},
    "reset-password": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "reset-password-options": {"POST": ("410", "410", "410", "410")},
    "panic": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "undo-email-change": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "verify-email": {"GET": ("200", "200", "200", "200"), "POST": ("410", "410", "410", "410")},
    "reauthenticate": {"GET": ("login", "200", "200", "200"), "POST": ("login", "422", "422", "422")},
    "reauthenticate-options": {"POST": ("login", "200", "200", "200")},
    "device": {"GET": ("login", "200", "200", "200"), "POST": ("login", "proof", "404", "404")},
    "device-deny": {"POST": ("login", "422", "422", "422")},
    "resume": {"GET": ("login", "410", "410", "410")},
    "account-data": {"GET": ("login", "200", "200", "200")},
    "account-data-export": {"POST": ("login", "proof", "200", "200")},
    "account-data-delete": {
        "GET": ("login", "proof", "200", "200"),
        "POST": ("login", "proof", "422", "422"),
    },
    "account-history": {"GET": ("login", "200", "200", "200")},
    "project-history": {"GET": ("login", "403", "200", "403")},
    "operate-audit": {"GET": ("login", "403", "403", "200")},
    "account-history-download": {"GET": ("login", "200", "200", "200")},
    "account-event-receipt": {"GET": ("login", "404", "404", "404")},
    "account-event-disown": {
        "GET": ("login", "404", "404", "404"),
        "POST": ("login", "404", "404", "404"),
    },
    "project-history-download": {"GET": ("login", "403", "200", "403")},
    "project-event-receipt": {"GET": ("login", "403", "404", "403")},
    "operate-downloads": {
        "GET": ("login", "403", "403", "200"),
        "POST": ("login", "403", "403", "422"),
    },
    "operate-audit-download": {"GET": ("login", "403", "403", "200")},
    "operate-event-receipt": {"GET": ("login", "403", "403", "404")},
    "account": {"GET": ("login", "200", "200", "200")},
    "password": {"GET": ("login", "proof", "200", "200"), "POST": ("login", "proof", "422", "422")},
    "totp-provision": {"GET": ("login", "proof", "200", "200"), "POST": ("login", "proof", "422", "422")},
    "totp-remove": {"GET": ("login", "proof", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "webauthn-provision": {"GET": ("login", "proof", "200", "200"), "POST": ("login", "proof", "422", "422")},
    "webauthn-provision-options": {"POST": ("login", "proof", "200", "200")},
    "key-rename": {"GET": ("login", "proof", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "key-remove": {"GET": ("login", "proof", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "recovery-codes": {"GET": ("login", "proof", "200", "200"), "POST": ("login", "proof", "409", "409")},
    "recovery-codes-check": {"POST": ("login", "proof", "422", "422")},
    "browser-forget": {"POST": ("login", "in", "in", "in")},
    "email-add": {"POST": ("login", "proof", "422", "422")},
    "email-verify": {"POST": ("login", "404", "404", "404")},
    "email-primary": {"POST": ("login", "proof", "404", "404")},
    "email-remove": {"POST": ("login", "proof", "404", "404")},
    "token": {"GET": ("login", "proof", "200", "200"), "POST": ("login", "proof", "422", "422")},
    "token-revoke": {"GET": ("login", "404", "404", "404"), "POST": ("login", "404", "404", "404")},
    "thaw": {"POST": ("login", "proof", "409", "409")},
    "may-publish": {"POST": ("login", "proof", "422", "422")},
    "session-end": {"POST": ("login", "in", "in", "in")},
    "sessions-end-others": {"POST": ("login", "in", "in", "in")},
    "projects": {"GET": ("login", "200", "200", "200")},
    "project-releases": {"GET": ("login", "403", "200", "403")},
    "release-yank": {"GET": ("login", "403", "200", "403"), "POST": ("login", "proof", "in", "403")},
    "release-unyank": {"GET": ("login", "403", "200", "403"), "POST": ("login", "proof", "in", "403")},
    "project-settings": {"GET": ("login", "403", "200", "403"), "POST": ("login", "proof", "422", "403")},
    "project-publishing": {"GET": ("login", "403", "200", "403"), "POST": ("login", "proof", "404", "403")},
    "publishing-try": {"GET": ("login", "403", "200", "403"), "POST": ("login", "403", "422", "403")},
    "publisher-remove": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "publisher-confirm": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "publisher-constrain": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "account-publishing": {"GET": ("login", "200", "200", "200"), "POST": ("login", "proof", "404", "404")},
    "pending-remove": {"GET": ("login", "proof", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "operate": {"GET": ("login", "403", "403", "200")},
    "operate-issuers": {"GET": ("login", "403", "403", "200"), "POST": ("login", "403", "403", "422")},
    "operate-issuer-remove": {
        "GET": ("login", "403", "403", "404"),
        "POST": ("login", "403", "403", "404"),
    },
    "setup": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "operate-may-publish": {"POST": ("login", "403", "403", "422")},
    "operate-disable": {"POST": ("login", "403", "403", "in")},
    "operate-enable": {"POST": ("login", "403", "403", "in")},
    "operate-thaw": {"POST": ("login", "403", "403", "409")},
    "recover": {"GET": ("200", "200", "200", "200"), "POST": ("422", "422", "422", "422")},
    "recover-start": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "recover-stop": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "recover-finish": {"GET": ("410", "410", "410", "410"), "POST": ("410", "410", "410", "410")},
    "recovery-vouch": {"GET": ("login", "proof", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "recovery-stop": {"POST": ("login", "404", "404", "404")},
    "operate-recoveries": {"GET": ("login", "403", "403", "200"), "POST": ("login", "403", "403", "422")},
    "operate-recovery-approve": {"POST": ("login", "403", "403", "422")},
    "operate-recovery-stop": {"POST": ("login", "403", "403", "404")},
    "account-webhooks": {"GET": ("login", "200", "200", "200")},
    "account-webhook-add": {
        "GET": ("login", "proof", "200", "200"),
        "POST": ("login", "proof", "422", "422"),
    },
    "account-webhook": {"GET": ("login", "404", "404", "404")},
    "account-webhook-change": {
        "GET": ("login", "proof", "404", "404"),
        "POST": ("login", "proof", "404", "404"),
    },
    "account-webhook-secret": {
        "GET": ("login", "proof", "404", "404"),
        "POST": ("login", "proof", "404", "404"),
    },
    "account-webhook-remove": {
        "GET": ("login", "proof", "404", "404"),
        "POST": ("login", "proof", "404", "404"),
    },
    "account-webhook-test": {"GET": ("login", "404", "404", "404"), "POST": ("login", "proof", "404", "404")},
    "account-webhook-resume": {
        "GET": ("login", "404", "404", "404"),
        "POST": ("login", "proof", "404", "404"),
    },
    "account-webhook-replay": {
        "GET": ("login", "404", "404", "404"),
        "POST": ("login", "proof", "404", "404"),
    },
    "project-webhooks": {"GET": ("login", "403", "200", "403")},
    "project-webhook-add": {
        "GET": ("login", "proof", "200", "403"),
        "POST": ("login", "proof", "422", "403"),
    },
    "project-webhook": {"GET": ("login", "403", "404", "403")},
    "project-webhook-change": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "project-webhook-secret": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "project-webhook-remove": {
        "GET": ("login", "proof", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "project-webhook-test": {"GET": ("login", "403", "404", "403"), "POST": ("login", "proof", "404", "403")},
    "project-webhook-resume": {
        "GET": ("login", "403", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "project-webhook-replay": {
        "GET": ("login", "403", "404", "403"),
        "POST": ("login", "proof", "404", "403"),
    },
    "operate-webhooks": {"GET": ("login", "403", "403", "200")},
    "operate-webhook-add": {"GET": ("login", "403", "403", "200"), "POST": ("login", "403", "403", "422")},
    "operate-webhook": {"GET": ("login", "403", "403", "404")},
    "operate-webhook-change": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
    "operate-webhook-secret": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
    "operate-webhook-remove": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
    "operate-webhook-test": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
    "operate-webhook-resume": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
    "operate-webhook-replay": {"GET": ("login", "403", "403", "404"), "POST": ("login", "403", "403", "404")},
}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture
def cast() -> tuple[User, User, User]:
    """Alice, who owns a project; mallory, a stranger; olga, an operator."""
    alice = person("alice")
    publish(alice)
    return alice, person("mallory"), operator("olga")


def test_every_route_is_a_page_with_an_expected_answer() -> None:
    routes = every_route()
    assert all(isinstance(page, Page) for page in routes.values())
    assert {name: set(page.permissions) for name, page in routes.items()} == {
        name: set(answers) for name, answers in ANSWERS.items()
    }


def test_each_route_answers_each_person_as_expected(cast: tuple[User, User, User]) -> None:
    answers = {
        name: {method: _answers(cast, method, name) for method in methods}
        for name, methods in ANSWERS.items()
    }
    assert answers == ANSWERS


def test_head_is_answered_as_get_without_a_body(cast: tuple[User, User, User]) -> None:
    for name in [name for name, methods in ANSWERS.items() if "GET" in methods]:
        for client in _browsers(cast):
            head = client.head(path_of(name))
            assert (head.status_code, head.content) == (client.get(path_of(name)).status_code, b""), name


def test_every_other_method_is_answered_with_405(cast: tuple[User, User, User]) -> None:
    for name, methods in ANSWERS.items():
        for method in set(_METHODS) - set(methods):
            for client in _browsers(cast):
                response = client.generic(method, path_of(name))
                assert response.status_code == 405, (name, method)
                assert set(response.headers["Allow"].split(", ")) == set(methods)


def test_a_signed_out_visitor_comes_back_to_the_page_after_logging_in() -> None:
    answer = nobody().get("/manage/projects/?sort=name")
    assert location_of(answer) == "/account/login/?next=%2Fmanage%2Fprojects%2F%3Fsort%3Dname"


def test_an_operator_page_tells_others_nothing_but_that_it_is_one() -> None:
    # AD-01
    person("alice")
    answer = browser_of(person("mallory")).get("/operate/")
    assert (answer.status_code, refused_in(answer)) == (403, "not_operator")
    assert b"alice" not in answer.content


def test_basic_and_bearer_credentials_mean_nothing_to_the_pages() -> None:
    # SS-13, SU-10
    person("alice")
    for header in ("Basic YWxpY2U6Z3Jhbml0ZSB1bWJyZWxsYSBwYXJzbmlwIG9yYml0", "Bearer strongroom-x"):
        answer = nobody().get("/manage/account/", headers={"Authorization": header})
        assert location_of(answer).startswith("/account/login/")


def _browsers(cast: tuple[User, User, User]) -> list[Client]:
    alice, mallory, olga = cast
    return [nobody(), browser_of(mallory, fresh=False), browser_of(alice), browser_of(olga)]


def _answers(cast: tuple[User, User, User], method: str, name: str) -> tuple[str, ...]:
    with transaction.atomic():
        answers = tuple(_answer(client.generic(method, path_of(name))) for client in _browsers(cast))
        transaction.set_rollback(True)  # the next route finds the cast as it was
    return answers


def _answer(response: HttpResponseBase) -> str:
    if response.status_code != 303:
        return str(response.status_code)
    where = location_of(response)
    assert where.startswith("/")
    assert not where.startswith("//")
    names = {"/account/login/": "login", "/account/reauthenticate/": "proof"}
    return names.get(where.partition("?")[0], "in")
