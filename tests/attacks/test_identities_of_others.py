"""Whoever announces or adds publishers of repositories that are somebody else's gets nothing, and stops nobody."""

import pytest

from strongroom.accounts.models import User
from strongroom.projects.models import Project, Role
from strongroom.tokens.models import Token
from strongroom.trust import exchange, pending
from strongroom.trust.models import PendingPublisher
from tests.support.people import as_user, person, refusal_of
from tests.trust.trusting import GITHUB, WANTED, come_with, github, project_of, provider, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    return person()


def announce(user: User, name: str) -> PendingPublisher:
    return pending.add(user, name=name, issuer=GITHUB, values=WANTED, by=as_user(user))


@pytest.mark.parametrize("name", ["widget", "wid-get"])
def test_nobody_takes_a_name_by_announcing_it_for_somebody_elses_repository_first(
    alice: User, name: str
) -> None:
    # TP-20
    announce(person("mallory"), name)
    announce(alice, "widget")
    assert refusal_of(lambda: come_with(github())) == "pending_publisher_ambiguous"
    assert not Project.objects.exists()
    assert not Role.objects.exists()
    assert not Token.objects.exists()
    assert PendingPublisher.objects.count() == 2


def test_publishers_that_others_add_for_a_repository_do_not_crowd_out_its_own(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_PROJECTS", 4)
    mallory = person("mallory")
    for number in range(5):
        trusted(mallory, project_of(mallory, f"evil-{number}"))
    trusted(alice, project_of(alice))
    assert "widget" in come_with(github()).projects
