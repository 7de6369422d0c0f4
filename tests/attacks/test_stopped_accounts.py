"""Whoever an operator disables publishes nothing from then on, by whatever they hold already."""

import pytest

from strongroom.accounts.models import User
from strongroom.kernel.actor import Actor
from strongroom.publish.identity import Identity, require_standing
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from strongroom.trust import freezing
from tests.support.people import person, refusal_of
from tests.trust.trusting import RUNNER, come_with, github, project_of, provider, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture
def mallory() -> User:
    provider()
    return person("mallory")


def test_the_live_tokens_of_publishers_end_with_the_account_that_added_them(mallory: User) -> None:
    # TK-09, TP-23
    trusted(mallory, project_of(mallory))
    got = come_with(github())
    during = verify(got.secret, origin=RUNNER)
    freezing.disable(mallory, by=Actor.console())
    assert not Token.objects.exists()
    assert refusal_of(lambda: verify(got.secret, origin=RUNNER)) == "token_invalid"
    upload = Identity(user_id=None, actor=Actor.anonymous(RUNNER), token=during)
    assert refusal_of(lambda: require_standing(upload)) == "token_invalid"
    assert refusal_of(lambda: come_with(github())) == "publisher_suspended"


def test_tokens_for_what_others_have_added_live_on(mallory: User) -> None:
    alice = person()
    trusted(alice, project_of(alice))
    got = come_with(github())
    freezing.disable(mallory, by=Actor.console())
    assert verify(got.secret, origin=RUNNER).publisher is not None
