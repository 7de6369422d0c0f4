"""Entries, seals and exports that are made without a database."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from strongroom.audit.proof import exported, merkle
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.exported import Header
from strongroom.audit.proof.row import BODY, EMPTY, FIELDS, ORIGIN, PARTS, PERSON, Row
from strongroom.audit.proof.seal import FIRST_PREVIOUS, Seal, Statement

KEY = seals.signing_key(b"k" * 32)
PUBLIC = seals.public_key(KEY)
OTHER_KEY = seals.signing_key(b"o" * 32)
TIME = "2026-01-31T12:00:00.000001Z"


def make_row(serial: int, *, actor: int | None = 7, text: str = "blue") -> Row:
    """An entry with all its parts."""
    values: dict[str, Any] = dict(EMPTY) | {
        "outcome": "done",
        "actor_id": actor,
        "facts": f'{{"color":"{text}"}}',
        "address": "203.0.113.7",
        "actor_name": "alice",
    }
    salts = {f"{part}_salt": bytes([serial % 256]) * 16 for part in PARTS}
    hashes: dict[str, Any] = {f"{part}_hash": None for part in PARTS}
    return Row(serial=serial, time=TIME, tag="test.paint_dried", **values, **salts, **hashes)


def redact(row: Row, part: str) -> Row:
    """The entry without one of its parts; its leaf is the same."""
    empty = {name: EMPTY[name] for name in FIELDS[part]}
    return row._replace(**empty, **{f"{part}_salt": None, f"{part}_hash": row.part_hash(part)})


def make_seal(rows: Sequence[Row], before: Statement | None = None) -> Seal:
    """The seal over ``rows``."""
    statement = Statement(
        number=before.number + 1 if before else 1,
        first=before.last + 1 if before else 1,
        last=rows[-1].serial,
        count=len(rows),
        root=merkle.root([row.leaf() for row in rows]).hex(),
        previous=before.hash() if before else FIRST_PREVIOUS,
        time=TIME,
        key=PUBLIC,
    )
    return sign(Seal(statement=statement, signature="", leaves={row.serial: row.leaf() for row in rows}))


def sign(seal: Seal) -> Seal:
    """The seal with the signature of its own key."""
    key = KEY if seal.statement.key == PUBLIC else OTHER_KEY
    return replace(seal, signature=key.sign(seal.statement.text()).hex())


def make_seals(rows: Sequence[Row], *, each: int = 5) -> list[Seal]:
    """Seals over ``each`` of the rows, in a chain; the rest is too new."""
    made: list[Seal] = []
    for start in range(0, len(rows) - each + 1, each):
        made.append(make_seal(rows[start : start + each], made[-1].statement if made else None))
    return made


def export_of(rows: Sequence[Row], made: Sequence[Seal], *, begin: Seal | None = None) -> list[bytes]:
    """The lines of an export."""
    newest = made[-1].statement.number if made else 0
    header = Header(
        instance="http://localhost:8000", version="1", time=TIME, begin=begin, newest=newest, key=PUBLIC
    )
    lines, rest = [header.line(KEY)], list(rows)
    for seal in made:
        lines.append(exported.spell_seal(seal))
        lines += [exported.spell_row(row) for row in rest if row.serial <= seal.statement.last]
        rest = [row for row in rest if row.serial > seal.statement.last]
    return list(exported.closed(lines + [exported.spell_row(row) for row in rest], KEY))


def make_export(chance: random.Random) -> list[bytes]:
    """Some entries with gaps, under some seals, and two that are too new."""
    serials = [serial for serial in range(1, 60) if chance.random() > 0.2 or serial == 1]
    rows = [make_row(serial, actor=serial % 4, text=f"{serial}") for serial in serials]
    return export_of(rows, make_seals(rows, each=8))


ROWS = st.builds(
    lambda serial, text, actor, parts: _redacted(make_row(serial, actor=actor)._replace(address=text), parts),
    st.integers(-(2**63), 2**63 - 1),
    st.text(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.sets(st.sampled_from([BODY, ORIGIN, PERSON])),
)
"""Entries of any serial, author and address, with any of their parts redacted."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
"""Whatever somebody may send in place of a document."""


def _redacted(row: Row, parts: set[str]) -> Row:
    for part in parts:
        row = redact(row, part)
    return row
