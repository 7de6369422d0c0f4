"""Publishers that are to be looked at again: confirming them, under a new name too, and giving them an environment."""

import re
from html import unescape

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.projects import access
from strongroom.projects.models import Project, Role
from strongroom.trust.models import Publisher
from tests.support.people import PASSWORD, person, refusal_of
from tests.trust.trusting import come_with, github, provider, trusted
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

PAGE = "/manage/project/strong-box/publishing/"
SCRIPT = "<script>alert(1)</script>"
RENAMED = {
    "repository": "acme/gizmo",
    "job_workflow_ref": "acme/gizmo/.github/workflows/release.yml@refs/tags/v1.0",
}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def project(alice: User) -> Project:
    return publish(alice)


@pytest.fixture
def browser(alice: User, project: Project) -> Client:
    return browser_of(alice)


@pytest.fixture
def publisher(alice: User, project: Project) -> Publisher:
    provider()
    return trusted(alice, access.owned_by(alice.pk, "strong-box"))


def owner(project: Project, username: str) -> User:
    user = person(username)
    Role.objects.create(project=project, user=user, kind=Role.Kind.OWNER)
    return user


def confirm(browser: Client, publisher: Publisher) -> HttpResponseBase:
    """Send the form of the page that asks."""
    path = f"{PAGE}{publisher.pk}/confirm/"
    return browser.post(path, hidden_in(text_of(browser.get(path))))


def hidden_in(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields}


def test_a_publisher_whose_adder_has_no_role_any_more_is_to_be_looked_at_again(
    alice: User, browser: Client, project: Project
) -> None:
    # TP-23
    provider()
    carol = owner(project, "carol")
    row = trusted(carol, access.owned_by(carol.pk, "strong-box"))
    assert "look again" not in main_of(browser.get(PAGE))
    Role.objects.filter(user=carol).delete()
    assert "look again" in main_of(browser.get(PAGE))
    assert "has no role in this project any more" in main_of(browser.get(f"{PAGE}{row.pk}/confirm/"))
    assert location_of(confirm(browser, row)) == PAGE
    row.refresh_from_db()
    assert (row.added_by_id, row.added_by_name) == (alice.pk, "alice")
    assert "look again" not in main_of(browser.get(PAGE))


def test_a_publisher_of_a_disabled_account_is_stopped_until_another_owner_confirms_it(
    browser: Client, project: Project
) -> None:
    provider()
    carol = owner(project, "carol")
    row = trusted(carol, access.owned_by(carol.pk, "strong-box"))
    standing.disable(carol, by=Actor.console())
    assert "stopped" in main_of(browser.get(PAGE))
    confirm(browser, row)
    assert "stopped" not in main_of(browser.get(PAGE))


def test_names_that_others_have_now_are_marked_and_can_be_confirmed(
    browser: Client, publisher: Publisher
) -> None:
    # TP-14
    Publisher.objects.update(pins={"repository_id": "1001"}, pinned="x", noticed="resurrected")
    page = main_of(browser.get(PAGE))
    assert "Its names came with other ids" in page
    assert "the ids behind the names are kept" in page
    confirm(browser, publisher)
    row = Publisher.objects.get()
    assert (row.pins, row.noticed) == ({}, "")


def test_a_new_name_that_cannot_be_told_is_added_anew_and_the_old_one_is_not_let_go(
    browser: Client, publisher: Publisher
) -> None:
    # TP-15: confirming would take whoever has the old name now.
    Publisher.objects.update(pins={"repository_id": "1001"}, pinned="x", noticed="renamed")
    page = main_of(browser.get(PAGE))
    assert "Add it under its new name" in page
    assert "/confirm/" not in page
    for send in (browser.get, browser.post):
        assert send(f"{PAGE}{publisher.pk}/confirm/").status_code == 404
    Publisher.objects.update(added_by=None)
    assert location_of(confirm(browser, publisher)) == PAGE
    row = Publisher.objects.get()
    assert (row.pins, row.pinned, row.noticed) == ({"repository_id": "1001"}, "x", "renamed")


def test_a_new_name_is_shown_beside_the_old_one_and_taken_by_one_click(
    browser: Client, publisher: Publisher
) -> None:
    # TP-15
    come_with(github())
    assert refusal_of(lambda: come_with(github(**RENAMED))) == "publisher_renamed"
    told = 'acme/widget, release.yml</span> now calls itself <span translate="no">acme/gizmo, release.yml'
    assert told in main_of(browser.get(PAGE))
    question = main_of(browser.get(f"{PAGE}{publisher.pk}/confirm/"))
    assert told in question
    assert "Its owner is another one" not in question
    assert location_of(confirm(browser, publisher)) == PAGE
    page = main_of(browser.get(PAGE))
    assert "acme/gizmo, release.yml" in page
    assert "acme/widget" not in page
    assert come_with(github(**RENAMED)).projects == ("strong-box",)


def test_a_name_that_came_after_the_page_was_shown_is_not_confirmed(
    browser: Client, publisher: Publisher
) -> None:
    # TP-15
    come_with(github())
    refusal_of(lambda: come_with(github(**RENAMED)))
    path = f"{PAGE}{publisher.pk}/confirm/"
    shown = hidden_in(text_of(browser.get(path)))
    again = {name: str(value).replace("gizmo", "malware") for name, value in RENAMED.items()}
    refusal_of(lambda: come_with(github(**again)))
    for sent in (shown, {}, {"state": "x"}):
        answer = browser.post(path, sent)
        assert (answer.status_code, refused_in(answer)) == (409, "publisher_changed")
    assert Publisher.objects.get().name == "acme/widget, release.yml"
    assert not Entry.objects.filter(tag="publisher.confirmed", outcome="done").exists()


def test_a_new_name_is_confirmed_after_an_old_proof_and_both_names_are_told(
    alice: User, publisher: Publisher
) -> None:
    # SU-06
    come_with(github())
    refusal_of(lambda: come_with(github(**RENAMED)))
    path = f"{PAGE}{publisher.pk}/confirm/"
    shown = hidden_in(text_of(browser_of(alice).get(path)))
    stale = browser_of(alice, fresh=False)
    proven = stale.post(location_of(stale.post(path, shown)), {"password": PASSWORD})
    onward = main_of(stale.get(location_of(proven)))
    assert (
        "Confirm that the trusted publisher acme/widget, release.yml of the project strong-box is called "
        "acme/gizmo, release.yml now." in onward
    )
    assert stale.post(path, hidden_in(onward)).status_code == 303
    assert Publisher.objects.get().name == "acme/gizmo, release.yml"


def test_a_publisher_is_made_to_take_the_environment_of_its_last_run_alone(
    alice: User, browser: Client, publisher: Publisher
) -> None:
    path = f"{PAGE}{publisher.pk}/constrain/"
    come_with(github())
    assert "/constrain/" not in main_of(browser.get(PAGE))
    assert browser.post(path, {"environment": "release"}).status_code == 404
    come_with(github(environment="release"))
    assert "/constrain/" in main_of(browser.get(PAGE))
    shown = hidden_in(text_of(browser.get(path)))
    stale = browser_of(alice, fresh=False)
    proven = stale.post(location_of(stale.post(path, shown)), {"password": PASSWORD})
    onward = main_of(stale.get(location_of(proven)))
    assert "publish the project strong-box from the environment release alone." in onward
    assert Publisher.objects.get().wanted["environment"] == ""
    assert location_of(stale.post(path, hidden_in(onward))) == PAGE
    page = main_of(browser.get(PAGE))
    assert "acme/widget, release.yml, release" in page
    assert "any environment" not in page
    assert "/constrain/" not in page
    assert browser.post(path, shown).status_code == 404


def test_hostile_names_of_environments_and_repositories_are_shown_as_text(
    browser: Client, publisher: Publisher
) -> None:
    come_with(github(environment=SCRIPT))
    for path in (PAGE, f"{PAGE}{publisher.pk}/constrain/"):
        page = text_of(browser.get(path))
        assert SCRIPT in unescape(page)
        assert SCRIPT not in page
    browser.post(f"{PAGE}{publisher.pk}/constrain/", hidden_in(page))
    assert Publisher.objects.get().wanted["environment"] == SCRIPT


def test_a_publisher_that_is_all_right_cannot_be_confirmed(browser: Client, publisher: Publisher) -> None:
    assert browser.post(f"{PAGE}{publisher.pk}/confirm/").status_code == 404
    assert not Entry.objects.filter(tag="publisher.confirmed", outcome="done").exists()
