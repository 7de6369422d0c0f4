"""A frozen account publishes nothing, and neither does what it has added: "this was not me" stops publishers as well."""

from datetime import timedelta
from typing import Any

import pytest

from strongroom.accounts import panic_link, standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.projects.access import KnownProject
from strongroom.projects.models import Role
from strongroom.recovery import panic
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from strongroom.trust import pending, publishers
from strongroom.trust.dry_run import look
from strongroom.trust.models import PendingPublisher, Publisher, UsedIdentity
from tests.support.people import as_user, at_once, mails, person, refusal_of, visitor
from tests.trust.trusting import (
    GITHUB,
    RUNNER,
    WANTED,
    come_with,
    github,
    project_of,
    provider,
    signed,
    trusted,
)

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=-3)


@pytest.fixture
def alice() -> User:
    provider()
    return person()


def pull(user: User) -> None:
    """Answer a mail with "this was not me"."""
    panic.pull(panic_link.make(user).partition("?token=")[2], by=visitor("198.51.100.9"))


def with_old_publisher(alice: User) -> KnownProject:
    project = project_of(alice)
    with clock.shifted(LONG_AGO):
        trusted(alice, project)
    return project


def test_what_was_added_lately_is_removed_and_the_rest_publishes_nothing(
    alice: User, mailoutbox: list[Any]
) -> None:
    project = with_old_publisher(alice)
    trusted(alice, project, owner="mallory")
    pending.add(alice, name="gadget", issuer=GITHUB, values={**WANTED, "owner": "evil"}, by=as_user(alice))
    got = come_with(github())
    del mails(mailoutbox)[:]
    pull(alice)
    assert refusal_of(lambda: verify(got.secret, origin=RUNNER)) == "token_invalid"
    assert not Token.objects.exists()
    (kept,) = Publisher.objects.filter(project_id=project.id)
    assert kept.wanted["owner"] == "acme"
    assert not PendingPublisher.objects.exists()
    used = UsedIdentity.objects.count()
    assert refusal_of(lambda: come_with(github())) == "publisher_suspended"
    assert UsedIdentity.objects.count() == used
    assert publishers.of(project.id)[0].suspended
    found = look(project.id, signed(github()), origin=RUNNER)
    assert [finding.code for finding in found.publishers[0].findings if not finding.ok] == [
        "publisher_suspended"
    ]
    removed = Entry.objects.get(tag="publisher.removed")
    assert removed.details["publisher"].startswith("mallory/widget")
    told = [mail for mail in mails(mailoutbox) if "trusted publisher" in mail.subject]
    assert ["was frozen" in mail.body for mail in told] == [True]


def test_it_publishes_again_when_the_freeze_is_undone(alice: User) -> None:
    project = with_old_publisher(alice)
    pull(alice)
    standing.thaw(User.objects.get(pk=alice.pk), by=Actor.console())
    assert come_with(github()).projects == ("widget",)
    assert not publishers.of(project.id)[0].suspended


def test_another_owner_vouches_for_it_meanwhile(alice: User) -> None:
    project = with_old_publisher(alice)
    come_with(github())
    bob = person("bob")
    Role.objects.create(project_id=project.id, user=bob, kind=Role.Kind.OWNER)
    pull(alice)
    (listed,) = publishers.of(project.id)
    publishers.confirm(project, listed.id, state=listed.state, by=as_user(bob))
    assert come_with(github()).projects == ("widget",)
    (listed,) = publishers.of(project.id)
    assert (listed.added_by, listed.suspended) == ("bob", False)
    # The ids stay: nothing was wrong with them.
    assert refusal_of(lambda: come_with(github(repository_id="2002"))) == "publisher_resurrected"


def test_a_thief_who_confirms_gains_nothing_by_it(alice: User) -> None:
    project = with_old_publisher(alice)
    come_with(github())
    assert refusal_of(lambda: come_with(github(repository_id="666"))) == "publisher_resurrected"
    (listed,) = publishers.of(project.id)
    publishers.confirm(project, listed.id, state=listed.state, by=as_user(alice))
    come_with(github(repository_id="666"))
    pull(alice)
    assert not Publisher.objects.exists()
    assert not Token.objects.exists()


def test_what_a_disabled_account_has_added_publishes_nothing(alice: User) -> None:
    with_old_publisher(alice)
    User.objects.filter(pk=alice.pk).update(disabled=True)
    assert refusal_of(lambda: come_with(github())) == "publisher_suspended"
    assert not Token.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_token_outlives_a_freeze_that_comes_at_the_same_moment(alice: User) -> None:
    with_old_publisher(alice)
    for _ in range(5):

        def come() -> str:
            return come_with(github()).projects[0]

        def freeze() -> str:
            pull(alice)
            return "frozen"

        at_once([come, come, freeze, come, come])
        assert not Token.objects.exists()
        standing.thaw(User.objects.get(pk=alice.pk), by=Actor.console())
        User.objects.filter(pk=alice.pk).update(thawed=None)
