"""A real OpenID provider (django-oauth-toolkit): its tokens are believed, through rotations and while it is down."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import httpx
import pytest

from strongroom.kernel import clock
from strongroom.trust.issuer_keys import key_for
from strongroom.trust.jwt import Claims, peek, verify
from strongroom.trust.models import IssuerKeys
from tests.support.openid.provider import Provider, running_provider
from tests.support.patience import SECONDS
from tests.support.people import refusal_of
from tests.trust.serving import Known, publish, site
from tests.trust.signing import AUDIENCE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


def believed(provider: Provider, text: str, *, audience: str = AUDIENCE) -> Claims:
    """The whole way, but for looking up whether the issuer is known."""
    unverified = peek(text)
    assert unverified.issuer == provider.issuer
    key = key_for(Known(provider.issuer), unverified.key_id)
    return verify(text, key, issuer=provider.issuer, audience=audience)


def later(minutes: float) -> AbstractContextManager[None]:
    return clock.shifted(timedelta(minutes=minutes))


def test_its_tokens_are_believed(provider: Provider) -> None:
    claims = believed(
        provider, provider.token(audience=AUDIENCE, repository="acme/widget", sub="repo:acme/widget")
    )
    assert claims["repository"] == "acme/widget"
    assert claims["sub"] == "repo:acme/widget"
    assert claims["aud"] == AUDIENCE
    assert claims.identifier == claims["jti"]


def test_its_tokens_for_others_are_refused(provider: Provider) -> None:  # TP-05
    text = provider.token(audience="https://other.example")
    assert refusal_of(partial(believed, provider, text)) == "identity_audience"
    with later(6):
        text = provider.token(audience=AUDIENCE)
        assert refusal_of(partial(believed, provider, text)) == "identity_expired"


def test_each_token_has_an_identifier_of_its_own(provider: Provider) -> None:
    identifiers = [believed(provider, provider.token(audience=AUDIENCE)).identifier for _ in range(2)]
    assert identifiers[0] != identifiers[1]


def test_its_keys_rotate(provider: Provider) -> None:  # TP-26
    old = provider.token(audience=AUDIENCE)
    assert believed(provider, old)
    provider.rotate(keep_old=True)
    new = provider.token(audience=AUDIENCE)
    assert peek(old).key_id != peek(new).key_id
    assert (
        refusal_of(partial(believed, provider, new)) == "issuer_key_unknown"
    )  # asked less than a minute ago
    with later(1):
        assert believed(provider, new)
        assert believed(provider, old)
    provider.withdraw_old()
    known = Known(provider.issuer)
    with later(11):
        assert refusal_of(partial(key_for, known, peek(old).key_id)) == "issuer_key_unknown"
        assert key_for(known, peek(new).key_id)


def test_a_compromised_key_is_replaced_at_once(provider: Provider) -> None:  # TP-26
    old = provider.token(audience=AUDIENCE)
    assert believed(provider, old)
    provider.rotate(keep_old=False)
    new = provider.token(audience=AUDIENCE)
    with later(1):
        assert believed(provider, new)
        assert refusal_of(partial(believed, provider, old)) == "issuer_key_unknown"


def test_it_goes_down_and_comes_back(provider: Provider) -> None:  # TP-27
    text = provider.token(audience=AUDIENCE)
    provider.stop()
    try:
        assert refusal_of(partial(believed, provider, text)) == "issuer_unreachable"
        with site() as other:
            publish(other)
            assert refusal_of(partial(key_for, Known(other.origin), "rsa")) == "issuer_key_unknown"
        assert IssuerKeys.objects.get(issuer=provider.issuer).failed == "no answer (ConnectError)"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", provider.port), SECONDS)
    finally:
        provider.start()
    with later(1):
        assert believed(provider, text)


def test_a_job_of_github_actions_asks_for_its_token(provider: Provider) -> None:
    with provider.in_actions(repository="acme/widget") as environment:
        url = f"{environment['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={AUDIENCE}"
        assert httpx.get(url, trust_env=False, timeout=SECONDS).status_code == 401
        headers = {"Authorization": f"bearer {environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
        answer = httpx.get(url, headers=headers, trust_env=False, timeout=SECONDS)
    assert believed(provider, answer.json()["value"])["repository"] == "acme/widget"
