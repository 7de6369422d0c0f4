"""What publishing tools hear when they come with an identity token."""

import json
from collections.abc import Iterator
from unittest.mock import patch

import httpx
import pytest
from django.conf import settings

from strongroom.accounts.models import User
from strongroom.api import endpoints
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from strongroom.trust import issuer_keys
from strongroom.trust.identity import audience
from strongroom.trust.models import UsedIdentity
from tests.api.calling import Api, code_of, refused
from tests.support.configuration import configured
from tests.support.people import person
from tests.trust.trusting import RUNNER, github, project_of, provider, signed, trusted

pytestmark = pytest.mark.django_db(transaction=True)

MINT = "/_/oidc/mint-token"
DISCOVER = "/.well-known/pytp?discover=%2Flegacy%2F"


@pytest.fixture
def alice() -> User:
    provider()
    return person()


@pytest.fixture
def widget(alice: User) -> None:
    trusted(alice, project_of(alice))


def legacy(answer: httpx.Response) -> str:
    """The code that the public index would give."""
    (error,) = answer.json()["errors"]
    assert answer.json()["message"] == "Token request failed"
    assert error["description"]
    return str(error["code"])


@pytest.mark.parametrize("path", [MINT, "/_/oidc/github/mint-token"])
def test_an_identity_token_is_exchanged(api: Api, widget: None, path: str) -> None:
    answer = api.post(path, json={"token": signed(github())})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    minted = answer.json()
    assert set(minted) == {"success", "token", "expires"}
    assert minted["success"] is True
    assert 0 <= minted["expires"] - clock.timestamp() <= 900
    assert verify(minted["token"], origin=RUNNER).publisher is not None


@pytest.mark.parametrize(
    ("features", "uses"),
    [([], 0), (["multi-use-token"], 0), (["single-use-token"], 1), (["single-use-token"] * 2, 1)],
)
def test_a_tool_may_ask_for_a_token_that_is_good_once(
    api: Api, widget: None, features: list[str], uses: int
) -> None:
    answer = api.post(MINT, json={"token": signed(github()), "features": features})
    assert answer.status_code == 200
    assert len(verify(answer.json()["token"], origin=RUNNER).allowances) == uses


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b"", "body_malformed", 422),
        (b"[]", "body_malformed", 422),
        (b"token", "body_malformed", 422),
        (b"\xff", "body_malformed", 422),
        (b'{"token": "a", "token": "b"}', "body_malformed", 422),
        (b'{"token": "a", "x": NaN}', "body_malformed", 422),
        (b'{"x":' * 5000 + b"1" + b"}" * 5000, "body_malformed", 422),
        (b"{}", "mint_malformed", 422),
        (b'{"token": 1}', "mint_malformed", 422),
        (b'{"token": ["a"]}', "mint_malformed", 422),
        (b'{"token": "a", "features": "single-use-token"}', "mint_malformed", 422),
        (b'{"token": "a", "features": [1]}', "mint_malformed", 422),
        (b'{"token": "a", "features": ["for-ever"]}', "mint_features", 422),
        (b'{"token": "a", "features": ["single-use-token", "multi-use-token"]}', "mint_features", 422),
        (b'{"token": "' + b"a" * 70_000 + b'"}', "body_too_large", 413),
        (b'{"token": ""}', "identity_malformed", 422),
        (b'{"token": "\\u0000"}', "identity_malformed", 422),
        (b'{"token": "\\ud800"}', "body_malformed", 422),
    ],
)
def test_what_is_no_request_is_an_invalid_payload(
    api: Api, widget: None, body: bytes, code: str, status: int
) -> None:
    answer = api.post(MINT, content=body)
    assert refused(answer) == (status, code)
    assert legacy(answer) == "invalid-payload"
    assert answer.headers["content-type"] == "application/json"
    assert not UsedIdentity.objects.exists()
    assert not Token.objects.exists()


def test_each_refusal_has_the_code_that_tools_know(api: Api, alice: User, widget: None) -> None:
    once = signed(github())
    assert api.post(MINT, json={"token": once}).status_code == 200
    answers = {
        "reused": api.post(MINT, json={"token": once}),
        "another repository": api.post(MINT, json={"token": signed(github(repository="acme/other"))}),
        "a pull request": api.post(MINT, json={"token": signed(github(event_name="pull_request_target"))}),
        "for another site": api.post(MINT, json={"token": signed(github(aud="https://other.example"))}),
        "of an unknown issuer": api.post(MINT, json={"token": signed(github(iss="https://evil.example"))}),
    }
    assert {case: (answer.status_code, legacy(answer)) for case, answer in answers.items()} == {
        "reused": (422, "invalid-reuse-token"),
        "another repository": (422, "invalid-publisher"),
        "a pull request": (422, "invalid-publisher"),
        "for another site": (422, "invalid-token"),
        "of an unknown issuer": (422, "invalid-payload"),
    }
    assert Token.objects.count() == 1


def test_a_refusal_is_a_problem_document_too(api: Api, widget: None) -> None:  # PEP 807, RFC 9457
    told = api.post(MINT, json={"token": signed(github(aud="https://other.example"))}).json()
    assert (told["status"], told["refusal"]) == (422, "identity_audience")
    assert told["title"] == told["detail"] == told["errors"][0]["description"]


def test_too_many_exchanges_say_when_to_come_again(api: Api, widget: None) -> None:
    with patch("strongroom.api.trusted.exchange.exchange") as exchange:
        exchange.side_effect = Refused("too_many_attempts", "Too many attempts.", retry_after=60)
        answer = api.post(MINT, json={"token": "x"})
    assert refused(answer) == (429, "too_many_attempts")
    assert answer.headers["retry-after"] == "60"


def test_a_site_without_trusted_publishing_says_so(api: Api, widget: None) -> None:
    with configured("trusted_publishing", enabled=Feature.OFF):
        answer = api.post(MINT, json={"token": signed(github())})
        assert (answer.status_code, legacy(answer)) == (422, "not-enabled")
        assert refused(api.get("/_/oidc/audience")) == (403, "trusted_publishing_off")
        assert refused(api.get(DISCOVER)) == (404, "discovery_unknown")
    assert not UsedIdentity.objects.exists()


def test_the_audience_is_told_and_is_the_one_that_is_asked_for(api: Api) -> None:
    answer = api.get("/_/oidc/audience", host="evil.example")
    assert (answer.status_code, answer.json()) == (200, {"audience": audience()})
    with configured("trusted_publishing", audience="pypi-at-acme"):
        assert api.get("/_/oidc/audience").json() == {"audience": "pypi-at-acme"}


def test_tools_are_told_where_to_ask_whatever_host_they_name(api: Api) -> None:  # TP-30
    headers = {"X-Forwarded-Host": "evil.example", "Accept": "application/vnd.pypi.pytp.v1+json"}
    for host in ("localhost:8000", "evil.example"):
        answer = api.get(DISCOVER, host=host, headers=headers)
        assert answer.status_code == 200
        base = settings.CONFIG.base_url
        assert answer.json() == {
            "audience-endpoint": f"{base}/_/oidc/audience",
            "token-mint-endpoint": f"{base}/_/oidc/mint-token",
            "features": ["single-use-token", "multi-use-token"],
            "default-features": ["multi-use-token"],
        }
        assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 404, "discovery_unknown"),
        ("?discover=", 404, "discovery_unknown"),
        ("?discover=%2F", 404, "discovery_unknown"),
        ("?discover=%2Flegacy", 404, "discovery_unknown"),
        ("?discover=%2Flegacy%2F%00", 400, "body_malformed"),
        ("?discover=%2Flegacy%2F&discover=%2F", 400, "body_malformed"),
        ("?discover=%ff", 400, "body_malformed"),
        ("?" + "&".join(f"a{number}=1" for number in range(50)), 400, "body_malformed"),
    ],
)
def test_other_upload_addresses_are_unknown(api: Api, query: str, status: int, code: str) -> None:  # TP-30
    answer = api.get(f"/.well-known/pytp{query}")
    assert refused(answer) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_discovery_has_one_format(api: Api) -> None:
    assert refused(api.get(DISCOVER, headers={"Accept": "text/html"})) == (406, "format_unknown")
    assert api.get(DISCOVER, headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


def pending(times: int) -> Iterator[Refused | None]:
    for _ in range(times):
        yield Refused("issuer_keys_pending", "Wait.", retry_after=1)
    while True:
        yield None


@pytest.mark.parametrize(("times", "status"), [(2, 200), (100, 422)])
def test_who_needs_keys_that_another_is_fetching_waits_without_a_thread(
    api: Api, widget: None, times: int, status: int
) -> None:
    """The pause is shortened; how often is asked again is what six seconds allow."""
    waits, key_for, pauses = pending(times), issuer_keys.key_for, []

    def key_or_wait(*asked: object) -> object:
        if refusal := next(waits):
            raise refusal
        return key_for(*asked)  # type: ignore[arg-type]

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with (
        patch("strongroom.trust.identity.issuer_keys.key_for", key_or_wait),
        patch.object(endpoints.asyncio, "sleep", sleep),
        patch.object(endpoints.clock, "monotonic", lambda: float(len(pauses))),
    ):
        answer = api.post(MINT, json={"token": signed(github())})
    assert answer.status_code == status
    assert len(pauses) == min(times, 6)
    assert code_of(answer) == ("" if status == 200 else "issuer_keys_pending")
    assert json.loads(answer.text).get("success", False) is (status == 200)


def test_a_database_that_is_away_is_not_the_callers_fault(api: Api, widget: None) -> None:
    from django.db import OperationalError

    for error, status in ((OperationalError("down"), 503), (RuntimeError("bug"), 500)):
        with patch("strongroom.api.trusted.exchange.exchange", side_effect=error):
            answer = api.post(MINT, json={"token": "x"})
        assert answer.status_code == status
        assert "down" not in answer.text
        assert "bug" not in answer.text
