"""A private site: installers show who they are, and what they get is for them alone."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from strongroom.index import readers
from strongroom.index.private import Private
from strongroom.kernel import clock
from tests.index.asking import Reply, ask, reply_to, scope
from tests.index.doorkeeper import Club, Doorkeeper, Guest
from tests.index.site import Site, digest, entry, file_url
from tests.support.patience import until

MEMBER, FRIEND = "Basic bWVtYmVy", "Bearer friend"
WHEEL = b"wheel" * 300


@pytest.fixture
def club(site: Site) -> Iterator[Club]:
    """Two projects; the member reads both, the friend of alpha that one alone."""
    site.upload("alpha", "alpha-1.0-py3-none-any.whl", WHEEL, metadata=b"Name: alpha\n")
    site.upload("beta", "beta-1.0-py3-none-any.whl", b"beta" * 300, metadata=b"Name: beta\n")
    opened = Club(site.index(), Doorkeeper({MEMBER: Guest(), FRIEND: Guest(frozenset({"alpha"}))}))
    yield opened
    opened.close()


def url(project: str, content: bytes) -> str:
    return file_url(entry(f"{project}-1.0-py3-none-any.whl", sha256=digest(content)))


ALPHA, BETA = url("alpha", WHEEL), url("beta", b"beta" * 300)
NOTHING = url("beta", b"no such bytes")
OF_ALPHA = ("/simple/alpha/", "/simple/Alpha", ALPHA, f"{ALPHA}.metadata")
OF_OTHERS = (
    "/simple/beta/",
    "/simple/no-such-project/",
    "/simple/",
    "/simple",
    "/simple/../x",
    BETA,
    f"{BETA}.metadata",
    NOTHING,
    f"{NOTHING}.metadata",
    "/files/x",
)


def get(club: Club, path: str, who: str = "", **request: Any) -> Reply:
    headers = {"Authorization": who} if who else {}
    return ask(club.app, path, headers=headers | request.pop("headers", {}), **request)


def seen(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    return reply.status, reply.headers, reply.body


@pytest.mark.parametrize("path", [*OF_ALPHA, *OF_OTHERS])
def test_without_credentials_every_path_asks_for_some_in_the_same_words(club: Club, path: str) -> None:
    # IX-01
    reply = get(club, path)
    assert seen(reply) == seen(get(club, "/simple/"))
    assert (reply.status, reply.headers["strongroom-refusal"]) == (401, "credentials_missing")
    assert reply.headers["www-authenticate"] == 'Basic realm="Strongroom", charset="UTF-8"'
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["vary"] == "Authorization, Cookie"


@pytest.mark.parametrize("path", [*OF_ALPHA, *OF_OTHERS])
def test_with_wrong_credentials_every_path_is_closed_in_the_same_words(club: Club, path: str) -> None:
    # IX-01
    reply = get(club, path, "Bearer wrong")
    assert seen(reply) == seen(get(club, "/simple/", "Bearer wrong"))
    assert (reply.status, reply.headers["strongroom-refusal"]) == (403, "token_invalid")
    assert "www-authenticate" not in reply.headers


@pytest.mark.parametrize("path", OF_ALPHA)
def test_whoever_reads_one_project_reads_its_page_and_files(club: Club, path: str) -> None:
    assert get(club, path, FRIEND).status == (301 if path == "/simple/Alpha" else 200)


@pytest.mark.parametrize("path", OF_OTHERS)
def test_other_projects_and_what_does_not_exist_are_closed_to_them_in_the_same_words(
    club: Club, path: str
) -> None:
    # IX-01
    reply = get(club, path, FRIEND)
    assert seen(reply) == seen(get(club, "/simple/no-such-project/", FRIEND))
    assert (reply.status, reply.headers["strongroom-refusal"]) == (403, "token_scope")
    assert b"beta" not in reply.body


def test_members_read_everything_and_learn_what_there_is_not(club: Club) -> None:
    assert get(club, "/simple/", MEMBER).status == 200
    assert get(club, BETA, MEMBER, pathsend=False).body == b"beta" * 300
    assert get(club, "/simple/no-such-project/", MEMBER).status == 404


def test_post_and_head_are_closed_as_well(club: Club) -> None:
    assert get(club, "/simple/", method="POST").status == 401
    head = get(club, "/simple/", method="HEAD")
    assert (head.status, head.body) == (401, b"")
    assert get(club, "/simple/", MEMBER, method="POST").status == 405


def test_health_is_told_to_everybody(club: Club) -> None:
    assert (get(club, "/healthz").status, get(club, "/readyz").status) == (200, 200)
    assert club.doorkeeper.asked == []


@pytest.mark.parametrize(
    ("path", "cache_control", "vary"),
    [
        ("/simple/", "private, max-age=0, must-revalidate", "Accept, Accept-Encoding, Authorization, Cookie"),
        (
            "/simple/alpha/",
            "private, max-age=0, must-revalidate",
            "Accept, Accept-Encoding, Authorization, Cookie",
        ),
        ("/simple/nothing/", "private, max-age=0, must-revalidate", "Authorization, Cookie"),
        ("/simple/Alpha", "private, max-age=86400", "Authorization, Cookie"),
        (ALPHA, "private, max-age=31536000, immutable", "Authorization, Cookie"),
        (
            f"{ALPHA}.metadata",
            "private, max-age=31536000, immutable",
            "Accept-Encoding, Authorization, Cookie",
        ),
        (NOTHING, "private, max-age=0, must-revalidate", "Authorization, Cookie"),
    ],
)
def test_no_shared_cache_keeps_what_a_private_site_says(
    club: Club, path: str, cache_control: str, vary: str
) -> None:
    # IX-02
    reply = get(club, path, MEMBER)
    assert (reply.headers["cache-control"], reply.headers["vary"]) == (cache_control, vary)
    assert "access-control-allow-origin" not in reply.headers
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    if "etag" in reply.headers:
        again = get(club, path, MEMBER, headers={"If-None-Match": reply.headers["etag"]})
        assert (again.status, again.headers["cache-control"]) == (304, cache_control)


def test_an_etag_opens_nothing_without_credentials(club: Club) -> None:
    etag = get(club, ALPHA, MEMBER).headers["etag"]
    for path in (ALPHA, "/simple/alpha/"):
        assert get(club, path, headers={"If-None-Match": etag}).status == 401
        assert get(club, path, headers={"If-None-Match": "*"}).status == 401


def test_a_part_of_a_file_is_as_private_as_the_whole(club: Club) -> None:
    assert get(club, ALPHA, headers={"Range": "bytes=0-3"}).status == 401
    part = get(club, ALPHA, MEMBER, headers={"Range": "bytes=0-3"})
    assert (part.status, part.headers["cache-control"]) == (206, "private, max-age=31536000, immutable")


def test_the_gate_is_asked_once_a_second_for_the_same_credentials(club: Club) -> None:
    # TK-10
    with patch.object(clock, "monotonic", return_value=100.0) as now:

        async def play() -> list[int]:
            async def status() -> int:
                return (await reply_to(club.app, scope("/simple/", headers={"Authorization": MEMBER}))).status

            found = [await status(), await status()]
            club.doorkeeper.guests.clear()
            now.return_value = 100.999
            found.append(await status())
            now.return_value = 101.0
            return [*found, await status()]

        assert asyncio.run(play()) == [200, 200, 200, 403]
    assert len(club.doorkeeper.asked) == 2


def test_many_requests_at_once_ask_the_gate_once(club: Club) -> None:
    club.doorkeeper.open.clear()

    async def play() -> list[int]:
        requests = [
            asyncio.create_task(reply_to(club.app, scope("/simple/", headers={"Authorization": MEMBER})))
            for _ in range(50)
        ]
        await asyncio.sleep(0.05)
        club.doorkeeper.open.set()
        return [(await request).status for request in requests]

    with patch.object(clock, "monotonic", return_value=100.0):
        assert asyncio.run(play()) == [200] * 50
    assert len(club.doorkeeper.asked) == 1


def test_an_answer_counts_from_when_it_was_asked_for(club: Club) -> None:
    """However long the database takes: who comes a second later asks anew."""
    club.doorkeeper.open.clear()
    with patch.object(clock, "monotonic", return_value=100.0) as now:

        async def play() -> list[int]:
            first = asyncio.create_task(
                reply_to(club.app, scope("/simple/", headers={"Authorization": MEMBER}))
            )
            await asyncio.to_thread(until, lambda: club.doorkeeper.asked)
            now.return_value = 101.0
            second = asyncio.create_task(
                reply_to(club.app, scope("/simple/", headers={"Authorization": MEMBER}))
            )
            await asyncio.sleep(0.05)
            club.doorkeeper.open.set()
            return [(await first).status, (await second).status]

        assert asyncio.run(play()) == [200, 200]
    assert len(club.doorkeeper.asked) == 2


def test_what_the_gate_says_of_one_address_is_not_said_of_another(club: Club) -> None:
    async def play() -> None:
        for address in ("192.0.2.1", "192.0.2.2"):
            request = {**scope("/simple/", headers={"Authorization": MEMBER}), "client": (address, 1)}
            await reply_to(club.app, request)

    asyncio.run(play())
    assert [origin.address for _, origin in club.doorkeeper.asked] == ["192.0.2.1", "192.0.2.2"]


def test_the_address_behind_a_trusted_proxy_is_asked_about(site: Site) -> None:
    # RL-04
    club = Club(site.index(), Doorkeeper({MEMBER: Guest()}), proxies=("192.0.2.1/32",))
    for peer in ("192.0.2.1", "192.0.2.9"):
        request = scope("/simple/", headers={"Authorization": MEMBER, "X-Forwarded-For": "203.0.113.5"})
        asyncio.run(reply_to(club.app, {**request, "client": (peer, 1)}))
    assert [origin.address for _, origin in club.doorkeeper.asked] == ["203.0.113.5", "192.0.2.9"]
    club.close()


def test_credentials_that_come_twice_are_none(club: Club) -> None:
    reply = get(club, "/simple/", MEMBER, lines=[(b"authorization", FRIEND.encode())])
    assert reply.headers["strongroom-refusal"] == "credentials_missing"


def test_nobody_reads_while_nobody_can_be_asked(club: Club) -> None:
    """Design, D15: what a token may is not guessed."""
    assert get(club, "/simple/alpha/", MEMBER).status == 200
    club.doorkeeper.broken = True

    async def play() -> list[Reply]:
        club.readers._questions.clear()
        request = scope("/simple/alpha/", headers={"Authorization": MEMBER})
        return [await reply_to(club.app, request) for _ in range(3)]

    replies = asyncio.run(play())
    assert {(reply.status, reply.headers["retry-after"]) for reply in replies} == {(503, "5")}
    assert len(club.doorkeeper.asked) == 2  # for a second nobody asks again


def test_ever_new_credentials_fill_no_memory(club: Club) -> None:
    async def play() -> None:
        for number in range(30):
            await reply_to(club.app, scope("/simple/", headers={"Authorization": f"Bearer {number}"}))

    with patch.object(readers, "MOST", 10):
        asyncio.run(play())
    assert len(club.readers._questions) == 10


def test_what_is_kept_of_credentials_is_not_their_text(club: Club) -> None:
    get(club, "/simple/", MEMBER)
    (key,) = club.readers._questions
    assert isinstance(key, bytes)
    assert len(key) == 32
    assert b"bWVt" not in key


def test_a_public_site_has_no_gate_in_its_way() -> None:
    from strongroom import asgi

    assert not isinstance(asgi.app._index, Private)
    assert len(asgi.app._lookups) == 2
    assert not any(isinstance(lookup, Private) for _handles, lookup in asgi.app._lookups)
