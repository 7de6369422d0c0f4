"""Entries and seals as documents: whole round trips, exact types, and leaves that stay when a part goes."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.audit.proof import kept
from strongroom.audit.proof import row as rows
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.row import FIELDS, PARTS, UNPROVABLE, Row
from strongroom.audit.proof.seal import Seal
from strongroom.audit.proof.strict import Malformed
from tests.audit.proofs import JSON, OTHER_KEY, PUBLIC, ROWS, make_row, make_seal, make_seals, redact, sign

KEYS = frozenset({PUBLIC})


@given(ROWS)
def test_an_entry_comes_back_from_its_document(row: Row) -> None:
    again = rows.from_document(orjson.loads(orjson.dumps(rows.to_document(row))))
    assert again == row
    assert again.leaf() == row.leaf()


@given(ROWS, st.sampled_from(PARTS))
def test_a_leaf_stays_when_a_part_is_redacted(row: Row, part: str) -> None:
    assert row.is_redacted(part) or redact(row, part).leaf() == row.leaf()


@pytest.mark.parametrize("name", Row._fields)
def test_every_column_counts(name: str) -> None:
    row = make_row(5)
    value = getattr(row, name)
    if name.endswith(("_salt", "_hash")):
        other: Any = b"x" * 32
    elif isinstance(value, int) or name == "subject_id":
        other = 8
    else:
        other = f"{value}x"
    assert row._replace(**{name: other}).leaf() != row.leaf()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_a_salt_or_a_hash(part: str) -> None:
    row = make_row(5)
    both = row._replace(**{f"{part}_hash": row.part_hash(part)})
    neither = row._replace(**{f"{part}_salt": None})
    assert both.leaf() == neither.leaf() == UNPROVABLE


def test_a_leaf_commits_to_the_columns_of_each_part_by_name() -> None:
    named = {name for names in FIELDS.values() for name in names}
    of_parts = {f"{part}_{kind}" for part in PARTS for kind in ("salt", "hash")}
    assert named | of_parts | {"serial", "time", "tag"} == set(Row._fields)
    for part in PARTS:
        row = make_row(5)
        assert redact(row, part).leaf() == row.leaf() != UNPROVABLE


@given(JSON)
def test_what_is_no_entry_and_no_seal_is_refused_with_a_sentence(document: Any) -> None:
    for read in (rows.from_document, seals.from_document):
        with pytest.raises(Malformed):
            read(document)


@given(st.sampled_from(sorted(seals.to_document(make_seal([make_row(1)])))), JSON)
def test_a_seal_with_any_field_changed_is_not_genuine_or_no_seal(name: str, value: Any) -> None:
    before = seals.to_document(make_seal([make_row(1)]))
    if before[name] == value and type(before[name]) is type(value):
        return
    with suppress(Malformed):
        assert not seals.from_document(before | {name: value}).is_genuine()


@given(st.binary(max_size=200))
def test_packed_leaves_come_back_or_are_none(packed: bytes) -> None:
    leaves = seals.unpack(packed)
    assert not leaves if len(packed) % 40 else len(leaves) <= len(packed) // 40


SEALS = make_seals([make_row(serial) for serial in range(1, 21)])
LINES = [kept.spell(seal) for seal in SEALS]


def codes(lines: list[bytes]) -> list[str]:
    return [finding.code for finding in kept.read(lines, keys=KEYS)[1]]


def test_a_seals_file_gives_its_statements_by_number() -> None:
    statements, findings = kept.read(LINES, keys=KEYS)
    assert statements == {seal.statement.number: seal.statement for seal in SEALS}
    assert findings == []


def test_a_torn_last_line_is_not_counted_and_one_in_the_middle_is_a_finding() -> None:
    torn = LINES[-1][:100]
    assert codes([*LINES[:-1], torn]) == []
    assert codes([LINES[0], torn + b"\n", *LINES[1:]]) == ["copy_malformed"]


def test_a_line_that_the_site_did_not_sign_is_not_believed() -> None:
    other: Seal = replace(SEALS[1], statement=replace(SEALS[1].statement, count=6))
    forged = sign(replace(SEALS[1], statement=replace(SEALS[1].statement, key=seals.public_key(OTHER_KEY))))
    for seal in (other, forged):
        lines = [LINES[0], kept.spell(seal), *LINES[2:]]
        assert codes(lines) == ["copy_forged"]
        assert 2 not in kept.read(lines, keys=KEYS)[0]


def test_two_seals_of_one_number_contradict_each_other() -> None:
    other = sign(replace(SEALS[1], statement=replace(SEALS[1].statement, count=6)))
    assert codes([*LINES, kept.spell(other)]) == ["copy_contradicts"]
    assert codes([*LINES, LINES[0]]) == []


@given(st.binary(max_size=300) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_no_line_of_a_seals_file_breaks_its_reader(line: bytes) -> None:
    statements, findings = kept.read([*LINES, line + b"\n"], keys=KEYS)
    assert len(statements) == len(LINES)
    assert [finding.code for finding in findings] == ["copy_malformed"]
