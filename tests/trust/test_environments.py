"""A publisher without an environment is made to take the one of its last run alone."""

from functools import partial
from typing import Any

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.projects.access import KnownProject
from strongroom.trust import issuers, publishers
from strongroom.trust.exchange import _takes
from strongroom.trust.models import Publisher
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import GITHUB, OTHER, come_with, github, project_of, provider, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    return person()


@pytest.fixture
def widget(alice: User) -> KnownProject:
    return project_of(alice)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("release", "release"),
        (None, ""),
        ("", ""),
        (" release", ""),
        ("e" * 200, "e" * 200),
        ("e" * 201, ""),
        ("a\nb", ""),
        ("a\u202eb", ""),
        (["release"], ""),
        (7, ""),
    ],
)
def test_the_environment_of_the_last_run_is_kept_if_a_publisher_could_name_it(
    alice: User, widget: KnownProject, said: object, kept: str
) -> None:
    # TP-29
    trusted(alice, widget)
    come_with(github(environment="before"))
    come_with(github(environment=said))
    (listed,) = publishers.of(widget.id)
    assert listed.last_environment == kept


def test_a_run_that_is_refused_leaves_its_environment_nowhere(alice: User, widget: KnownProject) -> None:
    trusted(alice, widget)
    come_with(github(environment="release"))
    refusal_of(lambda: come_with(github(environment="evil", event_name="pull_request_target")))
    assert Publisher.objects.get().last_environment == "release"


def test_only_runs_of_the_environment_publish_from_then_on(
    alice: User, widget: KnownProject, mailoutbox: list[Any]
) -> None:
    # TP-17
    publisher = trusted(alice, widget)
    come_with(github(environment="release"))
    mails(mailoutbox)
    del mailoutbox[:]
    publishers.constrain(widget, publisher.pk, environment=" release ", by=as_user(alice))
    row = Publisher.objects.get()
    assert (row.name, row.wanted["environment"]) == ("acme/widget, release.yml, release", "release")
    assert row.pins == {"repository_id": "1001", "repository_owner_id": "77"}
    assert row.created == publisher.created
    for said in (None, "Release", "staging"):
        assert refusal_of(partial(come_with, github(environment=said))) == "publisher_environment"
    assert come_with(github(environment="release")).projects == ("widget",)
    (entry,) = Entry.objects.filter(tag="publisher.constrained", outcome="done")
    assert (entry.project, entry.details["environment"]) == ("widget", "release")
    assert entry.details["publisher"] == row.name
    (sent,) = mails(mailoutbox)
    assert sent.subject == "A trusted publisher of widget has an environment now"
    assert row.name in sent.body
    assert "/account/panic/" in sent.body


def test_what_is_no_environment_or_changes_one_is_refused(alice: User, widget: KnownProject) -> None:
    provider(OTHER, "generic", fields=("sub",))
    publisher = trusted(alice, widget)
    other = trusted(alice, widget, issuer=OTHER, sub="x")
    named = trusted(alice, widget, environment="release")
    for row, environment, code in (
        (publisher, " ", "publisher_field_missing"),
        (publisher, "a\nb", "publisher_field_invalid"),
        (publisher, "e" * 201, "publisher_field_invalid"),
        (publisher, "release", "publisher_taken"),
        (named, "staging", "publisher_changed"),
        (other, "release", "publisher_changed"),
    ):
        call = partial(publishers.constrain, widget, row.pk, environment=environment, by=as_user(alice))
        assert refusal_of(call) == code
    call = partial(publishers.constrain, widget, publisher.pk, environment="x", by=Actor.console())
    assert refusal_of(call) == "project_not_yours"
    assert [row.name for row in Publisher.objects.order_by("pk")] == [publisher.name, other.name, named.name]
    assert not Entry.objects.filter(tag="publisher.constrained", outcome="done").exists()


def test_an_exchange_that_was_begun_before_is_held_to_the_environment(
    alice: User, widget: KnownProject
) -> None:
    # What it had read is older than the owner's word.
    publisher = trusted(alice, widget)
    issuer = issuers.find(GITHUB)
    assert issuer is not None
    publishers.constrain(widget, publisher.pk, environment="release", by=as_user(alice))
    assert not _takes(publisher, github(), issuer)
    assert Publisher.objects.get().last_used is None
    assert _takes(publisher, github(environment="release"), issuer)
