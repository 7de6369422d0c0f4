"""Whatever somebody asks of the trail, the answer is a page or a refusal: never the server's fault, nothing of others."""

from base64 import b64encode
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from strongroom.accounts.models import User
from tests.api.asking import bearer
from tests.api.calling import Api, code_of
from tests.api.watching import EVENTS, auditing_token, happen, make_operator
from tests.support.people import as_user, person, visitor
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("scope", "project", "actor", "subject", "person", "kind", "tag", "outcome", "reason", "address",
         "request_id", "since", "until", "serial", "before", "after", "limit", "colour")  # fmt: skip
VALUES = ("", "all", "project", "account", "demo", "alice", "mallory", "anonymous", "system", "session", "session.sign_in",
          "done", "refused", "0", "1", "1000", "9223372036854775807", "9223372036854775808", "-1", "1e3", "\N{ARABIC-INDIC DIGIT TWO}",
          "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-W01", "20260101", "2026-01-01T24:00:00",
          "2026-02-30", "::ffff:203.0.113.7", "fe80::1%eth0", "203.0.113.7/32", "0x7f.1", "' OR 1=1--", "%", "_", "a\0b", "\ud800".encode(
              "utf-8", "surrogatepass").decode("latin-1"), "\N{RIGHT-TO-LEFT OVERRIDE}", "x" * 4000)  # fmt: skip
QUERIES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=30)), max_size=5
).map(lambda pairs: urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs]))
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
SAID = (
    PLAIN
    | PLAIN.map("Bearer strongroom-{}".format)
    | st.binary(max_size=60).map(lambda raw: f"Basic {b64encode(raw).decode()}")
    | st.binary(max_size=60).map(lambda raw: f"Basic {b64encode(b'__token__:' + raw).decode()}")
)
RAW = st.binary(max_size=40).map(lambda raw: quote_from_bytes(raw, safe="&=?%/"))


@pytest.fixture
def mallory() -> User:
    """Owns ``demo``; alice has done something in it, and something at home."""
    mallory, alice = person("mallory"), person()
    project_of(mallory)
    for project in ("demo", ""):
        happen(as_user(alice), project=project)
    happen(visitor("198.51.100.9"), subject=alice.pk)
    return mallory


@pytest.fixture
def token(mallory: User) -> str:
    return auditing_token(mallory)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(asked=QUERIES | RAW)
@example(asked="since=9999-12-31T23:59:59-23:59&until=0001-01-01T00:00:00%2B23:59")
@example(asked="until=9999-12-31&before=9223372036854775807")
@example(asked="after=9223372036854775807&limit=1000")
@example(asked="address=fe80::1%25eth0")
@example(asked="actor=%ff%fe")
@example(asked="=&=")
@example(asked="&".join(f"a{number}=1" for number in range(2000)))
def test_every_question_has_an_answer(api: Api, mallory: User, token: str, asked: str) -> None:
    for scope in ("", "scope=project&project=demo&", "scope=all&"):
        answer = api.get(f"{EVENTS}?{scope}{asked}", headers=bearer(token))
        assert answer.status_code in {200, 400, 403}, (scope + asked, answer.text)
        assert (answer.status_code == 200) == (code_of(answer) == "")
        if answer.status_code == 200:
            for event in answer.json()["events"]:
                is_own = mallory.pk in {event["actor"]["id"], event["subject"]}
                assert is_own or event["project"] == "demo"
                assert is_own or not any(event[name] for name in ("address", "address_pseudonym", "client"))


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(asked=QUERIES | RAW)
def test_every_question_of_an_operator_has_an_answer(api: Api, mallory: User, token: str, asked: str) -> None:
    make_operator(mallory)
    for path in (f"{EVENTS}?scope=all&", "/api/audit/seals?", "/api/audit/head?", "/api/audit/key?"):
        answer = api.get(f"{path}{asked}", headers=bearer(token))
        assert answer.status_code in {200, 400, 403}, (path + asked, answer.text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(said=SAID)
@example(said="Bearer strongroom-" + "A" * 100_000)
def test_every_authorization_has_an_answer(api: Api, mallory: User, said: str) -> None:
    answer = api.get(EVENTS, headers={"Authorization": said})
    assert answer.status_code in {400, 401, 403}, (said, answer.text)
