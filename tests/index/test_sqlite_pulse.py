"""The pulse of a SQLite file."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.index import pulse as module
from strongroom.index.pulse import SqlitePulse
from tests.index.site import NEWEST_SERIAL, Site


@pytest.fixture
def pulse(site: Site) -> Iterator[SqlitePulse]:
    opened = SqlitePulse(site.database, NEWEST_SERIAL)
    yield opened
    opened.close()


# IX-11
def test_every_commit_of_somebody_else_is_seen_at_the_next_question(site: Site, pulse: SqlitePulse) -> None:
    assert pulse.serial() == 0
    for serial in range(1, 20):
        site.create("demo")
        assert pulse.serial() == pulse.serial() == serial


def test_what_is_not_committed_is_not_seen(site: Site, pulse: SqlitePulse) -> None:
    site.create("demo")
    with site.change("demo"):
        assert pulse.serial() == 1
    assert pulse.serial() == 2


def test_the_serial_is_read_only_when_something_was_committed(site: Site, pulse: SqlitePulse) -> None:
    site.create("demo")
    assert pulse.serial() == 1
    assert pulse._connection is not None
    asked: list[str] = []
    pulse._connection.set_trace_callback(asked.append)
    for _ in range(3):
        pulse.serial()
    assert asked == ["PRAGMA data_version"] * 3


def test_it_cannot_write(site: Site, pulse: SqlitePulse) -> None:
    pulse.serial()
    assert pulse._connection is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        pulse._connection.execute("DELETE FROM journal")


# CR-06: design D15
def test_the_last_serial_stands_while_somebody_holds_the_whole_file(
    site: Site, pulse: SqlitePulse, caplog: pytest.LogCaptureFixture
) -> None:
    site.connection.execute("PRAGMA journal_mode = DELETE")  # here a writer shuts readers out
    site.create("demo")
    assert pulse.serial() == 1
    site.connection.execute("BEGIN EXCLUSIVE")
    site.connection.execute("INSERT INTO journal (project) VALUES ('demo')")
    assert pulse.serial() == 1
    assert SqlitePulse(site.database, NEWEST_SERIAL).serial() == 0
    site.connection.execute("COMMIT")
    assert pulse.serial() == 2  # at once, without a pause
    assert caplog.records == []


# design D15
def test_the_last_serial_stands_while_the_file_cannot_be_read_and_says_so_once_a_pause(
    site: Site, pulse: SqlitePulse, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.create("demo")
    assert pulse.serial() == 1
    site.connection.execute("ALTER TABLE journal RENAME TO elsewhere")
    with caplog.at_level(logging.WARNING):
        assert [pulse.serial() for _ in range(3)] == [1, 1, 1]
        assert len(caplog.records) == 1
    site.connection.execute("ALTER TABLE elsewhere RENAME TO journal")
    site.create("demo")
    monkeypatch.setattr(pulse, "_retry_at", 0.0)
    assert pulse.serial() == 2


def test_a_file_that_is_made_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    pulse = SqlitePulse(tmp_path / "site.sqlite3", NEWEST_SERIAL)
    assert pulse.serial() == 0
    assert list(tmp_path.iterdir()) == []
    site = Site(tmp_path)
    site.create("demo")
    assert pulse.serial() == 1
    pulse.close()
    site.close()
