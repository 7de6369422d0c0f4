"""A private site and people with a browser: a session's cookie reads, and whoever has none is shown where to log in."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from strongroom.kernel import clock
from tests.index.asking import Reply, ask, reply_to, scope
from tests.index.doorkeeper import Club, Doorkeeper, Guest
from tests.index.site import Site, digest, entry, file_url

SESSION, TOKEN = "alice-session", "Bearer token"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
WHEEL = b"wheel" * 300
ALPHA = file_url(entry("alpha-1.0-py3-none-any.whl", sha256=digest(WHEEL)))
NOTHING = file_url(entry("alpha-1.0-py3-none-any.whl", sha256=digest(b"nothing")))


@pytest.fixture
def club(site: Site) -> Iterator[Club]:
    """One project; alice's session reads it, and so does a token."""
    site.upload("alpha", "alpha-1.0-py3-none-any.whl", WHEEL, metadata=b"Name: alpha\n")
    opened = Club(site.index(), Doorkeeper({SESSION: Guest(), TOKEN: Guest()}))
    yield opened
    opened.close()


def get(club: Club, path: str, *, cookie: str = "", accept: str = "*/*", **request: Any) -> Reply:
    headers = {"Accept": accept} | ({"Cookie": cookie} if cookie else {}) | request.pop("headers", {})
    return ask(club.app, path, headers=headers, **request)


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.headers.get("strongroom-refusal", "")


def test_a_session_reads_pages_and_files_and_nothing_is_left_of_them_in_the_browser(club: Club) -> None:
    # IX-02, SS-16
    for path in ("/simple/", "/simple/alpha/", ALPHA, f"{ALPHA}.metadata"):
        reply = get(club, path, cookie=f"language=de; club={SESSION}", accept=BROWSER)
        assert reply.status == 200, path
        assert reply.headers["cache-control"] == "no-store", path
        assert reply.headers["vary"].endswith("Authorization, Cookie"), path
        assert reply.headers["cross-origin-resource-policy"] == "same-origin", path
        assert "access-control-allow-origin" not in reply.headers, path
    assert get(club, ALPHA, cookie=f"club={SESSION}", pathsend=False).body == WHEEL
    assert get(club, ALPHA, cookie=f"club={SESSION}", method="HEAD").status == 200
    assert get(club, NOTHING, cookie=f"club={SESSION}", accept=BROWSER).status == 404


def test_another_cookie_reads_nothing(club: Club) -> None:
    for cookie in ("club=wrong", "club=", "other=alice-session", SESSION, "=", ";;"):
        assert code(get(club, ALPHA, cookie=cookie)) == (401, "credentials_missing"), cookie


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Basic", ""])
def test_a_cookie_does_not_count_beside_an_authorization_header(club: Club, authorization: str) -> None:
    # SS-13
    reply = get(
        club, ALPHA, cookie=f"club={SESSION}", accept=BROWSER, headers={"Authorization": authorization}
    )
    assert reply.status in {401, 403}
    twice = [(b"authorization", TOKEN.encode())] * 2
    assert code(get(club, ALPHA, cookie=f"club={SESSION}", lines=twice)) == (401, "credentials_missing")
    assert SESSION not in [shown for shown, _origin in club.doorkeeper.asked]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_a_cookie_counts_for_reading_alone(club: Club, method: str) -> None:
    reply = get(club, ALPHA, cookie=f"club={SESSION}", accept=BROWSER, method=method)
    assert code(reply) == (401, "credentials_missing")


def test_a_session_is_believed_for_a_second_and_kept_by_its_digest(club: Club) -> None:
    # SS-11
    request = scope(ALPHA, headers={"Cookie": f"club={SESSION}"}, pathsend=False)
    with patch.object(clock, "monotonic", return_value=100.0) as now:

        async def play() -> list[int]:
            found = []
            for moment in (100.0, 100.999, 101.0):
                now.return_value = moment
                found.append((await reply_to(club.app, request)).status)
                club.doorkeeper.guests.clear()
            return found

        assert asyncio.run(play()) == [200, 200, 401]
    assert len(club.doorkeeper.asked) == 2
    (key,) = club.readers._questions
    assert (len(key), SESSION.encode() in key) == (32, False)


def test_what_is_said_of_a_session_is_not_said_of_a_token_with_the_same_text(club: Club) -> None:
    async def play() -> list[int]:
        shown = ({"Cookie": f"club={TOKEN}"}, {"Authorization": TOKEN})
        return [(await reply_to(club.app, scope("/simple/", headers=headers))).status for headers in shown]

    assert asyncio.run(play()) == [200, 200]
    assert len(club.doorkeeper.asked) == 2


@pytest.mark.parametrize("path", [ALPHA, f"{ALPHA}.metadata", NOTHING, "/files/x"])
def test_a_browser_without_a_session_is_sent_to_log_in_whether_or_not_there_is_such_a_file(
    club: Club, path: str
) -> None:
    # IX-01
    for cookie in ("", "club=over"):
        reply = get(club, path, cookie=cookie, accept=BROWSER, query=b"a=1")
        assert code(reply) == (303, "credentials_missing")
        assert reply.headers["location"] == f"/door?next={path}?a=1"
        assert (reply.headers["cache-control"], reply.headers["vary"]) == (
            "no-store",
            "Authorization, Cookie",
        )
        assert "www-authenticate" not in reply.headers
        assert reply.body == b"Log in.\n"


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/simple/alpha/", PIP),
        ("/simple/alpha/", "text/html"),  # pip before 22.2
        ("/simple/alpha/", BROWSER),
        ("/simple", "text/html"),
        (ALPHA, "*/*"),
        (f"{ALPHA}.metadata", "*/*"),
        (ALPHA, ""),
    ],
)
def test_installers_are_asked_for_credentials(club: Club, path: str, accept: str) -> None:
    reply = get(club, path, accept=accept)
    assert code(reply) == (401, "credentials_missing")
    assert reply.headers["www-authenticate"].startswith("Basic ")


def test_where_to_go_after_logging_in_is_a_header_whatever_was_asked(club: Club) -> None:
    # LT-22
    for path in ("/files/a\r\nSet-Cookie: x=1", "/files/\u20ac \x00", "/files/\udc80"):
        location = get(club, path, accept=BROWSER).headers["location"]
        assert (location.isascii(), location.isprintable(), " " in location) == (True, True, False), path


def test_nobody_is_sent_to_log_in_while_nobody_can_be_asked(club: Club) -> None:
    club.doorkeeper.broken = True
    assert get(club, ALPHA, cookie=f"club={SESSION}", accept=BROWSER).status == 503
