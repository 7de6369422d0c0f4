"""Choosing what may publish, for the account and for a project."""

import re
from typing import Any

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.sections import Feature
from strongroom.projects import access, policy
from strongroom.projects.models import Project, Role
from strongroom.publish import levels
from strongroom.tokens.models import Token
from tests.support.configuration import configured
from tests.support.people import as_user, mails, person, refusal_of
from tests.trust.trusting import provider, trusted
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
SETTINGS = "/manage/project/strong-box/settings/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


@pytest.fixture
def project(alice: User) -> Project:
    return publish(alice)


def maintainer_of(project: Project) -> User:
    bob = person("bob")
    Role.objects.create(project=project, user=bob, kind=Role.Kind.MAINTAINER)
    return bob


def test_a_person_chooses_what_may_publish_with_the_account(alice: User, browser: Client) -> None:
    for level in ("tokens", "trusted", "passwords"):
        browser.post(f"{ACCOUNT}may-publish/", {"level": level})
        alice.refresh_from_db()
        assert alice.may_publish == level


@pytest.mark.parametrize(
    ("level", "code"), [("", "required"), ("all", "invalid_choice"), ("a\0", "invalid_choice")]
)
def test_what_is_no_level_changes_nothing(alice: User, browser: Client, level: str, code: str) -> None:
    answer = browser.post(f"{ACCOUNT}may-publish/", {"level": level})
    assert (answer.status_code, refused_in(answer)) == (422, code)
    assert (
        main_of(answer).count('"#id_publishing_level"')
        == main_of(answer).count('id="id_publishing_level"')
        == 1
    )
    alice.refresh_from_db()
    assert alice.may_publish == "passwords"


def test_levels_that_the_site_forbids_cannot_be_chosen_and_say_why(alice: User, browser: Client) -> None:
    policy.switch_for_all(MayPublish.TOKENS, by=Actor.console())
    page = main_of(browser.get(ACCOUNT))
    assert re.search(r'value="passwords"[^>]*disabled', page)
    assert re.search(r'value="tokens"[^>]*checked', page)
    assert "The operators of this site forbid it." in page
    answer = browser.post(f"{ACCOUNT}may-publish/", {"level": "passwords"})
    assert (answer.status_code, refused_in(answer)) == (422, "level_too_lax")
    entry = Entry.objects.get(tag="account.publishing_switched")
    assert (entry.outcome, entry.reason) == ("refused", "level_too_lax")


def test_nobody_locks_themselves_out_where_there_are_no_trusted_publishers(
    alice: User, browser: Client
) -> None:
    with configured("trusted_publishing", enabled=Feature.OFF):
        page = main_of(browser.get(ACCOUNT))
        assert re.search(r'value="trusted"[^>]*disabled', page)
        answer = browser.post(f"{ACCOUNT}may-publish/", {"level": "trusted"})
    assert (answer.status_code, refused_in(answer)) == (422, "level_without_publishers")
    alice.refresh_from_db()
    assert alice.may_publish == "passwords"


def test_an_owner_chooses_what_may_publish_in_a_project(
    alice: User, browser: Client, project: Project
) -> None:
    for level in ("tokens", "trusted", "passwords"):
        answer = browser.post(SETTINGS, {"level": level})
        assert location_of(answer) == SETTINGS
        project.refresh_from_db()
        assert project.may_publish == level
    events = Entry.objects.filter(tag="project.publishing_switched", outcome="done").order_by("serial")
    assert [(event.details["before"], event.details["level"]) for event in events] == [  # AU-05
        ("passwords", "tokens"),
        ("tokens", "trusted"),
        ("trusted", "passwords"),
    ]
    assert {(event.project, event.subject_id, event.actor_name) for event in events} == {
        ("strong-box", alice.pk, "alice")
    }
    history = main_of(browser.get(ACCOUNT))
    assert "alice chose what may publish in the project strong-box: Trusted publishers only" in history


def test_every_owner_is_told_and_the_link_that_stops_an_account_goes_to_who_did_it(
    alice: User, browser: Client, project: Project, mailoutbox: list[Any]
) -> None:
    Role.objects.create(project=project, user=person("carol"), kind=Role.Kind.OWNER)
    maintainer_of(project)
    for _ in range(2):  # the second time there is nothing to tell
        browser.post(SETTINGS, {"level": "tokens"})
    told = {mail.to[0]: mail for mail in mails(mailoutbox)}
    assert set(told) == {"alice@example.org", "carol@example.org"}
    assert len(mailoutbox) == 2
    for mail in told.values():
        assert mail.subject == "What may publish in strong-box was changed"
        assert "API tokens and trusted publishers; passwords are refused" in mail.body
        assert SETTINGS in mail.body
    assert "/account/panic/" in told["alice@example.org"].body
    assert "/account/panic/" not in told["carol@example.org"].body
    assert "speak with alice" in told["carol@example.org"].body
    assert "127.0.0.1" not in told["carol@example.org"].body


def test_a_maintainer_sees_the_settings_and_changes_nothing(project: Project) -> None:
    # AD-01
    bob = browser_of(maintainer_of(project))
    page = main_of(bob.get(SETTINGS))
    assert "You maintain this project." in page
    assert 'name="level"' not in page
    answer = bob.post(SETTINGS, {"level": "trusted"})
    assert (answer.status_code, refused_in(answer)) == (403, "project_not_owned")
    project.refresh_from_db()
    assert project.may_publish == "passwords"
    assert not Entry.objects.filter(tag="project.publishing_switched", outcome="done").exists()


@pytest.mark.parametrize("path", [SETTINGS, "/manage/project/nothing/settings/"])
def test_a_stranger_sees_no_settings_whether_there_is_the_project_or_not(project: Project, path: str) -> None:
    # AD-01
    mallory = browser_of(person("mallory"))
    for answer in (mallory.get(path), mallory.post(path, {"level": "trusted"})):
        assert (answer.status_code, refused_in(answer)) == (403, "project_not_yours")
        assert "Keeps things safe" not in text_of(answer)
    project.refresh_from_db()
    assert project.may_publish == "passwords"


def test_an_owner_of_a_frozen_account_changes_no_project(
    alice: User, browser: Client, project: Project
) -> None:
    User.objects.filter(pk=alice.pk).update(frozen=project.created)
    answer = browser.post(SETTINGS, {"level": "trusted"})
    assert (answer.status_code, refused_in(answer)) == (403, "account_frozen")
    project.refresh_from_db()
    assert project.may_publish == "passwords"


def test_owners_are_not_flooded_with_mail(browser: Client, project: Project) -> None:
    # EM-10
    for level in ["tokens", "passwords"] * 10:
        assert browser.post(SETTINGS, {"level": level}).status_code == 303
    answer = browser.post(SETTINGS, {"level": "tokens"})
    assert (answer.status_code, refused_in(answer)) == (429, "too_many_attempts")
    project.refresh_from_db()
    assert project.may_publish == "passwords"


def test_a_project_cannot_let_more_publish_than_the_site_does(browser: Client, project: Project) -> None:
    with configured("uploads", allowed=MayPublish.TOKENS):
        assert "The configuration of this site forbids it." in main_of(browser.get(SETTINGS))
        answer = browser.post(SETTINGS, {"level": "passwords"})
    assert (answer.status_code, refused_in(answer)) == (422, "level_too_lax")
    assert not Entry.objects.filter(tag="project.publishing_switched", outcome="done").exists()


SAID = [
    # configuration, operators, project, account; what may publish; who decides
    (("passwords", "passwords", "passwords", "passwords"), "passwords", ()),
    (("tokens", "passwords", "passwords", "passwords"), "tokens", ("configuration",)),
    (("passwords", "tokens", "passwords", "tokens"), "tokens", ("operators", "account")),
    (("tokens", "passwords", "trusted", "tokens"), "trusted", ("project",)),
    (("passwords", "tokens", "tokens", "trusted"), "trusted", ("account",)),
]


@pytest.mark.parametrize(("said", "level", "parties"), SAID)
def test_the_strictest_counts_and_the_page_says_whose_it_is(
    alice: User, project: Project, said: tuple[str, ...], level: str, parties: tuple[str, ...]
) -> None:
    configuration, operators, own, account = map(MayPublish, said)
    policy.switch_for_all(operators, by=Actor.console())
    policy.switch_project(project.pk, own, by=as_user(alice))
    User.objects.update(may_publish=account)
    project.refresh_from_db()
    alice.refresh_from_db()
    with configured("uploads", allowed=configuration):
        ruling = levels.for_account_in(alice, project)
        page = main_of(browser_of(alice).get(SETTINGS))
    assert (ruling.level, ruling.decided_by) == (level, parties)
    assert page.count("decides") == len(parties)


def test_an_owner_is_warned_where_trusted_publishers_alone_publish_and_there_is_none(
    alice: User, browser: Client, project: Project
) -> None:
    page = "/manage/project/strong-box/publishing/"
    assert "Let only trusted publishers publish" in main_of(browser.get(page))
    policy.switch_project(project.pk, MayPublish.TRUSTED, by=as_user(alice))
    shown = main_of(browser.get(page))
    assert "Nobody can publish here until there is a trusted publisher." in shown
    assert "Let only trusted publishers publish" not in shown
    provider()
    trusted(alice, access.owned_by(alice.pk, "strong-box"))
    assert "Nobody can publish here" not in main_of(browser.get(page))


def test_the_settings_list_the_owner_s_tokens_for_the_project_and_nobody_else_s(
    alice: User, browser: Client, project: Project
) -> None:
    bob = maintainer_of(project)
    for user, name in ((alice, "Laptop"), (alice, "Everything"), (bob, "Bob's machine")):
        token = Token.objects.create(user=user, name=name, created=project.created, restrictions=[])
        if name != "Everything":
            token.projects.add(project)
    page = main_of(browser.get(SETTINGS))
    assert "Laptop" in page
    assert f"/manage/account/token/{Token.objects.get(name='Laptop').pk}/revoke/" in page
    assert "Everything" not in page
    assert "Bob" not in page
    assert "/manage/account/token/?project=strong-box" in page


def test_the_settings_stand_under_the_normalized_name_alone(browser: Client, project: Project) -> None:
    assert location_of(browser.get("/manage/project/Strong.Box/settings/")) == SETTINGS
    assert SETTINGS in main_of(browser.get("/manage/projects/"))


def test_a_level_that_cannot_be_chosen_leaves_a_refusal_in_the_trail(alice: User) -> None:  # AU-05
    with configured("trusted_publishing", enabled=Feature.OFF):
        browser_of(alice).post(f"{ACCOUNT}may-publish/", {"level": "tokens"})
        refused = refusal_of(lambda: levels.switch_account(alice, MayPublish.TRUSTED, by=as_user(alice)))
    assert refused == "level_without_publishers"
    done, tried = Entry.objects.filter(tag="account.publishing_switched").order_by("serial")
    assert (done.outcome, done.details) == ("done", {"level": "tokens", "before": "passwords"})
    assert (tried.outcome, tried.reason, tried.details["level"]) == ("refused", refused, "trusted")
