"""The pulse of a PostgreSQL database, on a cluster of its own."""

import logging
import time
from collections.abc import Iterator

import psycopg
import pytest

from strongroom.index import postgresql
from strongroom.index.postgresql import POLL_SECONDS, PostgresPulse
from tests.support.patience import SECONDS, until
from tests.support.postgresql import fresh_database, running_cluster

pytestmark = pytest.mark.slow

CHANNEL = "test journal"  # quoted wherever it goes
NEWEST_SERIAL = "SELECT MAX(serial) FROM journal"


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    with running_cluster() as cluster:
        yield cluster.url("strongroom")


@pytest.fixture
def url(cluster_url: str) -> Iterator[str]:
    with fresh_database(cluster_url) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE journal (serial bigserial)")
        yield url


@pytest.fixture
def pulse(url: str) -> Iterator[PostgresPulse]:
    opened = PostgresPulse(url, CHANNEL, NEWEST_SERIAL)
    yield opened
    opened.close()


def append(url: str, *, notify: bool) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO journal DEFAULT VALUES")
        if notify:
            connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])


# IX-11
def test_a_commit_is_heard_long_before_the_next_poll(
    url: str, pulse: PostgresPulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(url, notify=True)
    until(lambda: pulse.serial() == 1)
    monkeypatch.setattr(postgresql, "POLL_SECONDS", 4 * SECONDS)  # from the end of the present second on
    for serial in range(2, 7):
        append(url, notify=True)
        until(lambda serial=serial: pulse.serial() == serial)  # type: ignore[misc]
    monkeypatch.undo()
    append(url, notify=True)  # it is not asleep any more


# IX-11
def test_a_notification_that_gets_lost_costs_a_poll_and_no_more(url: str, pulse: PostgresPulse) -> None:
    append(url, notify=True)
    until(lambda: pulse.serial() == 1)
    append(url, notify=False)
    until(lambda: pulse.serial() == 2)


# IX-11
def test_what_this_process_committed_is_known_at_once_and_not_forgotten(
    url: str, pulse: PostgresPulse
) -> None:
    """The thread may be about to say what it read just before; that must not take the news back."""
    append(url, notify=True)
    until(lambda: pulse.serial() == 1)
    pulse.heard(3)
    pulse.heard(2)
    for _ in range(3):
        assert pulse.serial() == 3
        append(url, notify=False)
        time.sleep(POLL_SECONDS / 2)
    until(lambda: pulse.serial() == 4)


# CR-07: design D15
def test_the_last_serial_stands_while_the_database_is_away_and_goes_on_when_it_is_back(
    url: str, cluster_url: str, pulse: PostgresPulse, caplog: pytest.LogCaptureFixture
) -> None:
    append(url, notify=True)
    until(lambda: pulse.serial() == 1)
    name = url.rpartition("/")[2]
    server = cluster_url.rpartition("/")[0]
    with caplog.at_level(logging.WARNING), psycopg.connect(f"{server}/postgres", autocommit=True) as operator:
        operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        until(lambda: len(caplog.records) >= 2)  # it noticed, and tried again
        assert pulse.serial() == 1
        operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    append(url, notify=True)
    until(lambda: pulse.serial() == 2)
    append(url, notify=True)
    until(lambda: pulse.serial() == 3)


def test_without_a_database_the_serial_is_zero_and_asking_takes_no_time() -> None:
    pulse = PostgresPulse("postgresql://nobody@127.0.0.1:1/nothing", CHANNEL, NEWEST_SERIAL)
    assert pulse.serial() == 0
    pulse.close()
