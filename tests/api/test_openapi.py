"""The OpenAPI document: of every endpoint and no other, true to what is answered."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from strongroom.api.table import table
from strongroom.audit.query import PLACES, fields_of
from strongroom.audit.sealing import seal_all
from strongroom.audit.search import EVERYTHING, Scope
from tests.api.asking import bearer
from tests.api.calling import Api
from tests.support.people import person, signed_in
from tests.tokens.making import token_for, with_caveat

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/openapi.json"


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    answer = api.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def test_every_endpoint_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    there = {
        (path, method.lower()) for path, methods in table(heard=lambda _: None).items() for method in methods
    }
    told = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert told == there
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    ids = [one["operationId"] for one in operations]
    assert len(set(ids)) == len(ids)
    assert all(one["summary"] for one in operations)


def test_it_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_filter_of_the_trail_is_told_and_nothing_else(document: dict[str, Any]) -> None:
    told = {one["name"] for one in document["paths"]["/api/audit/events"]["get"]["parameters"]}
    filters = {
        name for scope in (EVERYTHING, Scope(user_id=1), Scope(project="x")) for name in fields_of(scope)
    }
    assert told == {"scope", "project", *filters, *PLACES}


def require_told(document: dict[str, Any], method: str, answer: Any, path: str) -> None:
    """Its status, its shape and its code stand in the document."""
    told = document["paths"][path][method]["responses"]
    assert str(answer.status_code) in told, (answer.status_code, answer.text)
    response = told[str(answer.status_code)]
    code = answer.headers.get("strongroom-refusal")
    if code is not None:
        assert code in response["headers"]["strongroom-refusal"]["schema"]["enum"]
    if "content" in response:
        media = answer.headers["content-type"]
        schema = response["content"][media]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.json())
    else:
        assert not answer.content


def test_answers_and_refusals_are_as_it_says(api: Api, document: dict[str, Any]) -> None:
    alice = person()
    text = str(token_for(alice, actions=("audit", "read")).secret)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("get", "/.well-known/pytp", {}),
        ("get", "/.well-known/pytp", {"query": {"discover": "/legacy/"}}),
        ("get", "/_/oidc/audience", {}),
        ("post", "/_/oidc/mint-token", {"json": {"token": "x"}}),
        ("post", "/_/oidc/mint-token", {"content": b"["}),
        ("post", "/_/oidc/github/mint-token", {"json": {}}),
        ("post", "/_/oidc/burn-token", {"json": {"token": "x"}}),
        ("post", "/_/oidc/burn-token", {"content": b"x" * 70_000}),
        ("get", "/_/token", {"token": text}),
        ("get", "/_/token", {}),
        ("post", "/_/yank", {"token": text, "json": {"project": "a", "version": "1", "yanked": True}}),
        ("post", "/_/yank", {"token": text, "json": {}}),
        ("post", "/_/secrets/disclose-token", {"content": b"[]"}),
        ("post", "/_/device/code", {"data": {"client_id": "x"}}),
        ("post", "/_/device/code", {"json": {}}),
        ("post", "/_/device/token", {"data": {}}),
        ("get", "/api/audit/key", {}),
        ("get", "/api/audit/head", {"token": text}),
        ("get", "/api/audit/seals", {"token": text}),
        ("get", "/api/audit/events", {"token": text}),
        ("get", PATH, {}),
        ("delete", "/_/token", {"token": "x"}),
        ("delete", "/_/token", {"token": text}),
    ]
    for method, path, how in asked:
        token, query = how.pop("token", None), how.pop("query", {})
        headers = bearer(token) if token else {}
        answer = api.ask(method.upper(), f"{path}?{urlencode(query)}", headers=headers, **how)
        require_told(document, method, answer, path)
    assert {path for _, path, _ in asked} == set(document["paths"])


def values(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """Values of a parameter, good ones and others."""
    likely = [
        *map(str, schema.get("enum", ())),
        "alice",
        "session",
        "token.made",
        "demo",
        "2026-01-31",
        "192.0.2.7",
    ]
    numbers = st.integers(-2, 2**63 + 1).map(str)
    return st.one_of(st.sampled_from(likely), numbers, st.text(max_size=30), st.just(""))


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(data=st.data())
def test_whatever_is_asked_of_the_trail_is_answered_as_it_says(
    api: Api, document: dict[str, Any], fuzzed: dict[str, str], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([path for path in document["paths"] if path.startswith("/api/audit/")]))
    parameters = document["paths"][path]["get"].get("parameters", [])
    strategies = {one["name"]: values(one["schema"]) for one in parameters}
    asked = data.draw(st.fixed_dictionaries({}, optional=strategies))
    asked |= data.draw(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=1))
    who = data.draw(st.sampled_from(sorted(fuzzed)))
    query = urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in asked.items()})
    answer = api.get(f"{path}?{query}", headers=bearer(fuzzed[who]))
    require_told(document, "get", answer, path)


@pytest.fixture
def fuzzed(api: Api) -> dict[str, str]:
    """Tokens of an operator, of somebody else, and one that is good for little; and a trail to read."""
    alice, bob = person(), person("bob")
    type(alice).objects.filter(pk=alice.pk).update(is_operator=True)
    signed_in(bob)
    seal_all()
    mine = str(token_for(alice, actions=("audit",)).secret)
    return {
        "operator": mine,
        "narrowed": with_caveat(mine, ["projects", [], ["acme-*"]]),
        "bob": str(token_for(bob, actions=("audit",)).secret),
        "nobody": "strongroom-x",
    }
