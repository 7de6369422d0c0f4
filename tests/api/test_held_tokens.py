"""What whoever holds a token hears of it, and how they end it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from strongroom.accounts import standing
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from tests.api.asking import Endpoint, basic, bearer
from tests.api.calling import Api, refused, text_of
from tests.artifacts.building import build_wheel
from tests.support.people import PASSWORD, mails, person, visitor
from tests.tokens.making import HERE, project_of, seconds_from_now, token_for, with_caveat

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/_/token"


def test_a_token_tells_its_bearer_what_it_may_do(api: Api) -> None:
    alice = person()
    project = project_of(alice)
    soon = clock.now().replace(microsecond=0) + timedelta(days=3)
    made = token_for(alice, name="build server", project=project, expires=soon, uses=5)
    text = with_caveat(made.secret, ["version", "1.0"], ["uses", 2])
    answer = api.get(PATH, headers=bearer(text))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "id": made.token.short_id,
        "name": "build server",
        "owner": "alice",
        "publisher": None,
        "caveats": [*made.token.restrictions, ["version", "1.0"], ["uses", 2]],
        "expires": soon.isoformat(),
        "uses_left": 2,
    }
    assert made.secret not in text_of(answer)


def test_uses_are_counted_down(api: Api, endpoint: Endpoint, tmp_path: Path) -> None:
    made = token_for(person(), uses=2)
    assert api.get(PATH, headers=bearer(made.secret)).json()["uses_left"] == 2
    assert endpoint.upload(build_wheel(tmp_path), token=made.secret).status == 200
    assert api.get(PATH, headers=bearer(made.secret)).json()["uses_left"] == 1


def test_a_token_without_end_says_so(api: Api) -> None:
    told = api.get(PATH, headers=basic("__token__", token_for(person()).secret)).json()
    assert (told["expires"], told["uses_left"]) == (None, None)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "credentials_missing"),
        ({"Authorization": ""}, 401, "credentials_missing"),
        ({"Authorization": "Basic"}, 403, "credentials_malformed"),
        ({"Authorization": "Basic !"}, 403, "credentials_malformed"),
        ({"Authorization": "Basic YWxpY2U="}, 403, "credentials_malformed"),
        ({"Authorization": "Basic YQBiOmM="}, 403, "credentials_malformed"),
        ({"Authorization": "Basic w6k6w6k="}, 403, "token_missing"),
        ({"Authorization": "Digest x"}, 403, "credentials_malformed"),
        ({"Authorization": "Bearer"}, 403, "token_invalid"),
        ({"Authorization": "Bearer x"}, 403, "token_invalid"),
        ({"Authorization": b"Bearer \xe9"}, 403, "token_invalid"),
        ({"Authorization": "token strongroom-AAAA"}, 403, "token_invalid"),
        (basic("__token__", ""), 403, "token_invalid"),
        (basic("__token__", "strongroom-AAAA"), 403, "token_invalid"),
        (basic("alice", PASSWORD), 403, "token_missing"),
        (basic("alice", "wrong"), 403, "token_missing"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_no_good_token_is_refused(
    api: Api, method: str, headers: dict[str, Any], status: int, code: str
) -> None:  # TK-13, TK-23
    token_for(person())
    answer = api.ask(method, PATH, headers=headers)
    assert refused(answer) == (status, code)
    assert set(answer.json()) == {"message", "code"}
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert Token.objects.count() == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_token_elsewhere_than_in_its_header_is_ignored(api: Api, method: str) -> None:  # TK-12
    text = str(token_for(person()).secret)
    path = f"{PATH}?token={text}&access_token={text}"
    answer = api.ask(method, path, headers={"Cookie": f"token={text}"}, data={"token": text})
    assert refused(answer) == (401, "credentials_missing")
    twice = [("Authorization", f"Bearer {text}"), ("Authorization", "Bearer x")]
    assert refused(api.ask(method, PATH, headers=twice)) == (401, "credentials_missing")  # type: ignore[arg-type]
    assert Token.objects.count() == 1
    assert text not in text_of(answer)


def test_a_token_is_refused_as_its_upload_would_be(api: Api) -> None:
    alice = person()
    good = token_for(alice).secret
    cases = {
        "expired": with_caveat(good, [0, seconds_from_now(-1), 0]),
        "not yet": with_caveat(good, [0, seconds_from_now(60), seconds_from_now(50)]),
        "elsewhere": with_caveat(good, ["networks", ["192.0.2.0/24"]]),
        "unknown": with_caveat(good, ["moon", "full"]),
    }
    answers = {case: refused(api.get(PATH, headers=bearer(text))) for case, text in cases.items()}
    assert answers == {
        "expired": (403, "token_expired"),
        "not yet": (403, "token_not_yet_valid"),
        "elsewhere": (403, "token_network"),
        "unknown": (403, "token_restriction_unknown"),
    }
    standing.freeze(alice, clock.now(), by=visitor())
    assert refused(api.get(PATH, headers=bearer(good)))[0] == 403


def test_whoever_holds_a_token_ends_it(api: Api, mailoutbox: list[Any]) -> None:
    alice = person()
    made, kept = token_for(alice), token_for(alice, name="another")
    narrowed = with_caveat(made.secret, [0, seconds_from_now(-1), 0], ["moon", "full"])
    answer = api.ask("DELETE", PATH, headers=bearer(narrowed))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers
    assert Token.objects.get() == kept.token
    (entry,) = Entry.objects.filter(tag="token.revoked")
    assert (entry.details["why"], entry.details["name"], entry.subject_id) == ("held", "laptop", alice.pk)
    assert (entry.address, entry.actor_kind) == ("203.0.113.7", "anonymous")
    (mail,) = mails(mailoutbox)
    assert "laptop" in mail.body
    assert refused(api.ask("DELETE", PATH, headers=bearer(made.secret))) == (403, "token_invalid")
    assert verify(kept.secret, origin=HERE)
