"""Names change hands, ids do not: what happens when a repository, an owner or a project is no longer who it was."""

from datetime import timedelta
from typing import Any

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.projects.models import Role
from strongroom.tokens.models import Token
from strongroom.trust import publishers
from strongroom.trust.models import Publisher, UsedIdentity
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import (
    GITHUB,
    GITLAB,
    come_with,
    github,
    gitlab,
    project_of,
    provider,
    refusals,
    trusted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    return person()


def used_once(alice: User) -> Publisher:
    publisher = trusted(alice, project_of(alice))
    come_with(github())
    Token.objects.all().delete()
    UsedIdentity.objects.all().delete()
    return publisher


def nothing_minted() -> bool:
    return not Token.objects.exists() and not UsedIdentity.objects.exists()


@pytest.mark.parametrize(
    "ids",
    [
        {"repository_id": "2002"},  # deleted and made anew
        {"repository_owner_id": "88"},  # somebody else has the owner's name
        {"repository_id": "2002", "repository_owner_id": "88"},
    ],
)
def test_names_that_others_have_now_are_refused_and_the_owners_told(
    alice: User, ids: dict[str, str], mailoutbox: list[Any]
) -> None:
    # TP-14, W28
    publisher = used_once(alice)
    bob = person("bob")
    Role.objects.create(project_id=publisher.project_id, user=bob, kind=Role.Kind.OWNER)
    del mails(mailoutbox)[:]
    assert refusal_of(lambda: come_with(github(**ids))) == "publisher_resurrected"
    assert nothing_minted()
    row = Publisher.objects.get()
    assert row.noticed == "resurrected"
    assert row.pins == {"repository_id": "1001", "repository_owner_id": "77"}
    assert [entry.reason for entry in refusals()] == ["publisher_resurrected"]
    (noticed,) = Entry.objects.filter(tag="publisher.noticed")
    assert (noticed.project, noticed.details["why"]) == ("widget", "resurrected")
    sent = mails(mailoutbox)
    assert sorted(mail.to[0] for mail in sent) == ["alice@example.org", "bob@example.org"]
    assert "confirms the publisher" in sent[0].body
    assert "/account/panic/" not in sent[0].body


def test_ids_of_gitlab_are_kept_too(alice: User) -> None:
    # TP-14
    provider(GITLAB, "gitlab")
    trusted(alice, project_of(alice), issuer=GITLAB)
    come_with(gitlab())
    for ids in ({"project_id": "23"}, {"namespace_id": "73"}):
        assert refusal_of(lambda ids=ids: come_with(gitlab(**ids))) == "publisher_resurrected"
    assert Token.objects.count() == 1


@pytest.mark.parametrize("missing", ["repository_id", "repository_owner_id"])
@pytest.mark.parametrize("said", [None, "", 1001, ["1001"]])
def test_a_token_without_ids_is_refused_from_the_first_one_on(
    alice: User, missing: str, said: object
) -> None:
    # TP-29
    trusted(alice, project_of(alice))
    assert refusal_of(lambda: come_with(github(**{missing: said}))) == "publisher_claim"
    assert Publisher.objects.get().pins == {}
    assert nothing_minted()


def test_a_renamed_repository_is_refused_and_the_owners_told_once_a_day(
    alice: User, mailoutbox: list[Any]
) -> None:
    # TP-15
    used_once(alice)
    del mails(mailoutbox)[:]
    renamed = {
        "repository": "acme/gizmo",
        "job_workflow_ref": "acme/gizmo/.github/workflows/release.yml@refs/tags/v1.0",
    }
    for _ in range(3):
        assert refusal_of(lambda: come_with(github(**renamed))) == "publisher_renamed"
    assert Publisher.objects.get().noticed == "renamed"
    assert nothing_minted()
    assert len(mails(mailoutbox)) == 1
    assert "acme/gizmo" in mailoutbox[0].body
    with clock.shifted(timedelta(days=1, seconds=1)):
        assert refusal_of(lambda: come_with(github(**renamed))) == "publisher_renamed"
        assert len(mails(mailoutbox)) == 2
    assert Entry.objects.filter(tag="publisher.noticed").count() == 2


def test_a_transferred_repository_is_refused(alice: User) -> None:
    # TP-15
    used_once(alice)
    moved = {
        "repository": "mallory/widget",
        "repository_owner": "mallory",
        "repository_owner_id": "99",
        "job_workflow_ref": "mallory/widget/.github/workflows/release.yml@refs/tags/v1.0",
    }
    assert refusal_of(lambda: come_with(github(**moved))) == "publisher_renamed"
    assert nothing_minted()


def test_an_owner_confirms_and_the_next_ids_are_kept(alice: User, mailoutbox: list[Any]) -> None:
    # TP-15
    publisher = used_once(alice)
    assert refusal_of(lambda: come_with(github(repository_id="2002"))) == "publisher_resurrected"
    del mails(mailoutbox)[:]
    (listed,) = publishers.of(publisher.project_id)
    assert (listed.noticed, listed.pinned) == ("resurrected", True)
    from strongroom.projects import access

    project = access.owned_by(alice.pk, "widget")
    publishers.confirm(project, publisher.pk, state=listed.state, by=as_user(alice))
    (listed,) = publishers.of(publisher.project_id)
    assert (listed.noticed, listed.pinned) == ("", False)
    assert come_with(github(repository_id="2002")).projects == ("widget",)
    assert refusal_of(lambda: come_with(github())) == "publisher_resurrected"
    (entry,) = Entry.objects.filter(tag="publisher.confirmed", project="widget")
    assert entry.details["why"] == "resurrected"
    (sent, *_) = mails(mailoutbox)
    assert "was confirmed" in sent.subject
    assert "/account/panic/" in sent.body


def test_a_good_token_takes_the_notice_away(alice: User) -> None:
    used_once(alice)
    refusal_of(lambda: come_with(github(repository_id="2002")))
    come_with(github())
    assert Publisher.objects.get().noticed == ""


def test_another_issuers_ids_are_nobodys(alice: User) -> None:
    # TP-06
    used_once(alice)
    provider("https://ci.example.com", "github")
    trusted(alice, project_of(alice, "gadget"), issuer="https://ci.example.com", owner="acme", repository="gadget", workflow="release.yml")  # fmt: skip
    claims = github(iss="https://ci.example.com", repository="acme/gizmo")
    assert refusal_of(lambda: come_with(claims)) == "publisher_unknown"
    assert GITHUB != "https://ci.example.com"
