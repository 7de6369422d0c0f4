"""What is in memory is as new as the journal, is made once for many, and outlives the database."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from strongroom.index import kept
from strongroom.index.app import Index, Memory
from strongroom.kernel.names import NormalizedName
from strongroom.simple.page import ListedFile, ProjectList, ProjectPage
from tests.index.asking import Reply, ask, reply_to, scope
from tests.index.site import Site, SqlitePages, digest, entry, file_url
from tests.support.patience import SECONDS

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


class Watched(SqlitePages):
    """The tables of a site, with a notebook of what was asked, and a door that a test can shut or break."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.asked: list[str] = []
        self.door = threading.Event()
        self.door.set()
        self.waiting = threading.Semaphore(0)
        self.broken: Callable[[str], bool] = lambda _question: False
        self.after: Callable[[], None] = lambda: None
        """Called when the rows were read, before they are handed over."""

    def _enter(self, question: str) -> None:
        self.asked.append(question)
        self.waiting.release()
        self.door.wait(SECONDS)
        if self.broken(question):
            raise ConnectionError("the database is away")

    def changed_since(self, serial: int) -> Sequence[tuple[str, int]]:
        self._enter("journal")
        found = super().changed_since(serial)
        self.after()
        return found

    def project(self, name: NormalizedName) -> ProjectPage | None:
        self._enter(name)
        found = super().project(name)
        self.after()
        return found

    def projects(self) -> ProjectList:
        self._enter("list")
        found = super().projects()
        self.after()
        return found

    def file(self, sha256: str, filename: str) -> ListedFile | None:
        self._enter(filename)
        found = super().file(sha256, filename)
        self.after()
        return found

    def questions(self) -> list[str]:
        """What was asked since the last time this was called, sorted."""
        asked, self.asked = sorted(self.asked), []
        return asked


@pytest.fixture
def pages(site: Site) -> Watched:
    return Watched(site)


@pytest.fixture
def index(site: Site, pages: Watched) -> Index:
    site.create("demo")
    site.create("other")
    return site.index(pages=pages)


def files_on(reply: Reply) -> list[str]:
    return [file["filename"] for file in json.loads(reply.body)["files"]]


def publish(site: Site, project: str, filename: str) -> None:
    site.publish(project, entry(filename, sha256=digest(filename.encode())))


def test_a_page_is_read_once_and_then_comes_from_memory(index: Index, pages: Watched) -> None:
    for _ in range(3):
        assert ask(index, "/simple/demo/").status == 200
        assert ask(index, "/simple/absent/").status == 404
    assert pages.questions() == ["absent", "demo"]


# IX-11
def test_a_publish_is_on_the_next_page_and_touches_no_other(index: Index, site: Site, pages: Watched) -> None:
    for path in ("/simple/demo/", "/simple/other/", "/simple/", "/simple/absent/"):
        ask(index, path, headers=JSON)
    pages.questions()
    publish(site, "demo", "demo-1.0.tar.gz")
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == ["demo-1.0.tar.gz"]
    assert ask(index, "/simple/other/", headers=JSON).status == 200
    assert ask(index, "/simple/absent/", headers=JSON).status == 404
    assert ask(index, "/simple/", headers=JSON).headers["x-pypi-last-serial"] == "3"
    assert pages.questions() == ["demo", "journal", "list"]


# IX-11
def test_what_is_deleted_is_gone_from_the_next_page(index: Index, site: Site) -> None:
    publish(site, "demo", "demo-1.0.tar.gz")
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == ["demo-1.0.tar.gz"]
    site.delete("demo", "demo-1.0.tar.gz")
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == []


def test_a_commit_that_is_not_in_the_journal_changes_nothing(
    index: Index, site: Site, pages: Watched
) -> None:
    ask(index, "/simple/demo/")
    pages.questions()
    site.connection.execute("CREATE TABLE unrelated (x)")
    assert ask(index, "/simple/demo/").status == 200
    assert pages.questions() == []


def test_many_that_ask_at_once_wait_for_one_answer(index: Index, pages: Watched) -> None:
    async def crowd() -> list[Reply]:
        pages.door.clear()
        asking = [asyncio.create_task(reply_to(index, scope("/simple/demo/"))) for _ in range(50)]
        await asyncio.to_thread(pages.waiting.acquire)
        await asyncio.sleep(0.05)
        pages.door.set()
        return list(await asyncio.gather(*asking))

    assert {reply.status for reply in asyncio.run(crowd())} == {200}
    assert pages.questions() == ["demo"]


def test_one_that_goes_away_does_not_take_the_answer_from_the_others(index: Index, pages: Watched) -> None:
    async def crowd() -> Reply:
        pages.door.clear()
        impatient = asyncio.create_task(reply_to(index, scope("/simple/demo/")))
        await asyncio.to_thread(pages.waiting.acquire)
        patient = asyncio.create_task(reply_to(index, scope("/simple/demo/")))
        await asyncio.sleep(0.05)
        impatient.cancel()
        await asyncio.sleep(0.05)
        pages.door.set()
        return await patient

    assert asyncio.run(crowd()).status == 200
    assert pages.questions() == ["demo"]


# IX-12
@pytest.mark.parametrize(("path", "project"), [("/simple/demo/", "demo"), ("/simple/", "brandnew")])
def test_who_asks_after_a_publish_does_not_wait_for_rows_that_were_read_before_it(
    index: Index, site: Site, pages: Watched, path: str, project: str
) -> None:
    has_read, goes_on = threading.Event(), threading.Event()

    def hold() -> None:
        pages.after = lambda: None
        has_read.set()
        goes_on.wait(SECONDS)

    async def race() -> tuple[Reply, Reply]:
        pages.after = hold
        early = asyncio.create_task(reply_to(index, scope(path, headers=JSON)))
        await asyncio.to_thread(has_read.wait)
        publish(site, project, f"{project}-1.0.tar.gz")
        late = await reply_to(index, scope(path, headers=JSON))
        goes_on.set()
        return await early, late

    early, late = asyncio.run(race())
    assert project.encode() + (b"-1.0" if project == "demo" else b"") not in early.body
    assert late.headers["x-pypi-last-serial"] == "3"
    assert ask(index, path, headers=JSON).body == late.body


# IX-12
@pytest.mark.parametrize("what", ["page", "file"])
def test_what_was_read_before_a_change_is_not_kept_when_the_change_is_known_meanwhile(
    index: Index, site: Site, pages: Watched, what: str
) -> None:
    url = file_url(site.upload("demo", "demo-1.0.tar.gz", b"content"))
    path = url if what == "file" else "/simple/demo/"
    has_read, goes_on = threading.Event(), threading.Event()

    def hold() -> None:
        pages.after = lambda: None
        has_read.set()
        goes_on.wait(SECONDS)

    async def race() -> Reply:
        await reply_to(index, scope("/simple/other/"))
        pages.after = hold
        early = asyncio.create_task(reply_to(index, scope(path, headers=JSON)))
        await asyncio.to_thread(has_read.wait)
        site.delete("demo", "demo-1.0.tar.gz")
        await reply_to(index, scope("/simple/other/"))
        await reply_to(index, scope("/files/00/00/" + "0" * 60 + "/x"))
        goes_on.set()
        return await early

    assert asyncio.run(race()).status == 200  # it began before the deletion
    after = ask(index, path, headers=JSON)
    assert after.status == 404 if what == "file" else files_on(after) == []


# IX-11
def test_a_look_into_the_journal_that_began_before_a_publish_is_not_enough(
    index: Index, site: Site, pages: Watched
) -> None:
    has_read, goes_on = threading.Event(), threading.Event()

    def hold() -> None:
        pages.after = lambda: None
        has_read.set()
        goes_on.wait(SECONDS)

    async def race() -> Reply:
        await reply_to(index, scope("/simple/demo/", headers=JSON))
        site.create("another")
        pages.after = hold
        early = asyncio.create_task(reply_to(index, scope("/simple/other/")))
        await asyncio.to_thread(has_read.wait)
        publish(site, "demo", "demo-1.0.tar.gz")
        late = asyncio.create_task(reply_to(index, scope("/simple/demo/", headers=JSON)))
        await asyncio.sleep(0.05)
        goes_on.set()
        await early
        return await late

    assert files_on(asyncio.run(race())) == ["demo-1.0.tar.gz"]


# CR-06, CR-07: design D15
def test_what_is_in_memory_outlives_the_database_and_is_renewed_when_it_is_back(
    index: Index, site: Site, pages: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAUSE", 0.0)
    publish(site, "demo", "demo-1.0.tar.gz")
    url = file_url(site.upload("other", "other-1.0.tar.gz", b"content"))
    before = {path: ask(index, path, headers=JSON).body for path in ("/simple/demo/", "/simple/", url)}
    publish(site, "demo", "demo-2.0.tar.gz")
    pages.broken = lambda _question: True
    for path, body in before.items():
        assert ask(index, path, headers=JSON).body == body
    reply = ask(index, "/simple/never-seen/")
    assert (reply.status, reply.headers["retry-after"], reply.headers["cache-control"]) == (
        503,
        "5",
        "no-store",
    )
    pages.broken = lambda _question: False
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == ["demo-1.0.tar.gz", "demo-2.0.tar.gz"]
    assert ask(index, "/simple/never-seen/").status == 404


def test_an_outdated_page_is_better_than_none(index: Index, site: Site, pages: Watched) -> None:
    assert ask(index, "/simple/demo/").status == 200
    publish(site, "demo", "demo-1.0.tar.gz")
    pages.broken = lambda question: question == "demo"
    reply = ask(index, "/simple/demo/")
    assert (reply.status, b"demo-1.0" in reply.body) == (200, False)
    pages.broken = lambda _question: False
    assert b"demo-1.0" in ask(index, "/simple/demo/").body


# CR-08
def test_a_database_that_is_away_is_left_alone_for_a_while_and_nobody_waits_for_it(
    index: Index, site: Site, pages: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAUSE", 30.0)
    assert ask(index, "/simple/demo/").status == 200
    publish(site, "demo", "demo-1.0.tar.gz")
    pages.questions()
    pages.broken = lambda _question: True
    for _ in range(3):
        assert ask(index, "/simple/demo/").status == 200
        assert ask(index, "/simple/other/").status == 503
    assert pages.questions() == ["journal"]


# CR-08
def test_a_database_that_hangs_is_not_waited_for_without_end(
    index: Index, pages: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.1)
    pages.door.clear()
    try:
        assert ask(index, "/simple/demo/").status == 503
        assert ask(index, "/healthz").status == 200
    finally:
        pages.door.set()


def test_a_project_whose_page_cannot_be_made_keeps_nobody_from_the_others(
    index: Index, site: Site, pages: Watched
) -> None:
    site.connection.execute("UPDATE projects SET status = 'nonsense' WHERE name = 'demo'")
    assert ask(index, "/simple/demo/").status == 503
    assert ask(index, "/simple/other/").status == 200


def test_a_database_that_was_set_back_is_read_anew(site: Site, request: pytest.FixtureRequest) -> None:
    """Restored from a backup: the newest serial is lower than before."""
    pulse = Reported(9)
    pages = Watched(site)
    publish(site, "demo", "demo-1.0.tar.gz")
    index = Index(pages=pages, pulse=pulse, blobs=site.blobs, ready=lambda: True)
    request.addfinalizer(index.close)
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == ["demo-1.0.tar.gz"]
    site.connection.execute("DELETE FROM files")
    pulse.now = 8
    assert files_on(ask(index, "/simple/demo/", headers=JSON)) == []


class Reported:
    """A pulse that says what a test tells it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def serial(self) -> int:
        return self.now


def test_memory_is_bounded_and_what_was_used_last_stays(site: Site) -> None:
    pages = Watched(site)
    index = site.index(pages=pages, memory=Memory(pages=20_000, files=0))
    for number in range(20):
        site.create(f"project-{number}")
        ask(index, "/simple/project-0/")
        ask(index, f"/simple/project-{number}/")
    pages.questions()
    ask(index, "/simple/project-0/")
    ask(index, "/simple/project-19/")
    assert pages.questions() == []
    ask(index, "/simple/project-1/")
    assert pages.questions() == ["project-1"]


# IX-12, CC: every page that is seen while somebody publishes is one that was true, and time only goes forward
def test_readers_see_whole_publishes_in_order_while_files_come_and_go(index: Index, site: Site) -> None:
    rounds = 40
    stop = threading.Event()

    def write() -> None:
        for number in range(rounds):
            name = f"demo-1.{number}.tar.gz"
            file = site.upload("demo", name, b"%d" % number, metadata=b"Version: 1.%d" % number)
            assert site.blobs.has(file.sha256)
        stop.set()

    async def read() -> list[tuple[int, int]]:
        seen = []
        while True:
            last = stop.is_set()
            await asyncio.sleep(0)  # a request comes in a turn after what its sender knew
            reply = await reply_to(index, scope("/simple/demo/", headers=JSON))
            page = json.loads(reply.body)
            for file in page["files"]:
                assert site.blobs.has(file["hashes"]["sha256"])
                assert site.blobs.has(file["core-metadata"]["sha256"])
            assert page["meta"]["_last-serial"] == int(reply.headers["x-pypi-last-serial"])
            seen.append((page["meta"]["_last-serial"], len(page["files"])))
            if last:
                return seen
            await asyncio.sleep(0)

    async def readers() -> list[list[tuple[int, int]]]:
        return list(await asyncio.gather(*(read() for _ in range(4))))

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        everything = asyncio.run(readers())
        writing.result(60)
    for seen in everything:
        assert seen == sorted(seen)
        assert {serial - count for serial, count in seen if count} == {
            2
        }  # one file for each row of the journal
        assert seen[-1] == (rounds + 2, rounds)
