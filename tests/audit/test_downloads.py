"""Downloads from a private site on their way to the database: collapsed, never blocking, and not lost while it is away."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from strongroom.audit.downloads import Downloads
from strongroom.audit.models import Download
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin

pytestmark = pytest.mark.django_db

WHEEL, SDIST = "a" * 64, "b" * 64
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def alice(address: str = "203.0.113.7", *, credential: str = "t0ken", client: str = "pip/26.0") -> Actor:
    return Actor(
        kind=ActorKind.TOKEN,
        origin=Origin(address=address, client=client),
        user_id=7,
        username="alice",
        credential=credential,
    )


def begin(downloads: Downloads, at: datetime, by: Actor, *, sha256: str = WHEEL) -> None:
    with clock.frozen(at):
        downloads.begun(sha256, "demo-1.0.whl", by=by)


@contextmanager
def no_database() -> Iterator[None]:
    """Whatever is asked of the database fails, as it does when it is gone."""

    def fail(*_: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(fail):
        yield


def test_the_downloads_of_an_hour_by_one_reader_are_one_row() -> None:
    downloads = Downloads()
    for minute in (1, 5, 30):
        begin(downloads, NOON + timedelta(minutes=minute), alice(client=f"pip/{minute}"))
    downloads.flush()
    begin(downloads, NOON + timedelta(minutes=3), alice(client="pip/3"))
    begin(downloads, NOON + timedelta(minutes=59), alice(client="pip/59"))
    downloads.flush()
    row = Download.objects.get()
    assert (row.sha256, row.filename, row.hour) == (WHEEL, "demo-1.0.whl", NOON)
    assert (row.user_id, row.username, row.credential, row.address) == (7, "alice", "t0ken", "203.0.113.7")
    assert (row.count, row.client) == (5, "pip/59")
    assert (row.first, row.last) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=59))


@pytest.mark.parametrize(
    ("later", "by", "sha256"),
    [
        (timedelta(hours=1), alice(), WHEEL),
        (timedelta(0), alice("198.51.100.9"), WHEEL),
        (timedelta(0), alice(credential="other"), WHEEL),
        (timedelta(0), alice(), SDIST),
    ],
)
def test_another_hour_address_token_or_file_is_another_row(later: timedelta, by: Actor, sha256: str) -> None:
    downloads = Downloads()
    begin(downloads, NOON, alice())
    begin(downloads, NOON + later, by, sha256=sha256)
    downloads.flush()
    assert [row.count for row in Download.objects.all()] == [1, 1]


def test_a_session_is_told_by_its_account_alone() -> None:
    downloads = Downloads()
    for session in ("11111111", "22222222"):
        by = Actor(kind=ActorKind.USER, user_id=7, username="alice", credential=session)
        begin(downloads, NOON, by)
    downloads.flush()
    assert [(row.credential, row.count) for row in Download.objects.all()] == [("", 2)]


def test_a_client_can_not_forge_lines_or_fill_the_table() -> None:  # AU-07
    downloads = Downloads()
    begin(downloads, NOON, alice(client="evil\r\n\x00\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10**6))
    downloads.flush()
    client = Download.objects.get().client
    assert (len(client), client.isprintable()) == (200, True)


def test_while_the_database_is_away_downloads_are_kept_and_written_once_it_is_back() -> None:
    downloads = Downloads()
    begin(downloads, NOON, alice())
    for minute in (1, 2):
        with no_database(), pytest.raises(OperationalError):
            downloads.flush()
        begin(downloads, NOON + timedelta(minutes=minute), alice())
    assert not Download.objects.exists()
    downloads.flush()
    row = Download.objects.get()
    assert (row.count, row.first, row.last) == (3, NOON, NOON + timedelta(minutes=2))
    downloads.flush()
    assert Download.objects.get().count == 3


def test_where_memory_ends_addresses_are_forgotten_before_readers(caplog: pytest.LogCaptureFixture) -> None:
    downloads = Downloads(most=3)
    for number in range(10):
        begin(downloads, NOON + timedelta(seconds=number), alice(f"203.0.113.{number}"))
    assert len(downloads) == 3
    downloads.flush()
    rows = {row.address: row.count for row in Download.objects.all()}
    assert rows == {"": 8, "203.0.113.8": 1, "203.0.113.9": 1}
    assert Download.objects.get(address="").first == NOON
    assert "not recorded" not in caplog.text


def test_what_must_be_dropped_is_logged_with_its_number(caplog: pytest.LogCaptureFixture) -> None:
    downloads = Downloads(most=2)
    for number in range(5):
        begin(downloads, NOON + timedelta(seconds=number), alice(credential=str(number)), sha256=WHEEL)
    with caplog.at_level(logging.ERROR):
        downloads.flush()
    kept = sum(row.count for row in Download.objects.all())
    (record,) = [record for record in caplog.records if "downloads were not recorded" in record.message]
    assert (kept, record.__dict__["count"]) == (2, 3)
    downloads.flush()
    assert len([record for record in caplog.records if "downloads were not recorded" in record.message]) == 1


def test_at_the_end_what_is_lost_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    downloads = Downloads()
    begin(downloads, NOON, alice())
    begin(downloads, NOON, alice())
    with no_database(), caplog.at_level(logging.ERROR):
        downloads.close()
    (record,) = caplog.records
    assert (record.message, record.__dict__["count"]) == ("the last downloads were not recorded", 2)


@pytest.mark.django_db(transaction=True)
def test_many_processes_that_write_the_same_rows_at_once_lose_no_download() -> None:
    """Each buffer is that of one process, filled in an order of its own."""
    files = [f"{number:064x}" for number in range(40)]
    buffers = [Downloads() for _ in range(6)]
    for number, downloads in enumerate(buffers):
        for sha256 in files if number % 2 else reversed(files):
            begin(downloads, NOON, alice(), sha256=sha256)
    together = threading.Barrier(len(buffers))

    def flush(downloads: Downloads) -> None:
        together.wait()
        try:
            downloads.flush()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(buffers)) as threads:
        list(threads.map(flush, buffers))
    assert [row.count for row in Download.objects.all()] == [len(buffers)] * len(files)


@pytest.mark.django_db(transaction=True)
def test_downloads_that_begin_while_others_are_written_are_counted_too() -> None:
    downloads, ended = Downloads(), threading.Event()

    def keep_flushing() -> None:
        while not ended.is_set():
            downloads.flush()
        connection.close()

    with ThreadPoolExecutor(5) as threads:
        flushing = threads.submit(keep_flushing)
        beginning = [
            threads.submit(lambda: [begin_now(downloads, sha256) for sha256 in (WHEEL, SDIST) * 200])
            for _ in range(4)
        ]
        for work in beginning:
            work.result()
        ended.set()
        flushing.result()
    downloads.close()
    assert sum(row.count for row in Download.objects.all()) == 4 * 400


def begin_now(downloads: Downloads, sha256: str) -> None:
    downloads.begun(sha256, "demo-1.0.whl", by=alice())
