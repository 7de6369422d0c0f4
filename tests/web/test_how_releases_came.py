"""The publishing page tells of each release how it came, and by whom."""

from typing import Any

import pytest
from django.test import Client

from strongroom.projects.models import File, Project, Release
from tests.support.people import person
from tests.web.browsing import browser_of, main_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

PAGE = "/manage/project/strong-box/publishing/"


@pytest.fixture
def project() -> Project:
    return publish(person("alice"))


@pytest.fixture
def browser(project: Project) -> Client:
    role = project.roles.select_related("user").get()
    return browser_of(role.user)


def test_each_release_tells_how_it_came_and_by_whom(browser: Client, project: Project) -> None:
    first = Release.objects.get(project=project)
    File.objects.filter(release=first).update(authenticated="password", uploader_name="bob")
    second = Release.objects.create(
        project=project, version="2.0", key="2", created=first.created, metadata={}, summary=""
    )
    run = "https://github.com/acme/widget/actions/runs/4242"
    _file(
        second,
        "a.whl",
        publisher={"name": "acme/widget, release.yml", "ref": "refs/tags/v2", "sha": "9" * 40, "url": run},
    )
    _file(second, "b.whl", authenticated="token", uploader_name="carol")
    page = main_of(browser.get(PAGE))
    assert "Password of" in page
    assert page.index(">2.0</a>") < page.index(">1.0</a>")
    assert f'href="{run}"' in page
    assert "999999999999<" in page
    for text in ("refs/tags/v2", "acme/widget, release.yml", "API token of", "carol", "partly attested"):
        assert text in page


def test_no_more_than_fifty_releases_are_shown(browser: Client, project: Project) -> None:
    first = Release.objects.get(project=project)
    for number in range(2, 53):
        Release.objects.create(
            project=project,
            version=f"{number}.0",
            key=str(number),
            created=first.created,
            metadata={},
            summary="",
        )
    page = main_of(browser.get(PAGE))
    assert page.count("/project/strong-box/") >= 50
    assert ">52.0</a>" in page
    assert ">2.0</a>" not in page
    assert "The newest 50." in page


def _file(release: Release, filename: str, **what: Any) -> None:
    model = File.objects.first()
    assert model is not None
    model.pk, model.release, model.filename = None, release, filename
    model.authenticated, model.attested = "trusted-publisher", "publisher" in what
    for name, value in what.items():
        setattr(model, name, value)
    model.save(force_insert=True)
