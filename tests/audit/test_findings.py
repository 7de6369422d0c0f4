"""Each thing that can be wrong with a trail has a code of its own, and is the only one that is told where it is alone.

The seals are signed by the site's own key: what is found here, no signature shows.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from strongroom.audit.proof import check
from strongroom.audit.proof.check import Finding, Trust
from strongroom.audit.proof.hashed import hashed
from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.row import BODY, Row
from strongroom.audit.proof.seal import Seal
from tests.architecture.source import ROOT
from tests.audit.proofs import OTHER_KEY, PUBLIC, TIME, make_row, make_seal, make_seals, redact, seals, sign

ROWS = [make_row(serial) for serial in range(1, 21)]
SEALS = make_seals(ROWS)  # four of them


def found(rows: Sequence[Row], made: Sequence[Seal], **trust: Any) -> list[tuple[str, int | None]]:
    """The codes, and the entry or seal that each is about."""
    redactions, believed = Redactions(), Trust(keys=frozenset({PUBLIC}), **trust)
    report = check.verify(hashed(rows, redactions), made, trust=believed, redactions=redactions)
    return [(finding.code, _about(finding)) for finding in report.findings]


def _about(finding: Finding) -> int | None:
    return finding.serial if finding.serial is not None else finding.seal


def said(number: int, **changes: Any) -> Seal:
    """A seal that says something else, signed all the same."""
    seal = SEALS[number - 1]
    return sign(replace(seal, statement=replace(seal.statement, **changes)))


def put(number: int, *others: Seal) -> list[Seal]:
    """The seals with others in place of one."""
    return [*SEALS[: number - 1], *others, *SEALS[number:]]


def test_a_whole_trail_has_none() -> None:
    assert found(ROWS, SEALS) == []


def test_entries_that_are_not_as_they_were_sealed_are_named() -> None:
    assert found([*ROWS[:6], make_row(7, text="red"), *ROWS[7:]], SEALS) == [("entry_changed", 7)]
    assert found([*ROWS[:6], *ROWS[7:]], SEALS) == [("entry_removed", 7)]
    fewer = [*ROWS[:6], *ROWS[7:]]
    assert found(ROWS, make_seals(fewer, each=19)) == [("entry_inserted", 7)]


def test_a_range_of_which_the_list_of_hashes_was_changed_too_is_told_as_a_whole() -> None:
    rows = [*ROWS[:6], make_row(7, text="red"), *ROWS[7:]]
    leaves = {row.serial: row.leaf() for row in rows[5:10]}
    assert found(rows, put(2, replace(SEALS[1], leaves=leaves))) == [("range_changed", 2)]
    assert found(rows, put(2, replace(SEALS[1], leaves={}))) == [("range_changed", 2)]


def test_a_list_of_hashes_that_alone_was_changed_is_told() -> None:
    leaves = SEALS[1].leaves | {7: b"x" * 32}
    assert found(ROWS, put(2, replace(SEALS[1], leaves=leaves))) == [("seal_leaves", 2)]


def test_a_seal_of_another_history_does_not_follow() -> None:
    """Both are the site's own: it was set back, and sealed again."""
    other = make_seals([make_row(serial, text="red") for serial in range(1, 6)])[0]
    assert other.statement.hash() != SEALS[0].statement.hash()
    second = make_seal(ROWS[5:10], other.statement)
    assert found(ROWS, put(2, second)) == [("seal_chain", 2), ("seal_chain", 3)]
    assert found(ROWS, put(3, said(3, previous="f" * 64)))[0] == ("seal_chain", 3)


def test_a_seal_that_begins_elsewhere_leaves_a_gap_or_overlaps() -> None:
    gap = [("seal_range", 4), ("entry_unproven", 16), ("entry_removed", 16)]
    assert found(ROWS, put(4, said(4, first=17))) == gap
    assert found(ROWS, put(4, said(4, first=15))) == [("seal_range", 4)]


def test_entries_between_two_seals_that_lie_apart_are_unproven() -> None:
    assert found(ROWS, [SEALS[0], SEALS[2], SEALS[3]]) == [("seal_missing", 2), ("entry_unproven", 6)]


def test_a_seal_that_is_there_twice_or_comes_late_is_out_of_order() -> None:
    assert found(ROWS, put(2, SEALS[1], SEALS[1])) == [("seal_order", 2)]
    first = [("seal_missing", 2), ("entry_unproven", 6), ("seal_order", 2)]
    assert found(ROWS, [SEALS[0], SEALS[2], SEALS[1], SEALS[3]]) == first


def test_a_seal_that_is_none_is_malformed_and_its_entries_are_unproven() -> None:
    broken = replace(SEALS[1], signature="x")
    expected = [("seal_malformed", 2), ("seal_missing", 2), ("entry_unproven", 6)]
    assert found(ROWS, put(2, broken)) == expected


def test_a_seal_by_another_key_or_without_a_right_signature_is_not_believed() -> None:
    other = said(4, key=seals.public_key(OTHER_KEY))
    assert found(ROWS, put(4, other)) == [("seal_key", 4)]
    assert found(ROWS, put(4, replace(SEALS[3], signature="0" * 128))) == [("seal_signature", 4)]


def test_entries_in_another_order_or_twice_are_told() -> None:
    assert found([*ROWS[:7], ROWS[6], *ROWS[7:]], SEALS) == [("entry_order", 7)]
    assert found([*ROWS, ROWS[2]], SEALS) == [("entry_order", 3)]


def test_a_copy_that_was_kept_shows_what_was_rewritten_and_what_is_gone() -> None:
    kept = {seal.statement.number: seal.statement for seal in SEALS}
    assert found(ROWS, SEALS, kept=kept) == []
    assert found(ROWS, put(4, said(4, time=TIME.replace("12:", "13:"))), kept=kept) == [("seal_rewritten", 4)]
    assert found(ROWS, SEALS[:3], kept=kept) == [("seal_missing", 4)]
    assert found(ROWS, SEALS[:3], until=4) == [("seal_missing", 4)]


def test_an_entry_that_should_be_under_a_seal_since_long_is_told() -> None:
    later = TIME.replace("12:", "13:")
    assert found(ROWS, SEALS[:3], sealed_by=TIME) == []
    assert found(ROWS, SEALS[:3], sealed_by=later) == [("entry_unsealed", serial) for serial in range(16, 21)]


def test_a_part_that_is_gone_without_an_event_that_says_so_is_told() -> None:
    assert found([*ROWS[:6], redact(ROWS[6], BODY), *ROWS[7:]], SEALS) == [("entry_redacted", 7)]


def test_every_code_is_in_the_guide_and_in_a_test() -> None:
    sources = [
        (ROOT / "src/strongroom/audit/proof" / name).read_text()
        for name in ("check.py", "kept.py", "offline.py")
    ]
    made = set(re.findall(r'"((?:entry|seal|range|copy|export)_[a-z]+)"', "\n".join(sources)))
    guide = (ROOT / "docs/audit.md").read_text()
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(made) > 15
    assert {code for code in made if f"`{code}`" not in guide or f'"{code}"' not in tests} == set()


@pytest.mark.parametrize("number", range(1, 4))
def test_a_trail_may_be_taken_up_behind_any_seal(number: int) -> None:
    begin = SEALS[number - 1].statement
    assert found(ROWS[begin.last :], SEALS[number:], begin=begin) == []
    assert found(ROWS[begin.last - 1 :], SEALS[number:], begin=begin) == [("entry_unproven", begin.last)]
