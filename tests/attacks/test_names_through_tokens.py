"""Whoever holds a token for some projects alone does not learn from refusals which others there are."""

from collections.abc import Iterator
from functools import partial

import pytest

from strongroom.accounts.models import User
from strongroom.projects.access import KnownProject
from strongroom.projects.models import Project, Role
from strongroom.projects.yank import Order
from strongroom.publish.identity import Identity, identify
from strongroom.publish.permission import permit
from strongroom.publish.yanking import yank_with
from tests.support.configuration import configured
from tests.support.people import person, refusal_of
from tests.tokens.making import HERE, token_for, with_caveat
from tests.trust.trusting import come_with, github, project_of, provider, trusted

pytestmark = pytest.mark.django_db

NAMES = ("secret-box", "no-such-box", "demo-2", "sys", "a\0b", "Secret.Box", "x" * 200)


@pytest.fixture(autouse=True)
def private() -> Iterator[None]:
    with configured("site", access="private"):
        yield


@pytest.fixture
def demo() -> KnownProject:
    project_of(person("olga"), "secret-box")
    return project_of(person("alice"), "demo")


def held_by(username: str, *caveats: object) -> Identity:
    token = token_for(User.objects.get(username=username), name=str(caveats)[:99]).secret
    return identify(f"Bearer {with_caveat(str(token), *caveats)}", origin=HERE)


def refusals_of(by: Identity) -> set[str]:
    uploads = {refusal_of(partial(permit, name, filename="f", by=by)) for name in NAMES}
    if by.user_id is None:
        return uploads
    orders = [Order(project=name, version="1.0") for name in NAMES]
    return uploads | {refusal_of(partial(yank_with, order, by=by)) for order in orders}


def test_by_a_narrowed_token(demo: KnownProject) -> None:
    # IX-01, TK-06
    for caveat in ([1, ["demo"]], [2, [str(demo.public_id)]], ["projects", [], ["demo"]]):
        assert refusals_of(held_by("alice", caveat)) == {"token_scope"}


def test_by_the_token_of_a_trusted_publisher(demo: KnownProject) -> None:
    # IX-01, TP-25
    provider()
    trusted(User.objects.get(username="alice"), demo)
    got = come_with(github())
    assert refusals_of(identify(f"Bearer {got.secret}", origin=HERE)) == {"token_scope"}


def test_a_token_for_a_project_in_which_the_role_is_lost_says_just_that(demo: KnownProject) -> None:
    # TK-09
    alice = User.objects.get(username="alice")
    token = token_for(alice, project=Project.objects.get(pk=demo.id)).secret
    by = identify(f"Bearer {token}", origin=HERE)
    Role.objects.filter(user=alice).delete()
    assert refusal_of(lambda: permit("demo", filename="f", by=by)) == "project_not_yours"
    assert refusal_of(lambda: yank_with(Order(project="demo", version="1.0"), by=by)) == "project_not_yours"
