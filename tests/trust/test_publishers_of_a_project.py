"""The publishers of a project: owners add, confirm and remove them, and their live tokens die with them."""

from functools import partial
from typing import Any

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects.access import KnownProject
from strongroom.projects.models import Role
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from strongroom.trust import publishers
from strongroom.trust.models import Minted, Publisher
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import (
    GITHUB,
    RUNNER,
    WANTED,
    come_with,
    github,
    project_of,
    provider,
    trusted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    return person()


@pytest.fixture
def widget(alice: User) -> KnownProject:
    return project_of(alice)


def give_role(user: User, project: KnownProject, kind: Role.Kind) -> None:
    Role.objects.create(project_id=project.id, user=user, kind=kind)


def test_an_added_publisher_is_listed_recorded_and_told_to_every_owner(
    alice: User, widget: KnownProject, mailoutbox: list[Any]
) -> None:
    give_role(person("bob"), widget, Role.Kind.OWNER)
    give_role(person("carol"), widget, Role.Kind.MAINTAINER)
    trusted(alice, widget, environment="release")
    (listed,) = publishers.of(widget.id)
    assert (listed.name, listed.issuer, listed.issuer_name) == (
        "acme/widget, release.yml, release",
        GITHUB,
        GITHUB,
    )
    assert listed.wanted["environment"] == "release"
    assert (listed.added_by, listed.added_by_has_role, listed.pinned) == ("alice", True, False)
    assert listed.last_used is None
    (entry,) = Entry.objects.filter(tag="publisher.added", outcome="done")
    assert (entry.actor_id, entry.project, entry.details["issuer"]) == (alice.pk, "widget", GITHUB)
    sent = {mail.to[0]: mail.body for mail in mails(mailoutbox)}
    assert set(sent) == {"alice@example.org", "bob@example.org"}
    assert "/account/panic/" in sent["alice@example.org"]
    assert "/account/panic/" not in sent["bob@example.org"]
    assert "acme/widget, release.yml, release" in sent["bob@example.org"]


def test_a_removed_publisher_takes_its_live_tokens_with_it(
    alice: User, widget: KnownProject, mailoutbox: list[Any]
) -> None:
    # TP-23
    first = trusted(alice, widget)
    other = trusted(alice, project_of(alice, "gadget"))
    both = come_with(github())
    assert both.projects == ("widget", "gadget")
    del mails(mailoutbox)[:]
    publishers.remove(widget, first.pk, by=as_user(alice))
    assert refusal_of(lambda: verify(both.secret, origin=RUNNER)) == "token_invalid"
    assert not Token.objects.exists()
    assert not Minted.objects.exists()
    assert list(Publisher.objects.values_list("pk", flat=True)) == [other.pk]
    (entry,) = Entry.objects.filter(tag="publisher.removed")
    assert (entry.project, entry.details["tokens"]) == ("widget", 1)
    (sent,) = mails(mailoutbox)
    assert sent.subject == "A trusted publisher was removed from widget"
    assert come_with(github()).projects == ("gadget",)


def test_publishers_of_people_who_are_gone_are_listed_for_review(alice: User, widget: KnownProject) -> None:
    # TP-23
    bob = person("bob")
    give_role(bob, widget, Role.Kind.OWNER)
    trusted(bob, widget)
    Role.objects.filter(user=bob).delete()
    (listed,) = publishers.of(widget.id)
    assert (listed.added_by, listed.added_by_has_role) == ("bob", False)


def test_only_owners_add_confirm_and_remove(alice: User, widget: KnownProject) -> None:
    publisher = trusted(alice, widget)
    bob, mallory = person("bob"), person("mallory")
    give_role(bob, widget, Role.Kind.MAINTAINER)
    for user, code in ((bob, "project_not_owned"), (mallory, "project_not_yours")):
        by = as_user(user)
        assert refusal_of(lambda user=user: trusted(user, widget, owner="other")) == code
        assert refusal_of(lambda by=by: publishers.remove(widget, publisher.pk, by=by)) == code
        assert refusal_of(lambda by=by: publishers.confirm(widget, publisher.pk, state="", by=by)) == code
        assert refusal_of(partial(publishers.constrain, widget, publisher.pk, environment="x", by=by)) == code
    console = Actor.console()
    assert refusal_of(lambda: publishers.remove(widget, publisher.pk, by=console)) == "project_not_yours"
    assert Publisher.objects.count() == 1
    assert Entry.objects.filter(tag="publisher.added", outcome="done").count() == 1


def test_a_publisher_is_named_by_its_project(alice: User, widget: KnownProject) -> None:
    mallory = person("mallory")
    theirs = trusted(alice, widget)
    own = project_of(mallory, "evil")
    by = as_user(mallory)
    assert refusal_of(lambda: publishers.remove(own, theirs.pk, by=by)) == "publisher_missing"
    assert refusal_of(lambda: publishers.confirm(own, theirs.pk, state="", by=by)) == "publisher_missing"
    constrain = partial(publishers.constrain, own, theirs.pk, environment="x", by=by)
    assert refusal_of(constrain) == "publisher_missing"
    assert Publisher.objects.count() == 1


def test_only_accounts_in_good_standing_add(alice: User, widget: KnownProject) -> None:
    User.objects.filter(pk=alice.pk).update(frozen=clock.now())
    assert refusal_of(lambda: trusted(alice, widget)) == "account_frozen"
    User.objects.filter(pk=alice.pk).update(frozen=None)
    alice.addresses.update(verified=None)
    assert refusal_of(lambda: trusted(alice, widget)) == "email_unverified"
    assert not Publisher.objects.exists()


@pytest.mark.parametrize("again", [{}, {"owner": "ACME"}, {"repository": "Widget"}])
def test_an_identity_is_added_once(alice: User, widget: KnownProject, again: dict[str, str]) -> None:
    trusted(alice, widget)
    assert refusal_of(lambda: trusted(alice, widget, **again)) == "publisher_taken"
    trusted(alice, widget, environment="release")
    trusted(alice, widget, workflow="Release.yml")
    assert Publisher.objects.count() == 3


def test_a_project_has_fifty_at_most(alice: User, widget: KnownProject) -> None:
    for number in range(publishers.MAX_PUBLISHERS):
        trusted(alice, widget, environment=f"e{number}")
    assert refusal_of(lambda: trusted(alice, widget)) == "publishers_too_many"
    assert Publisher.objects.count() == publishers.MAX_PUBLISHERS


def test_what_was_typed_wrongly_is_told_by_its_field(alice: User, widget: KnownProject) -> None:
    for values, code, field in (
        ({"workflow": ""}, "publisher_field_missing", "workflow"),
        ({"workflow": "a/b.yml"}, "publisher_field_invalid", "workflow"),
        ({"owner": "\0"}, "publisher_field_invalid", "owner"),
    ):
        with pytest.raises(Refused) as refused:
            trusted(alice, widget, **values)
        assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(Refused) as refused:
        publishers.add(widget, issuer="https://unknown.example", values=WANTED, by=as_user(alice))
    assert (refused.value.code, refused.value.field) == ("issuer_unknown", "issuer")
    assert not Publisher.objects.exists()
