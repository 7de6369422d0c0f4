"""For every route that changes something: exactly the expected events, with the expected fields."""

from collections.abc import Mapping

import pytest

from tests.audit import (
    acts_of_accounts,
    acts_of_publishing,
    acts_of_recovering,
    acts_of_signing_in,
    acts_of_webhooks,
)
from tests.audit.acts import CASES, left_by
from tests.audit.spilled import spilled
from tests.web.routes import every_route

pytestmark = pytest.mark.django_db

AREAS = (acts_of_accounts, acts_of_publishing, acts_of_recovering, acts_of_signing_in, acts_of_webhooks)

# Routes that take a form and change nothing that anybody asks about later.
CHANGES_NOTHING: Mapping[str, str] = {
    "passkey-options": "makes a question for a key; its answer is recorded",
    "two-factor-options": "makes a question for a key; its answer is recorded",
    "reset-password-options": "makes a question for a key; its answer is recorded",
    "reauthenticate-options": "makes a question for a key; its answer is recorded",
    "webauthn-provision-options": "makes a question for a key; its answer is recorded",
    "publishing-try": "says what an identity token would do, and does nothing with it",
}


# AU-03, AU-05, AU-10
@pytest.mark.parametrize("route", sorted(route for route in CASES if " " not in route))
def test_an_act_leaves_exactly_these_events_and_no_secret(route: str, mailoutbox: list) -> None:
    found, expected = left_by(CASES[route], mailoutbox)
    assert found == expected
    assert spilled(mailoutbox) == []


# AU-03
def test_every_route_that_changes_something_has_a_case() -> None:
    posts = {name for name, page in every_route().items() if "POST" in page.permissions}
    pages = {route for route in CASES if " " not in route}
    assert posts - pages - CHANGES_NOTHING.keys() == set()
    assert (pages | CHANGES_NOTHING.keys()) - posts == set()
    assert pages.isdisjoint(CHANGES_NOTHING)
