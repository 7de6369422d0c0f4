"""The seals file keeps every seal outside the database, and is never made to agree with a database that was changed."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from strongroom.accounts.events import EmailAdded
from strongroom.audit import reading, sealing, seals_file, trail
from strongroom.audit.models import Seal
from strongroom.audit.verifying import verify_all
from strongroom.kernel.actor import Actor
from tests.support.configuration import configured
from tests.support.people import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with configured("audit", seals_file=str(tmp_path / "seals.jsonl")):
        yield tmp_path / "seals.jsonl"


def make_seals(count: int) -> None:
    for _ in range(count):
        trail.record(EmailAdded(address="alice@example.org"), by=Actor.console())
        assert sealing.seal_all() == 1


def numbers(file: Path) -> list[int]:
    kept, findings = seals_file.read(file)
    assert findings == []
    assert file.read_bytes().count(b"\n") == len(kept)
    return list(kept)


def findings() -> list[tuple[str, int | None]]:
    kept, wrong = seals_file.read()
    return [(finding.code, finding.seal) for finding in (*wrong, *verify_all(kept=kept).findings)]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_seal_is_appended_once(file: Path) -> None:
    make_seals(3)
    assert seals_file.catch_up() == 3
    assert seals_file.catch_up() == 0
    make_seals(2)
    assert seals_file.catch_up() == 2
    assert numbers(file) == [1, 2, 3, 4, 5]
    assert seals_file.read()[0] == {seal.statement.number: seal.statement for seal in reading.seals()}
    assert file.stat().st_mode & 0o777 == 0o600
    assert findings() == []


def test_it_lies_in_the_data_folder_unless_it_has_another_place(file: Path, settings: object) -> None:
    assert seals_file.path() == file
    with configured("audit", seals_file="kept/seals.jsonl"):
        assert str(seals_file.path()).endswith("/kept/seals.jsonl")
    with configured("audit", seals_file=""):
        assert seals_file.path() is None
        assert seals_file.catch_up() == 0
        assert seals_file.read() == ({}, [])


def test_nodes_and_processes_append_at_once_and_nothing_is_there_twice(file: Path) -> None:
    make_seals(5)
    appended = at_once([seals_file.catch_up] * 8)
    assert sum(count for count in appended if isinstance(count, int)) == 5
    assert numbers(file) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("left", [1, 100, -1])
def test_a_line_that_a_crash_tore_is_written_again(file: Path, left: int) -> None:
    make_seals(3)
    seals_file.catch_up()
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]) + lines[2][:left])
    assert seals_file.catch_up() == 1
    assert file.read_bytes() == whole
    file.write_bytes(lines[0][:left])
    assert seals_file.catch_up() == 3
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit_seal WHERE number > 2",
        "UPDATE audit_seal SET count = 7 WHERE number = 4",
        "DELETE FROM audit_seal",
    ],
)
def test_a_file_that_contradicts_the_database_stays_as_it_is_and_is_told(
    file: Path, change: str, caplog: pytest.LogCaptureFixture
) -> None:  # AU-12
    seals_file._logged.clear()
    make_seals(4)
    seals_file.catch_up()
    before = file.read_bytes()
    sql(change)
    with caplog.at_level(logging.ERROR):
        assert seals_file.catch_up() == 0
        assert seals_file.catch_up() == 0
    assert file.read_bytes() == before
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert findings()


def test_a_database_that_was_set_back_and_went_on_is_found_at_the_first_seal_that_differs(
    file: Path,
) -> None:  # AU-12
    make_seals(4)
    seals_file.catch_up()
    before = file.read_bytes()
    sql("DELETE FROM audit_entry WHERE serial > (SELECT last FROM audit_seal WHERE number = 2)")
    sql("DELETE FROM audit_seal WHERE number > 2")
    make_seals(4)
    assert Seal.objects.count() == 6
    seals_file.catch_up()
    assert file.read_bytes() == before
    assert findings() == [("seal_rewritten", 3), ("seal_rewritten", 4)]


def test_a_file_that_ends_with_something_else_stays_as_it_is(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seals_file._logged.clear()
    make_seals(2)
    seals_file.catch_up()
    with file.open("ab") as end:
        end.write(b'{"number": 99}\n')
    before = file.read_bytes()
    make_seals(1)
    with caplog.at_level(logging.ERROR):
        assert seals_file.catch_up() == 0
    assert file.read_bytes() == before
    assert len(caplog.records) == 1
    assert findings() == [("copy_malformed", None)]


def test_a_file_that_is_gone_is_made_anew(file: Path) -> None:
    make_seals(2)
    seals_file.catch_up()
    file.unlink()
    assert seals_file.catch_up() == 2
    assert numbers(file) == [1, 2]
