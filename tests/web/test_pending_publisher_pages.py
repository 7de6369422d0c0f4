"""Pending publishers on the account's page: adding, the limit of three, removing."""

from typing import Any

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.sections import Feature
from strongroom.projects.models import Project
from strongroom.trust.models import PendingPublisher
from tests.support.configuration import configured
from tests.support.people import PASSWORD, mails, person
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

PAGE = "/manage/account/publishing/"


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


def form(name: str = "Widget", **changes: str) -> dict[str, str]:
    typed = {"owner": "acme", "repository": "widget", "workflow": "release.yml", **changes}
    return {
        "provider": "github",
        "name": name,
        **{f"identity-{field}": value for field, value in typed.items()},
    }


def test_a_person_adds_one_and_sees_when_it_expires(
    alice: User, browser: Client, mailoutbox: list[Any]
) -> None:
    assert location_of(browser.post(PAGE, form())) == PAGE
    row = PendingPublisher.objects.get()
    assert (row.user, row.project_name, row.normalized) == (alice, "Widget", "widget")
    page = main_of(browser.get(PAGE))
    assert "in 4\xa0weeks" in page
    for text in ("Widget", "GitHub Actions", "release.yml", "It holds no name.", "It names no environment"):
        assert text in page
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("", 422, "required"),
        ("a b", 422, "project_name_invalid"),
        ("json", 422, "project_name_stdlib"),
        ("strong_box", 409, "project_name_taken"),
        ("str0ng-box", 422, "project_name_too_similar"),
        ("a" * 101, 422, "max_length"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_beside_it(
    alice: User, browser: Client, name: str, status: int, code: str
) -> None:
    publish(alice)
    answer = browser.post(PAGE, form(name))
    assert (answer.status_code, refused_in(answer)) == (status, code)
    assert 'href="#id_name"' in main_of(answer)
    assert not PendingPublisher.objects.exists()


def test_a_field_of_the_provider_is_refused_beside_it(browser: Client) -> None:
    answer = browser.post(PAGE, form(workflow="../x.yml"))
    assert (answer.status_code, refused_in(answer)) == (422, "publisher_field_invalid")
    assert 'href="#id_identity-workflow"' in main_of(answer)
    assert not PendingPublisher.objects.exists()


def test_a_fourth_is_refused_and_no_form_is_offered(browser: Client) -> None:
    # TP-20
    for name in ("one-box", "two-box", "three-box"):
        browser.post(PAGE, form(name))
    page = main_of(browser.get(f"{PAGE}?provider=github"))
    assert "as many as one can have" in page
    assert 'name="identity-owner"' not in page
    answer = browser.post(PAGE, form("four-box"))
    assert (answer.status_code, refused_in(answer)) == (409, "pending_publishers_too_many")
    assert PendingPublisher.objects.count() == 3


def test_one_is_removed_after_a_question_and_nobody_elses(alice: User, browser: Client) -> None:
    # D6
    browser.post(PAGE, form())
    path = f"{PAGE}{PendingPublisher.objects.get().pk}/remove/"
    mallory = browser_of(person("mallory"))
    for send in (mallory.get, mallory.post):
        assert send(path).status_code == 404
    assert "Widget" in main_of(browser.get(path))
    assert PendingPublisher.objects.exists()
    assert location_of(browser.post(path)) == PAGE
    assert not PendingPublisher.objects.exists()
    assert Entry.objects.filter(tag="publisher.pending_removed").count() == 1


def test_an_old_proof_is_asked_for_again_and_the_form_is_kept(alice: User) -> None:
    # SU-06
    stale = browser_of(alice, fresh=False)
    answer = stale.post(PAGE, form())
    assert not PendingPublisher.objects.exists()
    proven = stale.post(location_of(answer), {"password": PASSWORD})
    page = main_of(stale.get(location_of(proven)))
    assert "Let acme/widget, release.yml make the project Widget, which will be yours." in page
    assert "Workflow file: release.yml" in page


def test_an_unverified_address_is_asked_for_first() -> None:
    bob = browser_of(person("bob", verified=False))
    assert refused_in(bob.get(PAGE)) == "email_unverified"
    answer = bob.post(PAGE, form())
    assert (answer.status_code, refused_in(answer)) == (403, "email_unverified")
    assert not PendingPublisher.objects.exists()


def test_the_name_may_come_with_a_link_and_is_text(browser: Client) -> None:
    script = "<script>alert(1)</script>"
    page = browser.get(PAGE, {"provider": "github", "name": script, "owner": "acme"})
    assert script not in text_of(page)
    assert script in main_of(page)
    assert 'name="identity-owner" value="acme"' in main_of(page)


def test_a_site_without_trusted_publishing_says_so(browser: Client) -> None:
    with configured("trusted_publishing", enabled=Feature.OFF):
        assert refused_in(browser.get(PAGE)) == "trusted_publishing_off"
        answer = browser.post(PAGE, form())
        assert (answer.status_code, refused_in(answer)) == (404, "trusted_publishing_off")
    assert not PendingPublisher.objects.exists()


def test_account_and_projects_lead_here(browser: Client) -> None:
    for path in ("/manage/account/", "/manage/projects/"):
        assert f'href="{PAGE}"' in text_of(browser.get(path))
