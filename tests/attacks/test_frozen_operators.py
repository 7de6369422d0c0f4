"""Whoever got into an operator's account does not run the site from it once its owner has said that it was not them."""

import pytest

from strongroom.accounts import panic_link
from strongroom.accounts.models import User
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import policy
from strongroom.recovery import panic
from strongroom.trust.models import Issuer
from tests.support.people import as_user, person, refusal_of, visitor
from tests.web.browsing import browser_of, operator, refused_in
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

ISSUER = {"url": "https://evil.example", "name": "evil", "kind": "github"}


@pytest.fixture
def olga() -> User:
    olga = operator()
    panic.pull(panic_link.make(olga).partition("?token=")[2], by=visitor("198.51.100.9"))
    olga.refresh_from_db()
    return olga


def test_no_page_of_operators_is_open_to_a_frozen_account(olga: User) -> None:
    browser = browser_of(olga)
    for name, page in every_route().items():
        for method, permission in page.permissions.items():
            if "OPERATOR" in permission.name:
                answer = browser.generic(method, path_of(name))
                assert (answer.status_code, refused_in(answer)) == (403, "account_frozen"), (name, method)


def test_it_adds_no_issuer_stops_nobody_and_switches_nothing(olga: User) -> None:
    alice, browser = person(), browser_of(olga)
    browser.post("/operate/issuers/", ISSUER)
    browser.post("/operate/user/alice/disable/")
    browser.post("/operate/may-publish/", {"level": "trusted"})
    alice.refresh_from_db()
    assert not Issuer.objects.exists()
    assert not alice.disabled
    assert policy.for_all() is MayPublish.PASSWORDS


def test_nor_does_the_verb_undo_the_freeze_of_whoever_calls_it(olga: User) -> None:
    assert refusal_of(lambda: panic.undo_for(olga, by=as_user(olga))) == "own_account"
    olga.refresh_from_db()
    assert olga.frozen is not None
