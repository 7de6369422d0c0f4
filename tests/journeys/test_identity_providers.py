"""Identity providers that change their keys, or are not there, while a site publishes by them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.publishing_clients import fresh_name, wheel
from tests.journeys.trusted_site import Site, running_site, succeeded
from tests.support.openid.provider import Provider, running_provider
from tests.support.publishing import upload
from tests.support.runs import Run, in_github

pytestmark = pytest.mark.journey

MINUTE = 60
REFRESH = 10 * MINUTE + 1  # after it keys are asked for again


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def provider(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as provider:
        site.console("issuer", url=provider.issuer, kind="github")
        a_run(site, provider)
        yield provider


@pytest.fixture
def run(site: Site, provider: Provider) -> Run:
    """A run that may publish; the site has asked for the provider's keys just now."""
    site.console("age_keys", issuer=provider.issuer, seconds=REFRESH)
    return a_run(site, provider)


def a_run(site: Site, provider: Provider) -> Run:
    name = fresh_name()
    run = in_github(name)
    site.trusts(run, provider, project=name)
    site.token(provider, run)
    return run


@contextmanager
def down(provider: Provider) -> Iterator[None]:
    """It does not answer, until the block ends."""
    provider.stop()
    try:
        yield
    finally:
        provider.start()


def identity(site: Site, provider: Provider, run: Run) -> str:
    return provider.token(audience=site.audience, **run.claims)


def test_keys_that_are_withdrawn_die_within_ten_minutes(site: Site, provider: Provider, run: Run) -> None:
    # TP-26
    by_old, later_by_old = (identity(site, provider, run) for _ in range(2))
    provider.rotate(keep_old=True)
    by_new = identity(site, provider, run)
    site.console("age_keys", issuer=provider.issuer, seconds=MINUTE + 1)
    assert site.mint(by_new).status_code == 200
    assert site.mint(by_old).status_code == 200  # both are published
    provider.withdraw_old()
    site.console("age_keys", issuer=provider.issuer, seconds=REFRESH)
    assert site.refusal(later_by_old) == "issuer_key_unknown"
    assert site.mint(identity(site, provider, run)).status_code == 200


def test_while_a_provider_is_down_its_known_keys_go_on(site: Site, provider: Provider, run: Run) -> None:
    # TP-27
    waiting = identity(site, provider, run)
    with down(provider):
        site.console("age_keys", issuer=provider.issuer, seconds=REFRESH)
        assert site.mint(waiting).status_code == 200


def test_while_a_provider_is_down_new_keys_wait_and_all_else_goes_on(
    site: Site, provider: Provider, run: Run, tmp_path: Path
) -> None:
    # TP-27, TP-28
    name = str(run.wanted["repository"])
    token = site.token(provider, run)
    provider.rotate(keep_old=False)
    by_new = identity(site, provider, run)
    with down(provider):
        site.console("age_keys", issuer=provider.issuer, seconds=MINUTE + 1)
        refused = site.mint(by_new)
        assert (refused.status_code, refused.headers["strongroom-refusal"]) == (422, "issuer_unreachable")
        assert 0 < int(refused.headers["retry-after"]) <= MINUTE + 1
        assert "invalid-token" in refused.text
        assert succeeded(site.with_token(wheel(tmp_path, name), token))
        second, of_alice = wheel(tmp_path, name, version="2.0"), site.console.token(name=name)
        assert upload(site.server, second.path, token=of_alice, name=name, version="2.0").status_code == 200
    site.console("age_keys", issuer=provider.issuer, seconds=MINUTE + 1)
    assert site.mint(by_new).status_code == 200


def test_keys_older_than_a_day_are_no_keys(site: Site, provider: Provider, run: Run) -> None:
    # TP-26
    waiting = identity(site, provider, run)
    with down(provider):
        site.console("age_keys", issuer=provider.issuer, seconds=24 * 3600 + 1)
        assert site.refusal(waiting) == "issuer_unreachable"


def test_one_provider_that_is_down_stops_no_other(
    site: Site, provider: Provider, run: Run, tmp_path: Path
) -> None:
    # TP-27
    with running_provider(tmp_path / "other") as other:
        site.console("issuer", url=other.issuer, kind="github")
        name = fresh_name()
        site.trusts(in_github(name), other, project=name)
        with down(provider):
            assert succeeded(site.by_uv(wheel(tmp_path, name), provider=other, run=in_github(name)))


def test_a_provider_that_is_believed_no_more_takes_its_live_tokens_along(
    site: Site, provider: Provider, run: Run, tmp_path: Path
) -> None:
    name = str(run.wanted["repository"])
    token = site.token(provider, run)
    later = identity(site, provider, run)
    site.console("remove_issuer", url=provider.issuer)
    try:
        before = site.console.counts()
        refused = upload(site.server, wheel(tmp_path, name).path, token=token, name=name)
        assert (refused.status_code, refused.headers["strongroom-refusal"]) == (403, "token_invalid")
        assert site.refusal(later) == "identity_issuer_unknown"
        assert site.console.counts() == before
    finally:
        site.console("issuer", url=provider.issuer, kind="github")
