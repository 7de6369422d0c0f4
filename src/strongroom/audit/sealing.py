"""Sealing the trail: every minute, or as soon as there are a thousand entries."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from itertools import islice
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from strongroom.audit import reading
from strongroom.audit.models import Seal, Tally
from strongroom.audit.proof import merkle
from strongroom.audit.proof import seal as proof
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import FIRST_PREVIOUS, Statement
from strongroom.audit.settled import settled
from strongroom.kernel import clock
from strongroom.kernel.crashpoint import crashpoint
from strongroom.prepared.insert import insert

MOST: Final = 1000
"""Entries under one seal."""

LONGEST: Final = timedelta(minutes=1)
"""No entry waits longer for its seal."""

_MOST_SEALS: Final = 2**63 - 1  # numbers that both databases hold
_log = logging.getLogger(__name__)
_logged: set[str] = set()

_TALLY_SQL: Final = (
    "INSERT INTO {table} (day, tag, outcome, count) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (day, tag, outcome) DO UPDATE SET count = {table}.count + excluded.count"
)


def public_key() -> str:
    """The instance's public key, with which its seals are checked; 64 hex digits."""
    return proof.public_key(signing_key())


def signing_key() -> Ed25519PrivateKey:
    """The instance's key, with which it signs its seals and exports."""
    return proof.signing_key(settings.KEYRING.derive("audit seals"))


def seal_due() -> int:
    """Seal what is due; returns how many seals were made."""
    return _seal(_is_due)


def seal_all() -> int:
    """Seal every entry that is settled; returns how many seals were made."""
    return _seal(bool)


def _seal(is_due: Callable[[list[Row]], bool]) -> int:
    """Whoever seals at the same time, on whatever node, makes the same seal of a number or finds it made."""
    horizon, made = settled(), 0
    while horizon is not None:
        before = reading.newest_seal()
        if not is_sound(before):
            _log_once(
                "the newest seal is none; nothing is sealed until `strongroom audit verify` was looked at"
            )
            break
        after = before.last if before else 0
        rows = list(islice(reading.rows(after=after, up_to=horizon), MOST))
        if not is_due(rows):
            break
        crashpoint("audit.before_seal")
        leaves = {row.serial: row.leaf() for row in rows}
        made += _write(_statement(leaves, before), rows, leaves)
        crashpoint("audit.after_seal")
    return made


def is_sound(before: Statement | None) -> bool:
    """Whether a seal can follow it: a table that somebody changed is left as it is, as evidence, and verified as it is."""
    if before is None:
        return True
    return proof.is_well_formed(proof.Seal(statement=before, signature="0" * 128, leaves={})) and (
        before.number < _MOST_SEALS
    )


def _log_once(message: str) -> None:
    """Each process tells it once, not at every turn."""
    if message not in _logged:
        _logged.add(message)
        _log.error(message)


def _is_due(rows: list[Row]) -> bool:
    """A time that lies ahead is of a clock that was set back since; nobody knows how old such an entry is."""
    if len(rows) == MOST:
        return True
    early, late = (reading.timestamp(clock.now() + sign * LONGEST) for sign in (-1, 1))
    return any(not early <= row.time <= late for row in rows)


def _statement(leaves: dict[int, bytes], before: Statement | None) -> Statement:
    return Statement(
        number=before.number + 1 if before else 1,
        first=before.last + 1 if before else 1,
        last=max(leaves),
        count=len(leaves),
        root=merkle.root(list(leaves.values())).hex(),
        previous=before.hash() if before else FIRST_PREVIOUS,
        time=reading.timestamp(clock.now()),
        key=public_key(),
    )


@transaction.atomic
def _write(statement: Statement, rows: list[Row], leaves: dict[int, bytes]) -> bool:
    """Whether it was this process that wrote the seal: its number is taken once."""
    inserted = insert(
        Seal,
        unless_taken=True,
        **asdict(statement),
        signature=signing_key().sign(statement.text()).hex(),
        leaves=proof.pack(leaves),
    )
    crashpoint("audit.sealing")
    if inserted:
        _count(rows)
    return bool(inserted)


def _count(rows: list[Row]) -> None:
    counts = Counter((row.time[:10], row.tag, row.outcome) for row in rows if _is_countable(row))
    sql = _TALLY_SQL.format(table=connection.ops.quote_name(Tally._meta.db_table))  # noqa: SLF001  (public, for all its name)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*key, count) for key, count in sorted(counts.items())])


def _is_countable(row: Row) -> bool:
    """What somebody wrote into the table that is no entry must not hold up the seal of those that are."""
    try:
        date.fromisoformat(row.time[:10])
    except ValueError:
        return False
    return isinstance(row.tag, str) and isinstance(row.outcome, str)
