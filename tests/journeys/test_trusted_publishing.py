"""Trusted publishing from end to end: real clients, a real OpenID provider, a real server over HTTPS."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.publishing_clients import fresh_name, wheel
from tests.journeys.trusted_site import Site, running_site, succeeded
from tests.support.clients import said
from tests.support.openid.provider import Provider, running_provider
from tests.support.publishing import listed
from tests.support.runs import Run, in_github, in_gitlab, on_a_server

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def github(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider whose tokens are read as those of GitHub Actions."""
    with running_provider(tmp_path_factory.mktemp("github")) as provider:
        site.console("issuer", url=provider.issuer, kind="github")
        yield provider


@pytest.fixture(scope="module")
def gitlab(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider whose tokens are read as those of GitLab CI/CD."""
    with running_provider(tmp_path_factory.mktemp("gitlab")) as provider:
        site.console("issuer", url=provider.issuer, kind="gitlab")
        yield provider


@pytest.fixture(scope="module")
def other(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider of which an operator has said what to read."""
    with running_provider(tmp_path_factory.mktemp("other")) as provider:
        site.console("issuer", url=provider.issuer, kind="generic", fields=["sub"], rules={"sub": "job:*"})
        yield provider


def test_uv_publishes_from_github_actions(site: Site, github: Provider, tmp_path: Path) -> None:
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    before = site.console.counts()["Token"]
    file = wheel(tmp_path, name)
    assert succeeded(site.by_uv(file, provider=github, run=run))
    assert_published(site, file.path.name, kind="github", name=f"acme/{name}, release.yml")
    assert site.console.counts()["Token"] == before  # it gives its token back


def test_twine_publishes_from_github_actions(site: Site, github: Provider, tmp_path: Path) -> None:
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    file = wheel(tmp_path, name)
    assert succeeded(site.by_twine(file, provider=github, run=run))
    assert_published(site, file.path.name, kind="github", name=f"acme/{name}, release.yml")


def test_uv_publishes_from_gitlab(site: Site, gitlab: Provider, tmp_path: Path) -> None:
    name = fresh_name()
    run = gitlab_run(name, gitlab)
    site.trusts(run, gitlab, project=name)
    file = wheel(tmp_path, name)
    assert succeeded(site.by_uv(file, provider=gitlab, run=run))
    assert_published(site, file.path.name, kind="gitlab", name=f"acme/tools/{name}, .gitlab-ci.yml")


def test_twine_publishes_from_gitlab(site: Site, gitlab: Provider, tmp_path: Path) -> None:
    name = fresh_name()
    run = gitlab_run(name, gitlab)
    site.trusts(run, gitlab, project=name)
    file = wheel(tmp_path, name)
    assert succeeded(site.by_twine(file, provider=gitlab, run=run))
    assert_published(site, file.path.name, kind="gitlab", name=f"acme/tools/{name}, .gitlab-ci.yml")


def test_any_service_publishes_by_two_plain_requests(site: Site, other: Provider, tmp_path: Path) -> None:
    """As the public publishing action does it, and whoever has no tool for that."""
    name = fresh_name()
    run = on_a_server(name)
    site.trusts(run, other, project=name)
    with site.http() as client:
        audience = client.get("/_/oidc/audience").json()["audience"]
        identity = other.token(audience=audience, **run.claims)
        minted = client.post("/_/oidc/mint-token", json={"token": identity})
        assert (minted.status_code, minted.json()["success"]) == (200, True)
        token = minted.json()["token"]
        file, second = wheel(tmp_path, name), wheel(tmp_path, name, version="2.0")
        assert succeeded(site.with_token(file, token))
        assert_published(site, file.path.name, kind="generic", name=f"job:{name}")
        assert client.post("/_/oidc/burn-token", json={"token": token}).status_code == 202
    assert "403 Forbidden" in refused_by_twine(site, second, token)


def test_the_first_upload_of_a_pending_publisher_makes_the_project(
    site: Site, github: Provider, tmp_path: Path
) -> None:
    name = fresh_name()
    run = in_github(name)
    site.console("pending", username="alice", name=name, issuer=github.issuer, wanted=run.wanted)
    for version in ("1.0", "2.0"):
        file = wheel(tmp_path, name, version=version)
        assert succeeded(site.by_uv(file, provider=github, run=run))
        assert_published(site, file.path.name, kind="github", name=f"acme/{name}, release.yml")
    assert site.console("owners", project=name) == ["alice"]
    assert site.console.counts()["PendingPublisher"] == 0
    assert len(listed(site.server, name)) == 2


@pytest.mark.parametrize("client", ["by_uv", "by_twine"])
def test_a_run_that_no_publisher_fits_is_told_so(
    client: str, site: Site, github: Provider, tmp_path: Path
) -> None:
    name = fresh_name()
    site.trusts(in_github(name), github, project=name)
    before = site.console.counts()
    stranger = in_github(fresh_name("stranger"))
    refused = getattr(site, client)(wheel(tmp_path, name), provider=github, run=stranger)
    assert refused.returncode != 0
    assert "invalid-publisher" in said(refused)
    assert said(refused).count("publisher") > 1  # the sentence beside the code
    assert site.console.counts() == before


def test_a_run_that_strangers_can_start_publishes_nothing(
    site: Site, github: Provider, tmp_path: Path
) -> None:
    # TP-16
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    outside = Run(run.kind, {**run.claims, "event_name": "pull_request_target"}, run.wanted)
    identity = github.token(audience=site.audience, **outside.claims)
    assert site.refusal(identity) == "publisher_event"
    refused = site.by_uv(wheel(tmp_path, name), provider=github, run=outside)
    assert refused.returncode != 0
    assert listed(site.server, name) == {}


def test_a_minted_token_is_for_its_project_alone(site: Site, github: Provider, tmp_path: Path) -> None:
    # TP-25
    name, unrelated = fresh_name(), fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    token = site.token(github, run)
    site.console("project", username="alice", name=unrelated)
    before = site.console.counts()
    assert f"not for the project '{unrelated}'" in refused_by_twine(site, wheel(tmp_path, unrelated), token)
    assert site.console.counts() == before
    assert succeeded(site.with_token(wheel(tmp_path, name), token))


def test_a_token_asked_for_one_file_is_good_for_one(site: Site, github: Provider, tmp_path: Path) -> None:
    # TP-25
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    token = site.token(github, run, features=["single-use-token"])
    assert succeeded(site.with_token(wheel(tmp_path, name), token))
    before = site.console.counts()
    assert "used up" in refused_by_twine(site, wheel(tmp_path, name, version="2.0"), token)
    assert site.console.counts() == before


def test_a_token_for_another_index_is_refused(site: Site, github: Provider) -> None:
    # TP-05
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    for audience in ("https://index.example", f"{site.audience}/", urlsplit(site.audience).netloc):
        identity = github.token(audience=audience, **run.claims)
        assert site.refusal(identity) == "identity_audience"


def test_a_used_identity_token_stays_used_after_a_restart(site: Site, github: Provider) -> None:
    # TP-12
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    identity = github.token(audience=site.audience, **run.claims)
    assert site.mint(identity).status_code == 200
    assert site.refusal(identity) == "identity_reused"
    site.server.restart()
    assert site.refusal(identity) == "identity_reused"


def test_a_removed_publisher_takes_its_live_tokens_along(
    site: Site, github: Provider, tmp_path: Path
) -> None:
    # TP-23
    name = fresh_name()
    run = in_github(name)
    publisher = site.trusts(run, github, project=name)
    token = site.token(github, run)
    assert succeeded(site.with_token(wheel(tmp_path, name), token))
    identity = github.token(audience=site.audience, **run.claims)
    site.console("remove_publisher", username="alice", project=name, publisher=publisher)
    before = site.console.counts()
    assert "403 Forbidden" in refused_by_twine(site, wheel(tmp_path, name, version="2.0"), token)
    assert site.refusal(identity) == "publisher_unknown"
    assert site.console.counts() == before


def test_projects_for_trusted_publishers_alone_take_them(
    site: Site, github: Provider, tmp_path: Path
) -> None:
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, github, project=name)
    site.console("level_of_project", username="alice", project=name, level="trusted")
    own = site.console.token(name=name)
    assert "trusted publishers only" in refused_by_twine(site, wheel(tmp_path, name), own)
    assert succeeded(site.by_uv(wheel(tmp_path, name), provider=github, run=run))


def test_tools_discover_where_to_exchange(site: Site) -> None:
    # TP-30
    with site.http() as client:
        asked = {"discover": "/legacy/"}
        found = client.get("/.well-known/pytp", params=asked, headers={"Host": "mallory.example"})
        assert found.status_code == 200
        assert found.json()["token-mint-endpoint"] == f"{site.server.base_url}/_/oidc/mint-token"
        audience = client.get(found.json()["audience-endpoint"]).json()
        assert audience == {"audience": site.audience}
        assert client.get("/.well-known/pytp", params={"discover": "/other/"}).status_code == 404


def gitlab_run(name: str, provider: Provider) -> Run:
    return in_gitlab(name, host=urlsplit(provider.issuer).netloc)


def assert_published(site: Site, filename: str, *, kind: str, name: str) -> None:
    """The file's row says who published it: no account, but the publisher."""
    file = site.console("file", filename=filename)
    assert file["authenticated"] == "trusted-publisher"
    assert (file["publisher"]["kind"], file["publisher"]["name"]) == (kind, name)
    assert file["uploader"] == name
    assert filename in listed(site.server, file["project"])


def refused_by_twine(site: Site, file: object, token: str) -> str:
    """What twine prints of the refusal."""
    refused = site.with_token(file, token)  # type: ignore[arg-type]
    assert refused.returncode != 0
    return said(refused)
