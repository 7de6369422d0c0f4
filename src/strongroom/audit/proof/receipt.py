"""A receipt: one entry, the seal of its range, and the path that leads from the one to the other.

It can be checked by whoever has the instance's public key, without the instance.
"""

from typing import Any, Final

from strongroom.audit.proof import merkle
from strongroom.audit.proof import row as rows
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.row import PARTS, Row
from strongroom.audit.proof.seal import Seal

FORMAT: Final = "strongroom-receipt-1"


class NotProven(Exception):
    """A receipt does not prove its entry. ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def make(row: Row, seal: Seal, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The receipt for ``row`` as a JSON document. ``without`` names parts of which only the hash is given away."""
    serials = list(seal.leaves)
    index = serials.index(row.serial)
    entry = rows.to_document(row)
    for part in without:
        entry[part] = {"hash": row.part_hash(part).hex()}
    return {
        "format": FORMAT,
        "entry": entry,
        "seal": seals.to_document(seal),
        "index": index,
        "path": [node.hex() for node in merkle.inclusion_proof(list(seal.leaves.values()), index)],
    }


def verify(document: dict[str, Any], *, keys: frozenset[str]) -> Row:
    """The entry that a receipt proves to have been sealed by one of ``keys`` (64 hex digits each); raises ``NotProven``."""
    if document.get("format") != FORMAT:
        raise NotProven("receipt_malformed", f"This is not a receipt: its format is not {FORMAT!r}.")
    try:
        row = rows.from_document(document["entry"])
        seal = seals.from_document(document["seal"])
        path = [bytes.fromhex(node) for node in document["path"]]
        index = int(document["index"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotProven("receipt_malformed", f"This is not a whole receipt ({error}).") from None
    if seal.statement.key not in keys:
        raise NotProven("key_unknown", f"The seal was made with another key: {seal.statement.key}.")
    if not seal.is_genuine():
        raise NotProven("signature_wrong", "The signature of the seal is wrong.")
    found = merkle.root_from_proof(row.leaf(), index, seal.statement.count, path)
    if found is None or found.hex() != seal.statement.root:
        raise NotProven(
            "entry_not_sealed", "This entry is not what was sealed: it was changed, or the path was."
        )
    return row


def shown_parts(row: Row) -> tuple[str, ...]:
    """The parts of which a receipt's entry has more than the hash."""
    return tuple(part for part in PARTS if not row.is_redacted(part))
