"""The publishing page of a project: who publishes, adding, confirming and removing publishers, how releases came."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.sections import Feature
from strongroom.projects import access
from strongroom.projects.models import File, Project, Role
from strongroom.tokens.models import Token
from strongroom.trust.models import Issuer, Publisher
from tests.support.configuration import configured
from tests.support.people import PASSWORD, mails, person
from tests.trust.trusting import GITHUB, OTHER, come_with, github, provider, trusted
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

PAGE = "/manage/project/strong-box/publishing/"
SCRIPT = "<script>alert(1)</script>"
FIELDS = {
    "github": {"owner": "acme", "repository": "widget", "workflow": "release.yml"},
    "gitlab": {"namespace": "acme/tools", "project": "widget", "workflow": ".gitlab-ci.yml"},
    "google": {"email": "publisher@acme.iam.gserviceaccount.com"},
    "activestate": {"organization": "acme", "project": "widget", "actor": "alice"},
}
WRONG = {
    "github": {
        "owner": "-acme",
        "repository": "a/b",
        "workflow": "../release.yml",
        "environment": "a\u202eb",
        "ref": "main",
        "workflow_repository": "acme",
    },
    "gitlab": {
        "namespace": "/acme",
        "project": "a/b",
        "workflow": "../x.yml",
        "ref": "refs/merge-requests/1",
    },
    "google": {"email": "publisher", "sub": "x"},
    "activestate": {"organization": "-", "project": "a/b", "actor": "a:b"},
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


def maintainer(project: Project) -> User:
    user = person("bob")
    Role.objects.create(project=project, user=user, kind=Role.Kind.MAINTAINER)
    return user


def form_of(provider: str, fields: dict[str, str]) -> dict[str, str]:
    return {"provider": provider, **{f"identity-{name}": value for name, value in fields.items()}}


def added() -> int:
    return Entry.objects.filter(tag="publisher.added").count()


@pytest.mark.parametrize("kind", list(FIELDS))
def test_an_owner_adds_a_publisher_of_each_provider(
    browser: Client, kind: str, mailoutbox: list[Any]
) -> None:
    shown = main_of(browser.get(f"{PAGE}?provider={kind}"))
    for name in FIELDS[kind]:
        assert f'name="identity-{name}"' in shown
    answer = browser.post(PAGE, form_of(kind, FIELDS[kind]))
    assert location_of(answer) == PAGE
    row = Publisher.objects.get()
    assert {name: value for name, value in row.wanted.items() if value} == FIELDS[kind]
    assert (row.project.normalized, row.added_by_name, added()) == ("strong-box", "alice", 1)
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    page = main_of(browser.get(PAGE))
    assert row.name in page
    assert "not used yet" in page
    assert ("It names no environment" in page) == (kind in {"github", "gitlab"})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [(kind, field, value) for kind, fields in WRONG.items() for field, value in fields.items()],
)
def test_a_field_that_cannot_be_right_is_told_beside_it(
    browser: Client, kind: str, field: str, value: str
) -> None:
    answer = browser.post(PAGE, form_of(kind, {**FIELDS[kind], field: value}))
    page = main_of(answer)
    assert (answer.status_code, refused_in(answer)) == (422, "publisher_field_invalid")
    assert f'href="#id_identity-{field}"' in page
    assert f'id="id_identity-{field}_error"' in page
    assert not Publisher.objects.exists()
    assert added() == 0


@pytest.mark.parametrize(
    "text", ["a" * 10**5, "a\0b", "a\r\nb", SCRIPT, "\N{KELVIN SIGN}", "a\N{RIGHT-TO-LEFT OVERRIDE}b"]
)
def test_hostile_text_in_any_field_adds_nothing_and_is_shown_as_text(browser: Client, text: str) -> None:
    for kind, fields in FIELDS.items():
        for field in fields:
            answer = browser.post(PAGE, form_of(kind, {**fields, field: text}))
            assert answer.status_code == 422, (kind, field)
            assert SCRIPT not in text_of(answer)
    assert not Publisher.objects.exists()


@pytest.mark.parametrize("kind", list(FIELDS))
def test_fields_that_are_missing_are_all_named_at_once(browser: Client, kind: str) -> None:
    answer = browser.post(PAGE, {"provider": kind})
    assert (answer.status_code, refused_in(answer)) == (422, "required")
    assert main_of(answer).count('class="field-error"') == len(FIELDS[kind])
    assert not Publisher.objects.exists()


def test_the_environment_that_is_named_is_wanted_and_nobody_is_warned(browser: Client) -> None:
    browser.post(PAGE, form_of("github", {**FIELDS["github"], "environment": "release"}))
    page = main_of(browser.get(PAGE))
    assert "It names no environment" not in page
    assert "any environment" not in page
    assert Publisher.objects.get().wanted["environment"] == "release"


def test_a_link_fills_the_fields_in_and_adds_nothing(browser: Client) -> None:
    link = "?provider=github&owner=acme&repository=widget&workflow_filename=release.yml&environment=pypi"
    page = main_of(browser.get(PAGE + link))
    for name, value in (("owner", "acme"), ("workflow", "release.yml"), ("environment", "pypi")):
        assert f'name="identity-{name}" value="{value}"' in page
    assert not Publisher.objects.exists()
    page = text_of(browser.get(PAGE, {"provider": "github", "owner": SCRIPT}))
    assert SCRIPT not in page
    assert SCRIPT in unescape(page)


def test_an_unknown_provider_is_refused_and_the_known_ones_are_offered(browser: Client) -> None:
    for asked in ("", "https://unknown.example", "bitbucket", "generic", "a\0"):
        answer = browser.post(PAGE, form_of(asked, FIELDS["github"]))
        assert (answer.status_code, refused_in(answer)) == (404, "issuer_unknown")
        assert "?provider=github#add" in main_of(answer)
    assert not Publisher.objects.exists()


def test_claims_of_an_operators_provider_are_fields_even_under_the_names_of_other_fields(
    browser: Client,
) -> None:
    claims = ("name", "provider", "csrfmiddlewaretoken", "kubernetes.io/namespace")
    provider(OTHER, "generic", fields=claims)
    values = {name: f"of {name}" for name in claims}
    answer = browser.post(PAGE, form_of(OTHER, {**values, "name": "a\nb"}))
    assert refused_in(answer) == "publisher_field_invalid"
    assert 'id="id_identity-name_error"' in main_of(answer)
    browser.post(PAGE, form_of(OTHER, values))
    assert Publisher.objects.get().wanted == values


def test_the_same_identity_is_refused_a_second_time(browser: Client) -> None:
    for code in ("", "publisher_taken"):
        answer = browser.post(PAGE, form_of("github", FIELDS["github"]))
        assert refused_in(answer) == code
    assert Publisher.objects.count() == 1


def test_names_and_claims_are_shown_as_text(browser: Client, project: Project) -> None:
    provider(OTHER, "generic", fields=("sub",))
    Issuer.objects.update(name=SCRIPT)
    browser.post(PAGE, form_of(OTHER, {"sub": SCRIPT}))
    row = Publisher.objects.get()
    File.objects.update(
        authenticated="trusted-publisher",
        publisher={
            "kind": "generic",
            "name": SCRIPT,
            "ref": SCRIPT,
            "sha": SCRIPT,
            "url": "javascript:alert(1)",
        },
    )
    for path in (PAGE, f"{PAGE}?provider={OTHER}", f"{PAGE}{row.pk}/remove/"):
        page = text_of(browser.get(path))
        assert SCRIPT in unescape(page)
        assert SCRIPT not in page
        assert "javascript:" not in page


def test_a_maintainer_looks_and_changes_nothing(publisher: Publisher, project: Project) -> None:
    bob = browser_of(maintainer(project))
    page = main_of(bob.get(PAGE))
    assert publisher.name in page
    assert "Add a publisher" not in page
    assert "/remove/" not in page
    for path in (PAGE, f"{PAGE}{publisher.pk}/remove/", f"{PAGE}{publisher.pk}/confirm/"):
        answer = bob.post(path, form_of("github", FIELDS["github"]))
        assert (answer.status_code, refused_in(answer)) == (403, "project_not_owned")
    assert Publisher.objects.get().pk == publisher.pk


def test_a_stranger_sees_nothing(publisher: Publisher) -> None:
    mallory = browser_of(person("mallory"))
    for path in (PAGE, f"{PAGE}try/", f"{PAGE}{publisher.pk}/remove/"):
        answer = mallory.get(path)
        assert (answer.status_code, refused_in(answer)) == (403, "project_not_yours")
        assert publisher.name not in text_of(answer)


def test_an_owner_whose_proof_is_old_is_asked_and_the_form_is_kept(alice: User, project: Project) -> None:
    # SU-06
    stale = browser_of(alice, fresh=False)
    answer = stale.post(PAGE, form_of("github", {**FIELDS["github"], "environment": "release"}))
    assert "/account/reauthenticate/" in location_of(answer)
    assert not Publisher.objects.exists()
    proven = stale.post(location_of(answer), {"password": PASSWORD})
    page = main_of(stale.get(location_of(proven)))
    assert "Let acme/widget, release.yml, release publish the project strong-box." in page
    assert "Environment: release" in page
    assert 'name="identity-owner" value="acme"' in page


def test_removing_names_what_is_lost_and_ends_live_tokens(browser: Client, publisher: Publisher) -> None:
    # TP-23
    come_with(github())
    assert Token.objects.count() == 1
    question = main_of(browser.get(f"{PAGE}{publisher.pk}/remove/"))
    assert "Tokens that it has got end now" in question
    assert Publisher.objects.exists()
    assert location_of(browser.post(f"{PAGE}{publisher.pk}/remove/")) == PAGE
    assert not Publisher.objects.exists()
    assert not Token.objects.exists()
    assert browser.post(f"{PAGE}{publisher.pk}/remove/").status_code == 404


def test_publishers_of_other_projects_are_nobodys(alice: User, browser: Client, publisher: Publisher) -> None:
    # D6
    publish(alice, "Other")
    for act in ("remove", "confirm"):
        assert browser.post(f"/manage/project/other/publishing/{publisher.pk}/{act}/").status_code == 404
    assert Publisher.objects.exists()


def test_a_provider_that_is_not_believed_any_more_is_told(browser: Client, publisher: Publisher) -> None:
    Issuer.objects.all().delete()
    page = main_of(browser.get(PAGE))
    assert "does not believe its identity provider" in page
    assert GITHUB in page


def test_a_site_without_trusted_publishing_says_so_and_adds_nothing(
    browser: Client, publisher: Publisher
) -> None:
    with configured("trusted_publishing", enabled=Feature.OFF):
        page = main_of(browser.get(PAGE))
        assert "This site takes no trusted publishers at present" in page
        assert publisher.name in page
        assert 'id="add"' not in page
        assert 'id="try"' not in page
        for path in (PAGE, f"{PAGE}try/"):
            answer = browser.post(path, {**form_of("github", FIELDS["github"]), "token": "x"})
            assert (answer.status_code, refused_in(answer)) == (404, "trusted_publishing_off")
    assert Publisher.objects.count() == 1


def test_a_beta_says_so(browser: Client) -> None:
    assert "Trusted publishing is new here." not in main_of(browser.get(PAGE))
    with configured("trusted_publishing", enabled=Feature.BETA):
        assert "Trusted publishing is new here." in main_of(browser.get(PAGE))


def test_another_spelling_leads_to_the_page_with_what_a_link_fills_in(browser: Client) -> None:
    answer = browser.get("/manage/project/Strong.Box/publishing/?provider=github&owner=acme")
    assert location_of(answer) == f"{PAGE}?provider=github&owner=acme"
