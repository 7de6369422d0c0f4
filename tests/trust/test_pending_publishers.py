"""Pending publishers: who may announce a name, what the first token makes of it, and what becomes of the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from strongroom.accounts.models import EmailAddress, User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.projects.models import Project, Role
from strongroom.tokens.models import Token
from strongroom.trust import pending, sweep
from strongroom.trust.models import PendingPublisher, Publisher, UsedIdentity
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import (
    GITHUB,
    GITLAB,
    GITLAB_WANTED,
    WANTED,
    come_with,
    github,
    project_of,
    provider,
    refusals,
    trusted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    provider(GITLAB, "gitlab")
    return person()


def announce(user: User, name: str = "Widget", **wanted: str) -> PendingPublisher:
    return pending.add(user, name=name, issuer=GITHUB, values={**WANTED, **wanted}, by=as_user(user))


def code_of_announcing(user: User, name: str = "Widget", **wanted: str) -> str:
    return refusal_of(lambda: announce(user, name, **wanted))


def test_the_first_token_makes_the_project_its_owner_and_its_publisher(
    alice: User, mailoutbox: list[Any]
) -> None:
    announce(alice)
    (added,) = mails(mailoutbox)
    assert "pending publisher" in added.subject
    assert "/account/panic/" in added.body
    assert come_with(github()).projects == ("widget",)
    project = Project.objects.get()
    assert (project.name, project.normalized) == ("Widget", "widget")
    assert Role.objects.get().user_id == alice.pk
    publisher = Publisher.objects.get()
    assert publisher.project_id == project.pk
    assert publisher.pins == {"repository_id": "1001", "repository_owner_id": "77"}
    assert publisher.added_by_name == "alice"
    assert not PendingPublisher.objects.exists()
    (_, used) = mails(mailoutbox)
    assert used.subject == "Project created: Widget"
    tags = set(Entry.objects.values_list("tag", flat=True))
    assert {"publisher.pending_added", "project.created", "publisher.added", "identity.exchanged"} <= tags
    assert come_with(github()).projects == ("widget",)


def test_an_identity_with_a_project_makes_its_next_one(alice: User) -> None:
    trusted(alice, project_of(alice, "gadget"))
    announce(alice)
    assert come_with(github()).projects == ("gadget", "widget")


def test_all_that_somebody_announced_for_a_name_become_publishers(alice: User) -> None:
    announce(alice)
    pending.add(alice, name="widget", issuer=GITLAB, values=GITLAB_WANTED, by=as_user(alice))
    come_with(github())
    assert sorted(Publisher.objects.values_list("kind", flat=True)) == ["github", "gitlab"]
    assert not PendingPublisher.objects.exists()


def test_of_two_people_who_announced_a_name_the_first_use_wins(alice: User, mailoutbox: list[Any]) -> None:
    # TP-20
    mallory = person("mallory")
    announce(mallory, "wid-get", owner="mallory")
    announce(mallory, "widget", owner="mallory")
    announce(alice)
    del mails(mailoutbox)[:]
    come_with(github())
    assert Role.objects.get().user_id == alice.pk
    told = [mail for mail in mails(mailoutbox) if mail.to == ["mallory@example.org"]]
    assert [mail.subject for mail in told] == ["The name widget is taken"]
    sweep.sweep()  # the name that looks alike
    assert not PendingPublisher.objects.exists()
    assert len([mail for mail in mails(mailoutbox) if mail.to == ["mallory@example.org"]]) == 2
    removed = Entry.objects.filter(tag="publisher.pending_removed")
    assert {(entry.details["why"], entry.subject_id) for entry in removed} == {("taken", mallory.pk)}


def test_a_name_that_was_taken_meanwhile_is_void_even_if_the_token_is_refused(
    alice: User, mailoutbox: list[Any]
) -> None:
    # TP-20
    announce(alice)
    project_of(person("mallory"), "w1dget")  # looks alike
    del mails(mailoutbox)[:]
    assert refusal_of(lambda: come_with(github())) == "publisher_unknown"
    assert not PendingPublisher.objects.exists()
    assert not UsedIdentity.objects.exists()
    assert [mail.subject for mail in mails(mailoutbox)] == ["The name Widget is taken"]
    assert not Token.objects.exists()
    assert Project.objects.count() == 1


def test_three_wait_at_most(alice: User) -> None:
    # TP-20
    for name in ("one", "two", "three"):
        announce(alice, name)
    assert code_of_announcing(alice, "four") == "pending_publishers_too_many"
    first = pending.of(alice.pk)[0]
    pending.remove(alice.pk, first.id, by=as_user(alice))
    announce(alice, "four")
    assert [row.normalized for row in pending.of(alice.pk)] == ["two", "three", "four"]


def test_the_same_identity_is_announced_for_a_name_once(alice: User) -> None:
    announce(alice)
    assert code_of_announcing(alice, "widget", owner="ACME") == "publisher_taken"
    announce(alice, environment="release")
    assert PendingPublisher.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "project_name_invalid"), ("a b", "project_name_invalid"), ("w\0", "project_name_invalid"),
     ("json", "project_name_stdlib"), ("Gadget", "project_name_taken"), ("g.adget", "project_name_too_similar")],
)  # fmt: skip
def test_names_that_no_project_can_have_are_refused(alice: User, name: str, code: str) -> None:
    project_of(alice, "gadget")
    assert code_of_announcing(alice, name) == code
    assert not PendingPublisher.objects.exists()


def test_only_accounts_in_good_standing_announce(alice: User) -> None:
    assert code_of_announcing(person("bob", verified=False)) == "email_unverified"
    User.objects.filter(pk=alice.pk).update(frozen=clock.now())
    assert code_of_announcing(User.objects.get(pk=alice.pk)) == "account_frozen"
    assert not PendingPublisher.objects.exists()


def _freeze(user: User) -> None:
    User.objects.filter(pk=user.pk).update(frozen=clock.now())


def _disable(user: User) -> None:
    User.objects.filter(pk=user.pk).update(disabled=True)


def _unverify(user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=None)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(_freeze, "account_frozen"), (_disable, "account_disabled"), (_unverify, "email_unverified")],
)
def test_nothing_is_made_for_an_account_that_does_not_stand_any_more(
    alice: User, spoil: Callable[[User], None], code: str
) -> None:
    announce(alice)
    spoil(alice)
    assert refusal_of(lambda: come_with(github())) == code
    assert not Project.objects.exists()
    assert not Token.objects.exists()
    assert not UsedIdentity.objects.exists()
    assert PendingPublisher.objects.count() == 1
    assert [entry.reason for entry in refusals()] == [code]


def test_somebody_elses_frozen_announcement_stops_nobody(alice: User) -> None:
    mallory = person("mallory")
    announce(mallory, "gadget")
    _freeze(mallory)
    announce(alice)
    assert come_with(github()).projects == ("widget",)
    assert Project.objects.count() == 1


def test_a_token_that_does_not_fit_makes_nothing(alice: User) -> None:
    announce(alice, environment="release")
    assert refusal_of(lambda: come_with(github(environment="staging"))) == "publisher_environment"
    assert refusal_of(lambda: come_with(github(event_name="pull_request_target"))) == "publisher_event"
    assert not Project.objects.exists()
    assert PendingPublisher.objects.count() == 1


def test_new_projects_are_counted_with_those_of_uploads(alice: User) -> None:
    # TP-20: squatting has the same price whichever way the project is made
    from strongroom.projects.create import _OF_USER

    for number in range(_OF_USER.count):
        announce(alice, f"widget{number * 1000 + 222}", environment="release")
        come_with(github(environment="release"))
    announce(alice, "one-more", environment="last")
    made = Project.objects.count()
    assert made == _OF_USER.count
    assert refusal_of(lambda: come_with(github(environment="last"))) == "too_many_attempts"
    assert Project.objects.count() == made
    assert PendingPublisher.objects.count() == 1


def test_it_ends_after_thirty_days_with_a_reminder_five_days_before(
    alice: User, mailoutbox: list[Any]
) -> None:
    # TP-20
    announce(alice)
    del mails(mailoutbox)[:]
    with clock.shifted(timedelta(days=24, hours=23)):
        assert sweep.remind_due() == 0
    with clock.shifted(timedelta(days=25, hours=1)):
        assert sweep.remind_due() == 1
        assert sweep.remind_due() == 0
    with clock.shifted(timedelta(days=29, hours=23)):
        assert sweep.sweep() == 0
        assert len(pending.of(alice.pk)) == 1
    with clock.shifted(timedelta(days=30, seconds=1)):
        assert refusal_of(lambda: come_with(github())) == "publisher_unknown"
        assert pending.of(alice.pk) == []
        assert sweep.sweep() == 1
        assert sweep.sweep() == 0
        assert sweep.remind_due() == 0
        subjects = [mail.subject for mail in mails(mailoutbox)]
    assert subjects == [
        "The pending publisher for Widget ends soon",
        "The pending publisher for Widget has ended",
    ]
    assert not PendingPublisher.objects.exists()
    assert not Project.objects.exists()


def test_nobody_removes_what_another_announced(alice: User) -> None:
    row = announce(alice)
    mallory = person("mallory")
    assert refusal_of(lambda: pending.remove(mallory.pk, row.pk, by=as_user(mallory))) == "publisher_missing"
    assert PendingPublisher.objects.count() == 1


def test_used_identities_are_forgotten_when_they_would_be_refused_anyway(alice: User) -> None:
    trusted(alice, project_of(alice))
    come_with(github())
    with clock.shifted(timedelta(minutes=60)):
        assert sweep.sweep() == 0
        assert UsedIdentity.objects.count() == 1
    with clock.shifted(timedelta(minutes=70)):
        assert sweep.sweep() == 1
        assert not UsedIdentity.objects.exists()
