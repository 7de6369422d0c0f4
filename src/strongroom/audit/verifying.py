"""Verifying the trail in the database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from strongroom.audit import hashing, reading
from strongroom.audit.proof.check import Report, Trust, verify
from strongroom.audit.proof.hashed import Hashed
from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.seal import Statement
from strongroom.audit.sealing import LONGEST, public_key
from strongroom.kernel import clock

SLACK: Final = timedelta(minutes=5)
"""Sealing may be late by so much: a restart, a long transaction."""


def verify_all(
    *,
    kept: Mapping[int, Statement],
    former_keys: frozenset[str] = frozenset(),
    seen: Callable[[Iterator[Hashed]], Iterator[Hashed]] = iter,
) -> Report:
    """Compare every entry with its seal. ``kept`` are the statements in the seals file, ``former_keys`` earlier public keys.

    The entries pass through ``seen`` on their way, which may count them.
    """
    trust = Trust(
        keys=former_keys | {public_key()},
        kept=kept,
        sealed_by=reading.timestamp(clock.now() - LONGEST - SLACK),
    )
    redactions = Redactions()
    return verify(seen(hashing.entries(redactions)), reading.seals(), trust=trust, redactions=redactions)
