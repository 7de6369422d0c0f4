"""What the upload endpoint takes as credentials, before it reads anything else. A request that it knows gets 415: no form."""

import base64

import httpx
import pytest

from tests.attacks.target import Target
from tests.attacks.wire import get, say
from tests.support.patience import SECONDS
from tests.support.people import PASSWORD
from tests.support.publishing import add_person, make_token

KNOWN = (415, "content_type_unsupported")


def ask(target: Target, authorization: str | None, **more: object) -> tuple[int, str]:
    """The status and the reason for an upload without a form, with this header."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.post(
        f"{target.server.base_url}/legacy/", headers=headers, trust_env=False, timeout=SECONDS, **more
    )
    return answer.status_code, answer.headers.get("Strongroom-Refusal", "")


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def test_the_token_is_known_by_each_of_its_schemes(target: Target) -> None:
    # TK-13
    for header in (
        basic("__token__", target.token),
        f"Bearer {target.token}",
        f"bearer {target.token}",
        f"token {target.token}",
    ):
        assert ask(target, header) == KNOWN


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Basic", 403, "credentials_malformed"),
        ("Basic !!!", 403, "credentials_malformed"),
        ("Basic " + base64.b64encode(b"no colon").decode(), 403, "credentials_malformed"),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), 403, "credentials_malformed"),
        (basic("a\0b", "x"), 403, "credentials_malformed"),
        (basic("__token__", ""), 403, "token_invalid"),
        (basic("__token__", "strongroom-\0"), 403, "token_invalid"),
        (basic("__token__", "strongroom-\N{SNOWMAN}"), 403, "token_invalid"),
        (basic("__TOKEN__", "x"), 403, "credentials_wrong"),
        (basic("", ""), 403, "credentials_wrong"),
        (basic("alice", "\0"), 403, "credentials_wrong"),
        (basic("a" * 5_000, "x"), 403, "credentials_wrong"),
        ("Bearer", 403, "token_invalid"),
        ("Bearer strongroom-" + "A" * 20_000, 403, "token_invalid"),
        ("Digest username=alice", 403, "credentials_malformed"),
        ("x" * 10_000, 403, "credentials_malformed"),
    ],
)
def test_what_is_no_credential_is_refused(target: Target, header: str, status: int, code: str) -> None:
    # TK-13
    assert ask(target, header) == (status, code)


def test_bytes_beyond_ascii_in_the_header_are_refused(target: Target) -> None:
    # TK-13
    heard = say(
        target.server.port,
        b"POST /legacy/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nAuthorization: Basic \xff\xfe\r\n\r\n",
    )
    assert heard.statuses == [403]
    assert "strongroom-refusal: credentials_malformed" in heard.head


def test_two_credentials_are_as_good_as_none(target: Target) -> None:
    # TK-13
    heard = get(
        target.server.port,
        "/legacy/",
        f"Authorization: Bearer {target.token}",
        f"Authorization: {basic('mallory', 'x')}",
        "Content-Length: 0",
        method="POST",
    )
    assert heard.statuses == [401]


def test_a_token_anywhere_else_is_not_looked_at(target: Target) -> None:
    # TK-12
    none = (401, "credentials_missing")
    assert ask(target, None, params={"token": target.token, "access_token": target.token}) == none
    assert ask(target, None, data={"token": target.token, "password": target.token}) == none
    assert ask(target, None, cookies={"token": target.token, "Authorization": target.token}) == none
    assert target.token not in target.server.log


def test_a_session_is_no_credential_for_uploads(target: Target) -> None:
    # SS-13
    with httpx.Client(base_url=target.server.base_url, trust_env=False, timeout=SECONDS) as browser:
        page = browser.get("/account/login/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.post("/account/login/", data=form).headers["Location"] == "/manage/account/"
        assert browser.get("/manage/account/").status_code == 200
        assert browser.post("/legacy/").headers["Strongroom-Refusal"] == "credentials_missing"


def test_a_password_in_place_of_a_token_is_not_told_from_any_other_text(target: Target) -> None:
    # TK-23
    right, wrong = (
        httpx.post(
            f"{target.server.base_url}/legacy/", auth=("__token__", text), trust_env=False, timeout=SECONDS
        )
        for text in (PASSWORD, "nothing of the kind")
    )
    assert right.status_code == wrong.status_code == 403
    assert right.headers["Strongroom-Refusal"] == "token_invalid"
    assert right.text == wrong.text


def test_a_disabled_account_has_no_tokens_and_no_password(target: Target) -> None:
    # TK-09
    add_person(target.server, "bob")
    token = make_token(target.server, "bob")
    assert ask(target, f"Bearer {token}") == KNOWN
    assert target.server.run("user", "disable", "bob").returncode == 0
    assert ask(target, f"Bearer {token}") == (403, "account_disabled")
    assert ask(target, basic("bob", PASSWORD))[0] == 403


def test_looking_at_the_upload_address_uploads_nothing(target: Target) -> None:
    # UP-44
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = httpx.request(
            method,
            f"{target.server.base_url}/legacy/",
            auth=("__token__", target.token),
            trust_env=False,
            timeout=SECONDS,
        )
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
