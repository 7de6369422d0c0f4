"""Trying an identity token on the publishing page: what fits and what does not, and nothing is left of it."""

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.projects import access
from strongroom.projects.models import Project, Role
from strongroom.tokens.models import Token
from strongroom.trust.exchange import exchange
from strongroom.trust.identity import audience
from strongroom.trust.models import Publisher, UsedIdentity
from tests.support.people import person
from tests.trust.trusting import RUNNER, github, provider, signed, trusted
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

PAGE = "/manage/project/strong-box/publishing/try/"


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def project(alice: User) -> Project:
    provider()
    project = publish(alice)
    trusted(alice, access.owned_by(alice.pk, "strong-box"), environment="release")
    return project


@pytest.fixture
def browser(alice: User, project: Project) -> Client:
    return browser_of(alice)


def test_it_tells_rule_by_rule_and_the_token_is_as_good_as_before(browser: Client) -> None:
    text = signed(github(environment="release"))
    before = Entry.objects.count()
    for _ in range(2):
        answer = browser.post(PAGE, {"token": f"  {text}\n"})
        page = main_of(answer)
        assert (answer.status_code, refused_in(answer)) == (200, "")
        assert "This token would be taken" in page
        assert "Nothing was minted, nothing was used up" in page
        assert ">does not hold<" not in page
        for claim in ("repository", "job_workflow_ref", "event_name", "environment", "repository_id"):
            assert f'<code translate="no">{claim}</code>' in page
    assert not Token.objects.exists()
    assert not UsedIdentity.objects.exists()
    assert Publisher.objects.get().last_used is None
    assert Entry.objects.count() == before
    assert exchange(text, origin=RUNNER).projects == ("strong-box",)


def test_a_rule_that_does_not_hold_says_what_was_wanted_and_found(browser: Client) -> None:
    page = main_of(browser.post(PAGE, {"token": signed(github(environment="staging"))}))
    assert "This token would be refused." in page
    assert 'data-code="publisher_environment"' in page
    for text in ("staging", "release", "Another environment, or none"):
        assert text in page


def test_the_token_is_in_no_page_and_no_cache(browser: Client) -> None:
    for text in (signed(github()), "not a token at all"):
        answer = browser.post(PAGE, {"token": text})
        assert text not in text_of(answer)
        assert answer.headers["Cache-Control"] == "no-store"
    too_long = "a" * 40_000
    answer = browser.post(PAGE, {"token": too_long})
    assert (answer.status_code, refused_in(answer)) == (422, "max_length")
    assert "aaaa" not in text_of(answer)
    form = text_of(browser.get(PAGE))
    assert 'autocomplete="off"' in form
    assert audience() in form


def test_what_is_wrong_with_the_token_itself_is_told(browser: Client) -> None:
    used = signed(github(environment="release"))
    exchange(used, origin=RUNNER)
    cases = {
        "identity_malformed": "nonsense",
        "identity_issuer_unknown": signed(github(iss="https://unknown.example")),
        "identity_audience": signed(github(aud="https://other.example")),
        "identity_reused": used,
    }
    for code, text in cases.items():
        answer = browser.post(PAGE, {"token": text})
        assert (answer.status_code, refused_in(answer)) == (200, code)
        assert "This token would be refused." in main_of(answer)


def test_claims_are_shown_as_text_and_name_nobody(browser: Client) -> None:
    # TP-31
    script = "<script>alert(1)</script>"
    answer = browser.post(PAGE, {"token": signed(github(environment=script, actor="mallory"))})
    assert script not in text_of(answer)
    assert script in main_of(answer)
    assert "mallory" not in text_of(answer)


def test_a_maintainer_may_try_and_others_may_not(project: Project) -> None:
    text = signed(github(environment="release"))
    bob = person("bob")
    Role.objects.create(project=project, user=bob, kind=Role.Kind.MAINTAINER)
    assert "would be taken" in main_of(browser_of(bob, fresh=False).post(PAGE, {"token": text}))
    answer = browser_of(person("mallory")).post(PAGE, {"token": text})
    assert (answer.status_code, refused_in(answer)) == (403, "project_not_yours")
    assert "/account/login/" in location_of(nobody().post(PAGE, {"token": text}))


def test_too_many_tries_are_refused_for_a_while(browser: Client) -> None:
    for _ in range(60):
        assert browser.post(PAGE, {"token": "x"}).status_code == 200
    answer = browser.post(PAGE, {"token": "x"})
    assert (answer.status_code, refused_in(answer)) == (429, "too_many_attempts")
    assert int(answer.headers["Retry-After"]) > 0
