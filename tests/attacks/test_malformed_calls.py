"""Calls of the JSON API that are JSON, and no text: they are refused like any other that cannot be read."""

from collections.abc import Iterator

import pytest

from strongroom.accounts.models import User
from tests.api.asking import bearer
from tests.api.calling import Api, refused
from tests.support.people import person
from tests.tokens.making import token_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.close()


@pytest.fixture
def alice() -> User:
    return person()


@pytest.mark.parametrize(
    "body",
    [
        rb'{"project": "demo", "version": "1.0", "yanked": "\ud800"}',
        rb'{"project": "\udfff", "version": "1.0", "yanked": true}',
        rb'{"project": "demo", "version": "1.0", "yanked": true, "\ud800": 1}',
    ],
)
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(api: Api, alice: User, body: bytes) -> None:
    # TP-29
    headers = bearer(str(token_for(alice).secret))
    assert refused(api.post("/_/yank", content=body, headers=headers)) == (400, "body_malformed")
    answer = api.post("/_/oidc/mint-token", content=body)
    assert answer.status_code == 422
    assert answer.headers["strongroom-refusal"] == "body_malformed"
