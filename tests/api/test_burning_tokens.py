"""Tokens of trusted publishers that their tools give back as soon as they have published."""

import pytest

from strongroom.audit.models import Entry
from strongroom.publish.credentials import make_token
from strongroom.tokens.models import Token
from tests.api.calling import Api, refused
from tests.support.people import as_user, person
from tests.trust.trusting import come_with, github, project_of, provider, trusted

pytestmark = pytest.mark.django_db(transaction=True)

BURN = "/_/oidc/burn-token"


def test_a_token_that_is_given_back_is_no_token_any_more(api: Api) -> None:
    provider()
    alice = person()
    trusted(alice, project_of(alice))
    minted, other = come_with(github()), come_with(github())
    answer = api.post(BURN, json={"token": str(minted.secret)})
    assert answer.status_code == 202
    assert Token.objects.count() == 1
    assert api.get("/_/token", headers={"Authorization": f"Bearer {minted.secret}"}).status_code == 403
    assert api.get("/_/token", headers={"Authorization": f"Bearer {other.secret}"}).status_code == 200
    (entry,) = Entry.objects.filter(tag="token.revoked")
    assert (entry.project, entry.outcome) == ("widget", "done")


def test_tokens_of_people_are_not_given_back(api: Api) -> None:
    alice = person()
    mine = make_token(alice, name="laptop", by=as_user(alice))
    assert api.post(BURN, json={"token": str(mine.secret)}).status_code == 202
    assert Token.objects.get() == mine.token


@pytest.mark.parametrize("text", ["", "x", "strongroom-AgEKc3Ryb25ncm9vbQ", "\u20ac", "x" * 50_000])
def test_what_is_no_token_is_taken_in_silence(api: Api, text: str) -> None:
    provider()
    alice = person()
    trusted(alice, project_of(alice))
    come_with(github())
    assert api.post(BURN, json={"token": text}).status_code == 202
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "mint_malformed"),
        ({"token": None}, "mint_malformed"),
        ({"token": ["x"]}, "mint_malformed"),
        ([], "body_malformed"),
    ],
)
def test_what_names_no_token_is_refused(api: Api, body: object, code: str) -> None:
    assert refused(api.post(BURN, json=body)) == (422, code)
