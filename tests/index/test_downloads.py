"""What a private site tells of downloads: bytes of a file that went to somebody, and nothing else."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.index.asking import Reply, ask, reply_to, scope
from tests.index.doorkeeper import Club, Doorkeeper, Guest
from tests.index.site import Site, digest, entry, file_url

MEMBER, FRIEND = "Basic bWVtYmVy", "Bearer friend"
WHEEL, LARGE = b"wheel" * 300, b"large" * 60_000
NAME = "alpha-1.0-py3-none-any.whl"
ALPHA = file_url(entry(NAME, sha256=digest(WHEEL)))
BETA = file_url(entry("beta-1.0-py3-none-any.whl", sha256=digest(LARGE)))


@pytest.fixture
def club(site: Site) -> Iterator[Club]:
    site.upload("alpha", NAME, WHEEL, metadata=b"Name: alpha\n")
    site.upload("beta", "beta-1.0-py3-none-any.whl", LARGE)
    guests = {MEMBER: Guest(name="member"), FRIEND: Guest(frozenset({"alpha"}), name="friend")}
    opened = Club(site.index(), Doorkeeper(guests))
    yield opened
    opened.close()


def get(club: Club, path: str, who: str = "", **request: Any) -> Reply:
    headers = {"Authorization": who, "User-Agent": "pip/26.0"} if who else {}
    return ask(club.app, path, headers=headers | request.pop("headers", {}), **request)


def told(club: Club) -> list[tuple[str, str, str]]:
    return [(sha256, filename, by.username) for sha256, filename, by in club.book.lines]


def test_a_download_is_told_with_its_reader_and_where_it_went(club: Club) -> None:
    request = {**scope(ALPHA, headers={"Authorization": FRIEND, "User-Agent": "pip/26.0"})}
    asyncio.run(reply_to(club.app, {**request, "client": ("192.0.2.1", 1)}))
    ((sha256, filename, by),) = club.book.lines
    assert (sha256, filename, by.username, by.credential) == (digest(WHEEL), NAME, "friend", "card")
    assert (by.origin.address, by.origin.client) == ("192.0.2.1", "pip/26.0")


def test_each_reader_is_told_for_what_they_got(club: Club) -> None:
    assert [get(club, ALPHA, MEMBER).status, get(club, ALPHA, FRIEND).status] == [200, 200]
    assert get(club, BETA, MEMBER, pathsend=False).body == LARGE
    assert [name for _, _, name in told(club)] == ["member", "friend", "member"]
    assert [sha256 for sha256, _, _ in told(club)] == [digest(WHEEL), digest(WHEEL), digest(LARGE)]


def test_two_clients_with_one_token_are_told_apart_within_the_second_in_which_it_is_known(club: Club) -> None:
    async def play() -> None:
        for client in ("pip/26.0", "uv/0.9"):
            headers = {"Authorization": MEMBER, "User-Agent": client}
            await reply_to(club.app, scope(ALPHA, headers=headers))

    asyncio.run(play())
    assert len(club.doorkeeper.asked) == 1
    assert [by.origin.client for _, _, by in club.book.lines] == ["pip/26.0", "uv/0.9"]


def test_a_part_of_a_file_is_a_download(club: Club) -> None:
    assert get(club, ALPHA, MEMBER, headers={"Range": "bytes=0-0"}).status == 206
    assert told(club) == [(digest(WHEEL), NAME, "member")]


@pytest.mark.parametrize(
    ("path", "request_", "status"),
    [
        (ALPHA, {"method": "HEAD"}, 200),
        (ALPHA, {"headers": {"If-None-Match": f'"{digest(WHEEL)}"'}}, 304),
        (ALPHA, {"headers": {"Range": "bytes=9999-"}}, 416),
        (ALPHA, {"method": "POST"}, 405),
        (f"{ALPHA}.metadata", {}, 200),
        (file_url(entry(NAME, sha256=digest(b"others"))), {}, 404),
        ("/files/x", {}, 404),
        ("/simple/alpha/", {}, 200),
        ("/simple/", {}, 200),
        ("/healthz", {}, 200),
    ],
)
def test_where_no_byte_of_a_file_goes_out_nothing_is_told(
    club: Club, path: str, request_: dict[str, Any], status: int
) -> None:
    assert get(club, path, MEMBER, **request_).status == status
    assert told(club) == []


@pytest.mark.parametrize(("path", "who"), [(ALPHA, ""), (ALPHA, "Bearer wrong"), (BETA, FRIEND)])
def test_whoever_is_refused_has_downloaded_nothing(club: Club, path: str, who: str) -> None:
    assert get(club, path, who).status in {401, 403}
    assert told(club) == []


def test_a_download_that_breaks_off_is_told(club: Club) -> None:
    """Some of it is out."""

    async def play() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3600)
            raise AssertionError

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await club.app(scope(BETA, headers={"Authorization": MEMBER}, pathsend=False), receive, send)

    asyncio.run(play())
    assert [filename for _, filename, _ in told(club)] == ["beta-1.0-py3-none-any.whl"]


def test_a_damaged_file_is_no_download(club: Club, site: Site) -> None:
    site.blobs.path(digest(WHEEL)).write_bytes(b"other bytes")
    assert get(club, ALPHA, MEMBER).status == 503
    assert told(club) == []
