"""The dry run says rule by rule what an exchange would find, and does nothing."""

import pytest

from strongroom.accounts.models import User
from strongroom.projects.access import KnownProject
from strongroom.tokens.models import Token
from strongroom.trust.dry_run import Look, look
from strongroom.trust.exchange import exchange
from strongroom.trust.models import Publisher, UsedIdentity
from tests.support.people import person, refusal_of
from tests.trust.signing import rsa_pen
from tests.trust.trusting import GITLAB, RUNNER, github, project_of, provider, signed, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget() -> KnownProject:
    provider()
    alice = person()
    project = project_of(alice)
    trusted(alice, project)
    trusted(alice, project, environment="release")
    return project


def seen(project: KnownProject, text: str) -> Look:
    return look(project.id, text, origin=RUNNER)


def code(found: Look) -> str:
    return found.problem.code if found.problem else ""


def test_it_shows_rule_by_rule_what_fits_and_leaves_nothing(widget: KnownProject) -> None:
    text = signed(github())
    for _ in range(2):
        found = seen(widget, f"  {text}\n")
        assert found.ok
        assert found.problem is None
        plain, strict = found.publishers
        assert plain.ok
        assert not strict.ok
        assert [finding.code for finding in strict.findings if not finding.ok] == ["publisher_environment"]
        (repository,) = [finding for finding in plain.findings if finding.claim == "repository"]
        assert (repository.wanted, repository.found) == ("acme/widget", "acme/widget")
    assert not Token.objects.exists()
    assert not UsedIdentity.objects.exists()
    assert not Publisher.objects.exclude(last_used=None).exists()
    assert exchange(text, origin=RUNNER).projects == ("widget",)
    again = seen(widget, text)
    assert code(again) == "identity_reused"
    assert not again.ok
    assert again.publishers[0].ok


def test_it_shows_the_ids_that_do_not_fit_any_more(widget: KnownProject) -> None:
    exchange(signed(github()), origin=RUNNER)
    found = seen(widget, signed(github(repository_id="2002")))
    (pin,) = [finding for finding in found.publishers[0].findings if not finding.ok]
    assert (pin.claim, pin.wanted, pin.found, pin.code) == (
        "repository_id", "1001", "2002", "publisher_resurrected",
    )  # fmt: skip


def test_what_is_shown_names_nobody(widget: KnownProject) -> None:
    # TP-31
    found = seen(widget, signed(github()))
    assert found.claims["repository"] == "acme/widget"
    assert "alice" not in str(found.claims)


def test_a_token_that_is_no_good_says_which_check_failed_and_shows_no_claims(widget: KnownProject) -> None:
    provider(GITLAB, "gitlab")
    now = github()
    expired = {name: int(str(now[name])) - 400 for name in ("iat", "nbf", "exp")}
    cases = {
        "identity_malformed": "nonsense",
        "identity_issuer_unknown": signed(github(iss="https://unknown.example")),
        "publisher_unknown": signed(github(iss=GITLAB)),
        "issuer_key_unknown": signed(github(), pen=rsa_pen()),
        "identity_audience": signed(github(aud="https://other.example")),
        "identity_expired": signed(github(**expired)),
        "identity_claims": signed(github(jti=None)),
        "identity_signature": signed(github())[:-8] + "AAAAAAAA",
    }
    for expected, text in cases.items():
        found = seen(widget, text)
        assert code(found) == expected
        assert (found.claims, found.publishers, found.ok) == ({}, (), False)


def test_looks_of_an_address_are_counted(widget: KnownProject) -> None:
    from strongroom.trust.dry_run import _PER_ADDRESS

    for _ in range(_PER_ADDRESS.count):
        assert code(seen(widget, "nonsense")) == "identity_malformed"
    assert refusal_of(lambda: seen(widget, "nonsense")) == "too_many_attempts"


def test_publishers_of_other_projects_are_not_looked_at(widget: KnownProject) -> None:
    bob: User = person("bob")
    trusted(bob, project_of(bob, "gadget"))
    assert len(seen(widget, signed(github())).publishers) == 2
