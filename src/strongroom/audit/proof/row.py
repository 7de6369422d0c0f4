"""An entry as it is sealed and exported, and its leaf.

A leaf commits to four parts of an entry, each through a salted hash of its own. So a part can be redacted later: its salt
and its values go, its hash stays, and the leaf is the same. JSON is canonical (RFC 8785: UTF-8, sorted keys, no spaces).

- part hash: SHA-256(salt || JSON of the part)
- leaf: SHA-256(0x00 || JSON of serial, time, tag and the four part hashes in hex); the 0x00 is that of RFC 9162 §2.1.1
"""

from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from strongroom.audit.proof import strict

SALT_BYTES: Final = 16
HASH_BYTES: Final = 32

BODY, CONTEXT, ORIGIN, PERSON = "body", "context", "origin", "person"
PARTS: Final = (BODY, CONTEXT, ORIGIN, PERSON)

FIELDS: Final = {
    BODY: (
        "outcome",
        "reason",
        "actor_kind",
        "actor_id",
        "subject_id",
        "project",
        "facts",
    ),
    CONTEXT: ("authenticated", "credential", "address_pseudonym", "client_family", "request_id"),
    ORIGIN: ("address", "client"),
    PERSON: ("actor_name", "personal"),
}
"""The columns of each part."""

EMPTY: Final[dict[str, Any]] = {
    name: None if name in {"actor_id", "subject_id"} else "{}" if name in {"facts", "personal"} else ""
    for names in FIELDS.values()
    for name in names
}
"""What a column holds once its part is redacted."""

_SORTED: Final = orjson.OPT_SORT_KEYS


class Row(NamedTuple):
    """One entry. ``time`` is RFC 3339 in UTC with six decimals; of each part either the salt or the hash is there."""

    serial: int
    time: str
    tag: str
    outcome: str
    reason: str
    actor_kind: str
    actor_id: int | None
    subject_id: int | None
    project: str
    facts: str
    body_salt: bytes | None
    body_hash: bytes | None
    authenticated: str
    credential: str
    address_pseudonym: str
    client_family: str
    request_id: str
    context_salt: bytes | None
    context_hash: bytes | None
    address: str
    client: str
    origin_salt: bytes | None
    origin_hash: bytes | None
    actor_name: str
    personal: str
    person_salt: bytes | None
    person_hash: bytes | None

    def values(self, part: str) -> dict[str, Any]:
        """The columns of one part."""
        return {name: getattr(self, name) for name in FIELDS[part]}

    @property
    def is_whole(self) -> bool:
        """Whether no part is gone."""
        return None not in (self.body_salt, self.context_salt, self.origin_salt, self.person_salt)

    def is_redacted(self, part: str) -> bool:
        """Whether a part is gone."""
        return getattr(self, f"{part}_salt") is None

    def part_hash(self, part: str) -> bytes:
        """The hash of one part, 32 bytes; ``b""`` where the row has neither salt nor hash."""
        salt, kept = getattr(self, f"{part}_salt"), getattr(self, f"{part}_hash")
        return part_hash(salt, self.values(part)) if salt is not None else bytes(kept or b"")

    def leaf(self) -> bytes:
        """The leaf hash, 32 bytes; of a row that no seal can be about (``UNPROVABLE``) that of nothing."""
        try:
            return _leaf(self)
        except (
            TypeError,
            ValueError,
            AttributeError,
        ):  # a database without types lets anything into a column
            return UNPROVABLE


def _leaf(row: Row) -> bytes:
    """With ``_committed`` this is what verifying a million entries waits for: columns by their place, names in their order."""
    (serial, time, tag, outcome, reason, actor_kind, actor_id, subject_id, project, facts, body_salt, body_hash,
     authenticated, credential, address_pseudonym, client_family, request_id, context_salt, context_hash,
     address, client, origin_salt, origin_hash, actor_name, personal, person_salt, person_hash) = row  # fmt: skip
    body = {
        "actor_id": actor_id,
        "actor_kind": actor_kind,
        "facts": facts,
        "outcome": outcome,
        "project": project,
        "reason": reason,
        "subject_id": subject_id,
    }
    context = {
        "address_pseudonym": address_pseudonym,
        "authenticated": authenticated,
        "client_family": client_family,
        "credential": credential,
        "request_id": request_id,
    }
    header = {
        "body": _committed(body_salt, body_hash, body),
        "context": _committed(context_salt, context_hash, context),
        "origin": _committed(origin_salt, origin_hash, {"address": address, "client": client}),
        "person": _committed(person_salt, person_hash, {"actor_name": actor_name, "personal": personal}),
        "serial": serial,
        "tag": tag,
        "time": time,
    }
    return sha256(b"\0" + orjson.dumps(header)).digest()


UNPROVABLE: Final = b""
"""In place of the leaf hash of a row whose columns have other types than they should."""


def part_hash(salt: bytes, values: dict[str, Any]) -> bytes:
    """The hash of a part from its salt and its columns."""
    return sha256(salt + orjson.dumps(values, option=_SORTED)).digest()


def _committed(salt: bytes | None, kept: bytes | None, part: dict[str, Any]) -> str:
    """In hex; a part has a salt or a hash, never both."""
    if kept is None and salt is not None:
        return sha256(salt + orjson.dumps(part)).hexdigest()
    if salt is None and kept is not None:
        return kept.hex()
    raise ValueError("a part has a salt or a hash")


def to_document(row: Row) -> dict[str, Any]:
    """A row as JSON: of a redacted part only its hash."""
    document: dict[str, Any] = {"serial": row.serial, "time": row.time, "tag": row.tag}
    for part in PARTS:
        salt = getattr(row, f"{part}_salt")
        document[part] = (
            {"hash": row.part_hash(part).hex()}
            if salt is None
            else {"salt": bytes(salt).hex(), **row.values(part)}
        )
    return document


def from_document(document: object) -> Row:
    """The row of a JSON document; raises ``strict.Malformed`` (a ``ValueError``) for what is none."""
    entry = strict.fields(document, _ENTRY)
    values: dict[str, Any] = {"serial": strict.integer(entry, "serial")}
    values |= {name: strict.text(entry, name) for name in ("time", "tag")}
    for part in PARTS:
        values |= _part_from(part, entry[part])
    return Row(**values)


_ENTRY: Final = frozenset({"serial", "time", "tag", *PARTS})


def _part_from(part: str, document: object) -> dict[str, Any]:
    if isinstance(document, dict) and document.keys() == {"hash"}:
        kept = bytes.fromhex(strict.hexadecimal(document, "hash", size=HASH_BYTES))
        return {name: EMPTY[name] for name in FIELDS[part]} | {f"{part}_salt": None, f"{part}_hash": kept}
    shown = strict.fields(document, {"salt", *FIELDS[part]})
    values: dict[str, Any] = {
        name: strict.integer_or_none(shown, name) if EMPTY[name] is None else strict.text(shown, name)
        for name in FIELDS[part]
    }
    salt = bytes.fromhex(strict.hexadecimal(shown, "salt", size=SALT_BYTES))
    return values | {f"{part}_salt": salt, f"{part}_hash": None}
