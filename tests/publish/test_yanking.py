"""Who may yank: people with a role, by a page or by credentials that are made for it; and what becomes of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connections

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.projects import policy, yank
from strongroom.projects.models import File, Journal, Project, Role
from strongroom.projects.yank import Order
from strongroom.publish import yanking
from strongroom.publish.identity import Identity
from strongroom.publish.yanking import yank_as, yank_with
from strongroom.tokens import revoke
from strongroom.tokens.models import TokenUses
from tests.publish.publishing import by_password, by_token, refusals
from tests.support.people import as_user, at_once, mails, person, refusal_of
from tests.tokens.making import token_for
from tests.web.content import SHA256, publish

pytestmark = pytest.mark.django_db

ORDER = Order(project="strong-box", version="1.0", reason="broken")


@pytest.fixture
def project() -> Project:
    """Alice's, with two releases."""
    return publish(person("alice"), versions=("1.0", "1.1"))


def alice() -> User:
    return User.objects.get(username="alice")


def with_token(user: User | None = None, **asked: Any) -> Identity:
    return by_token(str(token_for(user or alice(), name=f"t{Entry.objects.count()}", **asked).secret))


def effects() -> tuple[int, int, int, int]:
    """What yanking leaves: marks, journal rows, mails, counted uses."""
    marked = File.objects.exclude(yanked=None).count()
    return marked, Journal.objects.count(), QueuedMail.objects.count(), TokenUses.objects.count()


def refused(call: Callable[[], Any]) -> str:
    """The code, and that nothing but its audit event was left behind."""
    before = effects()
    code = refusal_of(call)
    assert effects() == before
    return code


def test_a_token_made_to_yank_yanks(project: Project, mailoutbox: list[Any]) -> None:
    serial = yank_with(ORDER, by=with_token(actions=("yank",)))
    assert serial is not None
    assert Journal.objects.get(serial=serial).action == "yank release"
    assert File.objects.get(release__version="1.0").yanked == "broken"
    (mail,) = mails(mailoutbox)
    assert mail.to == ["alice@example.org"]
    assert mail.subject == "strong-box 1.0 was yanked"
    assert "The reason given: broken" in mail.body
    entry = Entry.objects.get(tag="release.yanked")
    assert (entry.actor_name, entry.authenticated, entry.subject_id) == ("alice", "token", alice().pk)


def test_a_password_yanks_as_far_as_it_publishes(project: Project) -> None:
    assert yank_with(ORDER, by=by_password(alice())) is not None
    policy.switch_project(project.pk, MayPublish.TOKENS, by=as_user(alice()))
    assert (
        refused(partial(yank_with, replace(ORDER, version="1.1"), by=by_password(alice())))
        == "passwords_refused"
    )


def test_an_upload_token_and_a_reading_token_yank_nothing(project: Project) -> None:
    # TK-20
    for action in ("upload", "read"):
        for yanked in (True, False):
            order = replace(ORDER, yanked=yanked)
            assert refused(partial(yank_with, order, by=with_token(actions=(action,)))) == "token_action"
    assert set(refusals("release.yanked") + refusals("release.unyanked")) == {"token_action"}


def test_a_trusted_publisher_yanks_nothing(project: Project) -> None:
    token = with_token().token
    assert token is not None
    trusted = replace(token, owner=None, publisher={"kind": "github", "name": "acme/widget"})
    actor = replace(as_user(alice()), user_id=None)
    identity = Identity(user_id=None, actor=actor, token=trusted)
    assert refused(partial(yank_with, ORDER, by=identity)) == "token_action"


def test_a_token_for_another_project_yanks_nothing(project: Project) -> None:
    other = publish(alice(), "other")
    assert refused(partial(yank_with, ORDER, by=with_token(project=other))) == "token_scope"
    assert refused(partial(yank_with, ORDER, by=with_token(patterns=("strange-*",)))) == "token_scope"
    assert yank_with(ORDER, by=with_token(project=project)) is not None


def test_a_token_for_one_version_yanks_that_version_alone(project: Project) -> None:
    identity = with_token(version="1.1")
    assert refused(partial(yank_with, ORDER, by=identity)) == "token_version"
    assert yank_with(replace(ORDER, version="1.1.0"), by=identity) is not None


def test_a_token_for_given_files_yanks_those_alone(project: Project) -> None:
    assert refused(partial(yank_with, ORDER, by=with_token(sha256=("e5" * 32,)))) == "token_file"
    assert yank_with(ORDER, by=with_token(sha256=(SHA256,))) is not None


def test_a_use_is_counted_where_something_changed_and_only_there(project: Project) -> None:
    identity = with_token(uses=2)
    yank_with(ORDER, by=identity)
    assert yank_with(ORDER, by=identity) is None
    assert TokenUses.objects.get().count == 1
    yank_with(replace(ORDER, yanked=False), by=identity)
    assert refused(partial(yank_with, ORDER, by=identity)) == "token_used_up"


def test_a_token_revoked_meanwhile_yanks_nothing(project: Project) -> None:
    # TK-10
    identity = with_token()
    assert identity.token is not None
    revoke.revoke(alice().pk, identity.token.id, by=as_user(alice()))
    assert refused(partial(yank_with, ORDER, by=identity)) == "token_invalid"


def test_a_project_that_takes_trusted_publishers_alone_refuses_tokens(project: Project) -> None:
    policy.switch_project(project.pk, MayPublish.TRUSTED, by=as_user(alice()))
    assert refused(partial(yank_with, ORDER, by=with_token())) == "tokens_refused"


def test_a_maintainer_may_and_a_stranger_learns_not_even_whether_there_is_such_a_project(
    project: Project,
) -> None:
    bob, mallory = person("bob"), person("mallory")
    Role.objects.create(project=project, user=bob, kind="maintainer")
    assert yank_with(ORDER, by=with_token(bob)) is not None
    for name in ("strong-box", "no-such-project", "no project\0"):
        order = replace(ORDER, project=name, yanked=False)
        assert refused(partial(yank_with, order, by=with_token(mallory))) == "project_not_yours"
        assert refused(partial(yank_as, mallory, order, by=as_user(mallory))) == "project_not_yours"


def test_a_role_lost_meanwhile_is_seen_in_the_statement_that_holds_the_project(project: Project) -> None:
    # UP-36
    bob = person("bob")
    Role.objects.create(project=project, user=bob, kind="maintainer")
    found = yank.target_of

    def looking(project_id: int, order: Order) -> yank.Target:
        target = found(project_id, order)
        Role.objects.filter(user=bob).delete()
        return target

    with patch.object(yank, "target_of", looking):
        assert refused(partial(yank_with, ORDER, by=with_token(bob))) == "project_not_yours"


def test_unknown_releases_and_files_and_bad_reasons_are_refused(project: Project) -> None:
    by = with_token()
    assert refused(partial(yank_with, replace(ORDER, version="9"), by=by)) == "release_unknown"
    assert refused(partial(yank_with, replace(ORDER, filename="x.whl"), by=by)) == "file_unknown"
    assert refused(partial(yank_with, replace(ORDER, reason="a\nb"), by=by)) == "yank_reason_invalid"
    assert refusals("release.yanked") == ["release_unknown", "file_unknown", "yank_reason_invalid"]


def test_owners_are_told_and_only_the_author_gets_address_and_panic_link(
    project: Project, mailoutbox: list[Any]
) -> None:
    bob = person("bob")
    Role.objects.create(project=project, user=bob, kind="owner")
    yank_as(bob, replace(ORDER, reason=""), by=as_user(bob))
    told = {mail.to[0]: mail.body for mail in mails(mailoutbox)}
    assert "203.0.113.7" in told["bob@example.org"]
    assert "/account/panic/" in told["bob@example.org"]
    assert "203.0.113.7" not in told["alice@example.org"]
    assert "/account/panic/" not in told["alice@example.org"]
    assert "speak with bob" in told["alice@example.org"]
    assert "The reason given" not in told["alice@example.org"]


def test_the_page_takes_an_order_back(project: Project, mailoutbox: list[Any]) -> None:
    yank_as(alice(), ORDER, by=as_user(alice()))
    assert yank_as(alice(), replace(ORDER, yanked=False), by=as_user(alice())) is not None
    assert File.objects.filter(yanked=None).count() == 2
    assert [mail.subject for mail in mails(mailoutbox)] == [
        "strong-box 1.0 was yanked",
        "strong-box 1.0 is yanked no longer",
    ]


def test_a_frozen_account_yanks_nothing_on_the_page(project: Project) -> None:
    user = alice()
    standing.disable(user, by=Actor.console())
    assert refused(partial(yank_as, user, ORDER, by=as_user(user))) == "account_disabled"


def test_nobody_floods_the_owners_with_mails(project: Project) -> None:
    limit = replace(yanking._YANKS, count=2)
    with patch.object(yanking, "_YANKS", limit):
        yank_as(alice(), ORDER, by=as_user(alice()))
        yank_as(alice(), replace(ORDER, yanked=False), by=as_user(alice()))
        assert refused(partial(yank_as, alice(), ORDER, by=as_user(alice()))) == "too_many_attempts"


@pytest.mark.django_db(transaction=True)
def test_a_single_use_token_yanks_one_of_many_releases_at_once() -> None:
    # TK-21
    versions = tuple(f"1.{number}" for number in range(16))
    publish(person("alice"), versions=versions)
    identity = with_token(uses=1, actions=("yank",))
    orders = [replace(ORDER, version=version) for version in versions]
    outcomes = at_once([partial(yank_with, order, by=identity) for order in orders])
    assert [type(outcome) for outcome in outcomes].count(int) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"token_used_up"}
    assert File.objects.exclude(yanked=None).count() == Journal.objects.count() == 1
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_the_same_order_given_many_times_at_once_is_carried_out_once() -> None:
    publish(person("alice"))
    identity = with_token()
    outcomes = at_once([partial(yank_with, ORDER, by=identity)] * 8)
    assert sorted(map(str, outcomes)).count("None") == 7
    assert Journal.objects.count() == Entry.objects.filter(tag="release.yanked").count() == 1
    connections.close_all()
