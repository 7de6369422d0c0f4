"""An entry as verifying needs it: so little of it that other processes can do the hashing, which is most of the work."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.row import Row


class Hashed(NamedTuple):
    """The leaf hash (``Row.leaf``) of one entry."""

    serial: int
    time: str
    leaf: bytes


def hashed(rows: Iterable[Row], redactions: Redactions) -> Iterator[Hashed]:
    """Hash entries one by one; ``redactions`` sees each of them."""
    for row in rows:
        redactions.see(row)
        yield Hashed(row.serial, row.time, row.leaf())
