"""Yanking on the pages: a list, a form that says what happens, and what visitors see of it."""

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import policy
from strongroom.projects.models import File, Journal, Project, Role
from tests.support.people import as_user, person
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in
from tests.web.content import publish

pytestmark = pytest.mark.django_db

RELEASES = "/manage/project/strong-box/releases/"
WHEEL = "strong-box-1.0-py3-none-any.whl"


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def project(alice: User) -> Project:
    return publish(alice, versions=("1.0", "1.1"))


@pytest.fixture
def browser(alice: User, project: Project) -> Client:
    return browser_of(alice)


def mark(version: str = "1.0") -> str | None:
    return File.objects.get(release__version=version).yanked


def test_an_owner_yanks_a_release_and_takes_it_back(browser: Client) -> None:
    form = main_of(browser.get(f"{RELEASES}1.0/yank/"))
    assert "pass over all of its files" in form
    answer = browser.post(f"{RELEASES}1.0/yank/", {"reason": "breaks on Windows"})
    assert location_of(answer) == RELEASES
    assert (mark("1.0"), mark("1.1")) == ("breaks on Windows", None)
    listed = main_of(browser.get(RELEASES))
    assert "breaks on Windows" in listed
    assert f"{RELEASES}1.0/unyank/" in listed
    assert f"{RELEASES}1.1/yank/" in listed
    browser.post(f"{RELEASES}1.0/unyank/", {})
    assert mark("1.0") is None
    assert Journal.objects.count() == 2


def test_an_owner_yanks_one_file(browser: Client) -> None:
    assert f"{RELEASES}1.0/yank/?file={WHEEL}" in main_of(browser.get(RELEASES))
    form = main_of(browser.get(f"{RELEASES}1.0/yank/?file={WHEEL}"))
    assert f'pass over <span translate="no">{WHEEL}</span>' in form
    assert f'value="{WHEEL}"' in form
    browser.post(f"{RELEASES}1.0/yank/", {"filename": WHEEL})
    assert (mark(), Journal.objects.get().filename) == ("", WHEEL)


def test_a_maintainer_sees_the_releases_and_yanks(project: Project) -> None:
    bob = person("bob")
    Role.objects.create(project=project, user=bob, kind="maintainer")
    assert browser_of(bob).get(RELEASES).status_code == 200
    browser_of(bob).post(f"{RELEASES}1.0/yank/", {})
    assert mark() == ""


@pytest.mark.parametrize("path", [RELEASES, f"{RELEASES}1.0/yank/", "/manage/project/no-such/releases/"])
def test_a_stranger_sees_no_such_page_whether_there_is_the_project_or_not(
    project: Project, path: str
) -> None:
    answer = browser_of(person("mallory")).get(path)
    assert (answer.status_code, refused_in(answer)) == (403, "project_not_yours")


def test_a_stranger_yanks_nothing(project: Project) -> None:
    client = browser_of(person("mallory"))
    for act in ("yank", "unyank"):
        answer = client.post(f"{RELEASES}1.0/{act}/", {})
        assert (answer.status_code, refused_in(answer)) == (403, "project_not_yours")
    assert (mark(), Journal.objects.count()) == (None, 0)


def test_releases_and_files_that_there_are_not_are_refused(browser: Client) -> None:
    for path, form, code in (
        ("9.9/yank/", {}, "release_unknown"),
        ("no-version/yank/", {}, "release_unknown"),
        ("1.0/yank/", {"filename": "x.whl"}, "file_unknown"),
        ("1.0/unyank/", {"filename": "x.whl"}, "file_unknown"),
        ("1.0/yank/", {"filename": "strong-box-1.1-py3-none-any.whl"}, "file_unknown"),
    ):
        for answer in (
            browser.post(RELEASES + path, form),
            browser.get(RELEASES + path, {"file": form.get("filename", "")}),
        ):
            assert (answer.status_code, refused_in(answer)) == (404, code), path
    assert (mark(), Journal.objects.count()) == (None, 0)


@pytest.mark.parametrize("reason", ["x" * 301, "a\u202eb"])
def test_a_reason_that_nobody_should_print_is_refused_beside_its_field(browser: Client, reason: str) -> None:
    answer = browser.post(f"{RELEASES}1.0/yank/", {"reason": reason})
    assert answer.status_code == 422
    assert refused_in(answer) in {"yank_reason_invalid", "max_length"}
    assert mark() is None


def test_an_old_proof_is_asked_for_again_and_what_was_about_to_happen_is_said(
    alice: User, project: Project
) -> None:
    # SU-06
    client = browser_of(alice, fresh=False)
    answer = client.post(f"{RELEASES}1.0/yank/", {"reason": "broken", "filename": WHEEL})
    assert location_of(answer).startswith("/account/reauthenticate/?next=%2Faccount%2Fresume%2F")
    assert mark() is None
    act = location_of(answer).partition("act%3D")[2]
    page = main_of(client.get("/account/resume/", {"act": act}))
    assert f"Yank the file {WHEEL} of strong-box 1.0. Reason: broken" in page


def test_the_page_yanks_whatever_may_publish(alice: User, browser: Client, project: Project) -> None:
    policy.switch_project(project.pk, MayPublish.TRUSTED, by=as_user(alice))
    browser.post(f"{RELEASES}1.0/yank/", {})
    assert mark() == ""


def test_visitors_see_what_is_yanked_and_why(browser: Client) -> None:
    browser.post(f"{RELEASES}1.1/yank/", {"reason": "<b>broken</b>"})
    latest = main_of(nobody().get("/project/strong-box/"))
    assert "1.0" in latest.partition("</h1>")[0]
    assert "This release was yanked" not in latest
    yanked = nobody().get("/project/strong-box/1.1/")
    assert "This release was yanked" in main_of(yanked)
    assert b"&lt;b&gt;broken&lt;/b&gt;" in yanked.content
    assert b"<b>broken" not in yanked.content


def test_the_trail_tells_what_was_yanked_by_whom(browser: Client) -> None:
    browser.post(f"{RELEASES}1.0/yank/", {"reason": "broken"})
    entry = Entry.objects.get(tag="release.yanked")
    assert (entry.actor_name, entry.project, entry.details["reason"]) == ("alice", "strong-box", "broken")
    assert "alice yanked strong-box 1.0" in main_of(browser.get("/manage/account/"))


def test_the_releases_stand_under_the_normalized_name_alone(browser: Client) -> None:
    assert location_of(browser.get("/manage/project/Strong.Box/releases/")) == RELEASES
