"""Receipts prove their entry, and nothing that was changed."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from strongroom.audit.proof import receipt
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.receipt import NotProven
from strongroom.audit.proof.row import PARTS
from tests.audit.proofs import JSON, OTHER_KEY, PUBLIC, make_row, make_seal, redact, sign

ROWS = [make_row(serial, text=str(serial)) for serial in range(1, 12)]
SEAL = make_seal(ROWS)
KEYS = frozenset({PUBLIC})


def refusal(document: Any) -> str:
    with pytest.raises(NotProven) as caught:
        receipt.verify(document, keys=KEYS)
    return caught.value.code


def changed(**paths: Any) -> Any:
    """The receipt of one entry with other values; ``a__b`` is the field ``b`` of ``a``."""
    document = deepcopy(receipt.make(ROWS[4], SEAL))
    for path, value in paths.items():
        *folders, name = path.split("__")
        place = document
        for folder in folders:
            place = place[folder]
        place[name] = value
    return document


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.serial))
def test_a_receipt_proves_its_entry(row: Any) -> None:
    assert receipt.verify(receipt.make(row, SEAL), keys=KEYS) == row


@pytest.mark.parametrize("part", PARTS)
def test_a_receipt_may_leave_a_part_out_and_still_proves_the_others(part: str) -> None:
    proven = receipt.verify(receipt.make(ROWS[4], SEAL, without=(part,)), keys=KEYS)
    assert proven == redact(ROWS[4], part)
    assert proven.is_redacted(part)


@pytest.mark.parametrize(
    "change",
    [
        {"entry__serial": 6},
        {"entry__time": "2026-01-31T12:00:00.000002Z"},
        {"entry__tag": "test.other"},
        {"entry__body__outcome": "refused"},
        {"entry__body__actor_id": 8},
        {"entry__body__salt": "00" * 16},
        {"entry__origin": {"hash": "00" * 32}},
        {"entry__person__actor_name": "mallory"},
        {"index": 5},
        {"index": 11},
        {"index": -1},
        {"path": []},
        {"path": ["00" * 32] * 4},
        {"path": [*receipt.make(ROWS[4], SEAL)["path"], "00" * 32]},
        {"path": receipt.make(ROWS[5], SEAL)["path"]},
    ],
    ids=str,
)
def test_another_entry_place_or_path_proves_nothing(change: dict[str, Any]) -> None:  # AU-01
    assert refusal(changed(**change)) == "entry_not_sealed"


@pytest.mark.parametrize(
    "change",
    [{"seal__root": "00" * 32}, {"seal__count": 12}, {"seal__last": 12}, {"seal__signature": "00" * 64}],
    ids=str,
)
def test_another_seal_has_no_signature(change: dict[str, Any]) -> None:
    assert refusal(changed(**change)) == "signature_wrong"


def test_a_seal_by_another_key_proves_nothing() -> None:
    forged = sign(replace(SEAL, statement=replace(SEAL.statement, key=seals.public_key(OTHER_KEY))))
    assert forged.is_genuine()
    assert refusal(receipt.make(ROWS[4], forged)) == "key_unknown"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "strongroom-receipt-2"},
        {"more": 1},
        {"index": True},
        {"index": 4.0},
        {"index": 10**30},
        {"path": "00"},
        {"path": [1]},
        {"path": ["zz" * 32]},
        {"path": ["AA" * 32]},
        {"path": [" " + "00" * 31 + "0"]},
        {"entry__serial": "5"},
        {"entry__serial": 10**40},
        {"entry__body": None},
        {"entry__body__facts": {}},
        {"entry__body__facts": "\ud800"},
        {"entry__body__more": ""},
        {"entry__body__salt": "00"},
        {"entry__origin": {"hash": "00" * 31}},
        {"entry__origin": {"hash": "00" * 32, "salt": "00" * 16}},
        {"seal": []},
        {"seal__number": 1.0},
        {"seal__key": "0" * 63},
        {"seal__time": None},
        {"seal__more": None},
    ],
    ids=ascii,
)
def test_what_is_not_spelled_as_a_receipt_is_none(change: dict[str, Any]) -> None:
    assert refusal(changed(**change)) == "receipt_malformed"


def test_an_entry_that_is_not_as_it_was_sealed_gets_no_receipt() -> None:
    for row in (ROWS[4]._replace(outcome="refused"), make_row(99)):
        with pytest.raises(NotProven) as caught:
            receipt.make(row, SEAL)
        assert caught.value.code == "entry_not_sealed"


@given(JSON)
def test_no_document_breaks_the_reader(document: Any) -> None:
    for value in (document, changed(entry=document), changed(seal=document), changed(path=document)):
        refusal(value)


@given(JSON)
def test_no_document_in_a_part_breaks_the_reader(document: Any) -> None:
    for part in PARTS:
        refusal(changed(**{f"entry__{part}": document}))
        for name in ("salt", "hash"):
            refusal(changed(**{f"entry__{part}__{name}": document}))
