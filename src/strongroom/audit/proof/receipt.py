"""A receipt: one entry, the seal of its range, and the path that leads from the one to the other.

It can be checked by whoever has the instance's public key, without the instance.
"""

from typing import Any, Final

from strongroom.audit.proof import merkle, strict
from strongroom.audit.proof import row as rows
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Seal

FORMAT: Final = "strongroom-receipt-1"
_LONGEST_PATH: Final = 64  # of a tree with 2^64 leaves


class NotProven(Exception):
    """A receipt does not prove its entry. ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def make(row: Row, seal: Seal, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The receipt for ``row`` as a JSON document. ``without`` names parts of which only the hash is given away.

    Raises ``NotProven`` for a row that is not in the seal.
    """
    if seal.leaves.get(row.serial) != row.leaf():
        raise NotProven("entry_not_sealed", f"Entry {row.serial} is not what was sealed: verify the trail.")
    index = list(seal.leaves).index(row.serial)
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


def verify(document: object, *, keys: frozenset[str]) -> Row:
    """The entry that a receipt proves to have been sealed by one of ``keys`` (64 hex digits each); raises ``NotProven``."""
    row, seal, index, path = _read(document)
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


def _read(document: object) -> tuple[Row, Seal, int, list[bytes]]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotProven("receipt_malformed", f"This is not a receipt: its format is not {FORMAT!r}.")
    try:
        receipt = strict.fields(document, {"format", "entry", "seal", "index", "path"})
        row, seal = rows.from_document(receipt["entry"]), seals.from_document(receipt["seal"])
        return row, seal, strict.integer(receipt, "index"), _path(receipt["path"])
    except strict.Malformed as error:
        raise NotProven("receipt_malformed", f"This is not a whole receipt: {error}.") from None


def _path(path: object) -> list[bytes]:
    if not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise strict.Malformed("path is not a list of hashes")
    return [bytes.fromhex(strict.hexadecimal({"path": node}, "path", size=32)) for node in path]
