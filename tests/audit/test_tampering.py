"""Two hundred random tamperings with the tables of a sealed trail: every one is found, and the first bad place named."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from strongroom.audit import reading, sealing, seals_file
from tests.audit.tampering import TAMPERINGS, Named, Trail, make_trail, record_one, run, undone, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail() -> Trail:
    return make_trail(random.Random(20260101))


def test_there_are_two_hundred() -> None:
    assert sum(TAMPERINGS.values()) == 200


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_whatever_is_done_to_the_tables_is_found_and_named(
    trail: Trail, tamper: Callable[[Trail], Named]
) -> None:  # AU-01, AU-12
    assert verified(trail).findings == []
    for seed in range(TAMPERINGS[tamper]):
        trail.chance = random.Random(seed)
        with undone():
            named = tamper(trail)
            report = verified(trail)
            assert named.is_named_by(report), (seed, named, report.findings[:5])
    assert verified(trail).findings == []


def test_a_part_that_is_redacted_by_the_rules_is_no_finding(trail: Trail) -> None:
    report = verified(trail)
    assert report.redacted == len(trail.redacted) > 0
    assert (report.unsealed, report.entries) == (0, len(trail.serials))


@pytest.mark.parametrize("value", ["CAST(x'ff' AS TEXT)", "x'7b7d'", "'a' || char(0)"])
@pytest.mark.parametrize("column", ["facts", "time", "actor_name", "tag", "body_salt", "actor_id"])
def test_what_has_another_type_in_sqlite_is_found_and_breaks_nothing(
    trail: Trail, column: str, value: str
) -> None:  # AU-01
    if connection.vendor != "sqlite":
        run("UPDATE audit_entry SET actor_name = 'x' WHERE serial = %s", trail.serials[3])
    else:
        run(f"UPDATE audit_entry SET {column} = {value} WHERE serial = %s", trail.serials[3])
    assert Named(serial=trail.serials[3]).is_named_by(verified(trail))


@pytest.mark.parametrize("column", ["number", "first", "count", "root", "leaves", "signature"])
def test_a_seal_of_another_type_is_found_and_breaks_nothing(trail: Trail, column: str) -> None:  # AU-01
    value = "'x'" if connection.vendor == "sqlite" or column in {"root", "signature"} else "8"
    value = "'\\x00'::bytea" if connection.vendor != "sqlite" and column == "leaves" else value
    value = "-8" if connection.vendor != "sqlite" and column == "number" else value
    run(f"UPDATE audit_seal SET {column} = {value} WHERE number = 3")
    assert Named(seal=-8 if value == "-8" else 3).is_named_by(verified(trail))


@pytest.mark.parametrize(
    "spelled", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "20000-01-01 00:00:00+00"]
)
def test_a_time_that_python_does_not_know_is_found_and_breaks_nothing(
    trail: Trail, spelled: str
) -> None:  # AU-01
    run("UPDATE audit_entry SET time = %s WHERE serial = %s", spelled, trail.serials[3])
    assert Named(serial=trail.serials[3]).is_named_by(verified(trail))


def test_the_space_between_date_and_time_counts(trail: Trail) -> None:  # AU-01
    row = reading.row(trail.serials[0])
    assert row
    other = (
        row.time.replace("T", "X").rstrip("Z") if connection.vendor == "sqlite" else "2020-01-01 00:00:00+00"
    )
    run("UPDATE audit_entry SET time = %s WHERE serial = %s", other, trail.serials[0])
    assert Named(serial=trail.serials[0]).is_named_by(verified(trail))


def test_removing_all_seals_leaves_every_old_entry_unproven(trail: Trail) -> None:
    run("DELETE FROM audit_seal")
    trail.kept = {}
    report = verified(trail)
    assert Named(serial=trail.serials[0], code="entry_unsealed").is_named_by(report)


@pytest.mark.sqlite  # which stores a time as it is spelled, and sorts by that
@pytest.mark.parametrize("spelling", ["CAST(time AS blob)", "replace(time, ' ', 'T') || 'Z'"])
def test_a_time_that_is_spelled_otherwise_is_found(trail: Trail, spelling: str) -> None:  # AU-01
    run(f"UPDATE audit_entry SET time = {spelling} WHERE serial = %s", trail.serials[3])
    assert Named(serial=trail.serials[3], code="entry_changed").is_named_by(verified(trail))


@pytest.mark.parametrize(
    "change",
    [
        "number = 9223372036854775807",
        # SQLite lets anything into a column.
        *(
            pytest.param(text, marks=pytest.mark.sqlite)
            for text in ("last = 'x'", "root = x'ff'", "number = 'x'")
        ),
    ],
)
def test_nothing_is_sealed_upon_a_seal_that_is_none(
    trail: Trail, change: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # AU-01
    monkeypatch.setattr(seals_file, "path", lambda: tmp_path / "seals.jsonl")
    newest = max(trail.kept)
    run(f"UPDATE audit_seal SET {change} WHERE number = %s", newest)
    record_one(trail.chance)
    seals_file.seal()  # as it is done before verifying
    assert sealing.seal_all() == 0
    assert Named(seal=newest, code="seal_missing").is_named_by(verified(trail))


@pytest.mark.sqlite  # which lets anything into a column
def test_leaves_that_would_fill_memory_are_found(trail: Trail) -> None:  # AU-01
    run("UPDATE audit_seal SET leaves = 10000000000000 WHERE number = 2")
    assert Named(seal=2, code="seal_leaves").is_named_by(verified(trail))
