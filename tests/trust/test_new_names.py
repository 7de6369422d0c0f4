"""A repository that was renamed or transferred publishes again once an owner has confirmed the name that was shown."""

from functools import partial
from typing import Any

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.projects import access
from strongroom.projects.access import KnownProject
from strongroom.projects.models import Role
from strongroom.tokens.models import Token
from strongroom.trust import publishers
from strongroom.trust.models import Publisher
from strongroom.trust.publishers import ListedPublisher
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import (
    GITLAB,
    OTHER,
    come_with,
    github,
    gitlab,
    project_of,
    provider,
    trusted,
)

pytestmark = pytest.mark.django_db

OLD_IDS = {"repository_id": "1001", "repository_owner_id": "77"}


@pytest.fixture
def alice() -> User:
    provider()
    return person()


@pytest.fixture
def widget(alice: User) -> KnownProject:
    return project_of(alice)


def of(repository: str = "acme/gizmo", **changes: object) -> dict[str, object]:
    """What a token says of a run of the same repository under another name."""
    return github(
        **{
            "repository": repository,
            "repository_owner": repository.partition("/")[0],
            "job_workflow_ref": f"{repository}/.github/workflows/release.yml@refs/tags/v1.0",
            **changes,
        }
    )


def moved(repository: str = "bob/widget", **changes: object) -> dict[str, object]:
    """The same, of a repository that another owner has now."""
    return of(repository, **{"repository_owner_id": "99", **changes})


def refused(claims: dict[str, object], code: str = "publisher_renamed") -> None:
    assert refusal_of(lambda: come_with(claims)) == code


def listed(project: KnownProject) -> ListedPublisher:
    (one,) = publishers.of(project.id)
    return one


def confirm(user: User, project: KnownProject) -> None:
    shown = listed(project)
    publishers.confirm(project, shown.id, state=shown.state, by=as_user(user))


def test_the_confirmed_name_publishes_and_the_old_one_is_nobodys(
    alice: User, widget: KnownProject, mailoutbox: list[Any]
) -> None:
    # TP-15
    trusted(alice, widget, environment="release", ref="refs/tags/v*")
    come_with(github(environment="release"))
    refused(of(environment="release"))
    shown = listed(widget)
    assert shown.new_name is not None
    assert (shown.new_name.name, shown.new_name.is_moved) == ("acme/gizmo, release.yml, release", False)
    mails(mailoutbox)
    del mailoutbox[:]
    confirm(alice, widget)
    row = Publisher.objects.get()
    assert (row.name, row.pins, row.noticed, row.renamed) == (shown.new_name.name, OLD_IDS, "", {})
    assert {name: value for name, value in row.wanted.items() if value} == {
        "owner": "acme",
        "repository": "gizmo",
        "workflow": "release.yml",
        "environment": "release",
        "ref": "refs/tags/v*",
    }
    assert come_with(of(environment="release")).projects == ("widget",)
    refused(of(), "publisher_environment")
    # Whoever takes the old name has other ids, and none of the rows.
    refused(github(repository_id="2002", environment="release"), "publisher_unknown")
    (entry,) = Entry.objects.filter(tag="publisher.confirmed", outcome="done")
    told = ("publisher", "before", "why")
    assert [entry.details[name] for name in told] == [
        row.name,
        "acme/widget, release.yml, release",
        "renamed",
    ]
    (sent, *_) = mails(mailoutbox)
    for name in ("acme/widget, release.yml, release", "acme/gizmo, release.yml, release"):
        assert name in sent.body
    assert "/account/panic/" in sent.body


def test_a_transferred_repository_brings_the_ids_of_its_new_owner(alice: User, widget: KnownProject) -> None:
    # TP-15
    trusted(alice, widget)
    come_with(github())
    refused(moved())
    shown = listed(widget)
    assert shown.new_name is not None
    assert shown.new_name.is_moved
    confirm(alice, widget)
    assert Publisher.objects.get().pins == {"repository_id": "1001", "repository_owner_id": "99"}
    assert come_with(moved()).projects == ("widget",)
    refused(moved(repository_owner_id="98"), "publisher_resurrected")
    refused(moved(repository_id="2002"), "publisher_resurrected")


def test_a_project_of_gitlab_is_confirmed_under_the_path_of_another_group(
    alice: User, widget: KnownProject
) -> None:
    # TP-15
    provider(GITLAB, "gitlab")
    trusted(alice, widget, issuer=GITLAB)
    come_with(gitlab())
    claims = {
        "project_path": "acme/deep/er/gizmo",
        "namespace_path": "acme/deep/er",
        "namespace_id": "73",
        "ci_config_ref_uri": "gitlab.example.com/acme/deep/er/gizmo//.gitlab-ci.yml@refs/tags/v1.0",
    }
    refused(gitlab(**claims))
    confirm(alice, widget)
    assert come_with(gitlab(**claims)).projects == ("widget",)
    refused(gitlab(), "publisher_renamed")


def test_a_workflow_that_was_named_by_its_own_repository_moves_with_it(
    alice: User, widget: KnownProject
) -> None:
    # TP-15, TP-19
    trusted(alice, widget, workflow_repository="ACME/widget")
    come_with(github())
    refused(of())
    confirm(alice, widget)
    assert Publisher.objects.get().wanted["workflow_repository"] == "acme/gizmo"
    assert come_with(of()).projects == ("widget",)


@pytest.mark.parametrize(
    "changes",
    [
        {"event_name": "pull_request_target"},
        {"job_workflow_ref": "acme/gizmo/.github/workflows/other.yml@refs/tags/v1.0"},
        {"job_workflow_ref": "mallory/evil/.github/workflows/release.yml@refs/tags/v1.0"},
        {"repository_owner": "mallory"},
        {"repository_owner_id": None},
        {"repository": "acme/gizmo/evil", "repository_owner": "acme"},
        {"repository": "acme/..", "job_workflow_ref": "acme/../.github/workflows/release.yml@refs/tags/v1.0"},
        {"repository": f"acme/{'g' * 300}"},
    ],
)
def test_a_run_that_would_be_refused_under_the_new_name_too_proposes_none(
    alice: User, widget: KnownProject, changes: dict[str, object]
) -> None:
    # TP-15, TP-16, TP-18, TP-19
    trusted(alice, widget)
    come_with(github())
    refused(of(**changes))
    shown = listed(widget)
    assert (shown.noticed, shown.new_name) == ("renamed", None)
    publishers.confirm(widget, shown.id, state=shown.state, by=as_user(alice))
    row = Publisher.objects.get()
    assert (row.name, row.pins, row.noticed) == ("acme/widget, release.yml", OLD_IDS, "renamed")


def test_whoever_takes_the_old_name_neither_hides_the_new_one_nor_is_confirmed(
    alice: User, widget: KnownProject, mailoutbox: list[Any]
) -> None:
    # TP-14, TP-15
    trusted(alice, widget)
    come_with(github())
    refused(of())
    mails(mailoutbox)
    del mailoutbox[:]
    taken = github(repository_id="2002", repository_owner_id="88")
    refused(taken, "publisher_resurrected")
    (sent,) = mails(mailoutbox)  # a notice of its own: the one of the new name does not swallow it
    assert "its ids are others" in sent.body
    shown = listed(widget)
    assert shown.noticed == "renamed"
    confirm(alice, widget)
    assert Publisher.objects.get().pins == OLD_IDS
    assert come_with(of()).projects == ("widget",)
    refused(taken, "publisher_unknown")


def test_only_the_name_that_was_shown_is_confirmed(alice: User, widget: KnownProject) -> None:
    # TP-15
    publisher = trusted(alice, widget)
    come_with(github())
    before = listed(widget).state
    refused(of())
    first = listed(widget).state
    refused(of("acme/malware"))
    second = listed(widget).state
    refused(moved("acme/malware"))
    Token.objects.all().delete()
    call = partial(publishers.confirm, widget, publisher.pk, by=as_user(alice))
    for state in (before, first, second, ""):
        assert refusal_of(partial(call, state=state)) == "publisher_changed"
    assert Publisher.objects.get().name == "acme/widget, release.yml"
    assert not Entry.objects.filter(tag="publisher.confirmed", outcome="done").exists()


def test_a_token_of_the_old_name_takes_the_new_one_away(alice: User, widget: KnownProject) -> None:
    trusted(alice, widget)
    come_with(github())
    refused(of())
    come_with(github())
    row = Publisher.objects.get()
    assert (row.noticed, row.renamed) == ("", {})


def test_a_name_that_the_project_has_already_is_refused_and_nothing_changes(
    alice: User, widget: KnownProject
) -> None:
    old = trusted(alice, widget)
    come_with(github())
    refused(of())
    trusted(alice, widget, repository="gizmo")
    shown, _new = publishers.of(widget.id)
    confirm = partial(publishers.confirm, widget, old.pk, state=shown.state, by=as_user(alice))
    assert refusal_of(confirm) == "publisher_taken"
    old.refresh_from_db()
    assert (old.name, old.noticed) == ("acme/widget, release.yml", "renamed")
    assert not Entry.objects.filter(tag="publisher.confirmed", outcome="done").exists()


def test_another_owner_of_a_stopped_account_confirms_the_new_name_with_it(
    alice: User, widget: KnownProject
) -> None:
    trusted(alice, widget)
    come_with(github())
    refused(of())
    bob = person("bob")
    Role.objects.create(project_id=widget.id, user=bob, kind=Role.Kind.OWNER)
    User.objects.filter(pk=alice.pk).update(disabled=True)
    confirm(bob, access.owned_by(bob.pk, "widget"))
    assert listed(widget).added_by == "bob"
    assert come_with(of()).projects == ("widget",)


def test_claims_that_an_operator_chose_propose_no_name(alice: User, widget: KnownProject) -> None:
    # Which of them are names, and which say what else must be so, cannot be told.
    provider(OTHER, "generic", fields=("repository", "workflow"), pins=("repository_id",))
    trusted(alice, widget, issuer=OTHER, repository="acme/widget", workflow="release.yml")
    base = {"iss": OTHER, "repository": "acme/widget", "workflow": "release.yml"}
    come_with(github(**base))
    refused(github(**{**base, "workflow": "pull.yml"}))
    assert (listed(widget).noticed, listed(widget).new_name) == ("renamed", None)
