"""What a thief of the database has, and the ways in which a secret could stand in it."""

import base64
import hashlib
import re
import sqlite3
import uuid
from binascii import Error
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Tables = dict[str, list[dict[str, Any]]]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PLAIN_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")


def dump(data: Path, database_url: str | None) -> Tables:
    """Every row of every table."""
    return _dump_postgresql(database_url) if database_url else _dump_sqlite(data / "strongroom.sqlite3")


def _dump_sqlite(path: Path) -> Tables:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in names}


def _dump_postgresql(url: str) -> Tables:
    with psycopg.connect(url, row_factory=dict_row) as database:
        named = database.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        return {
            row["table_name"]: database.execute(
                sql.SQL("SELECT * FROM {}").format(sql.Identifier(row["table_name"]))
            ).fetchall()
            for row in named
        }


def written_out(tables: Tables, files: list[Path]) -> bytes:
    """All values of all tables, and the database's own files: with what was deleted, and not written over yet."""
    values = [value for rows in tables.values() for row in rows for value in row.values()]
    return b"\n".join([*map(_bytes_of, values), *(path.read_bytes() for path in files)])


def _bytes_of(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, uuid.UUID):
        return value.bytes + value.hex.encode()
    return str(value).encode()


def spellings(secret: str) -> set[bytes]:
    """A secret as text, as the bytes that its text stands for, and both in the usual encodings."""
    texts = {secret, secret.replace("-", ""), secret.lower(), secret.replace("-", "").lower()}
    meanings = {text.encode() for text in texts} | set(_meanings(secret))
    return {spelled for meaning in meanings for spelled in _encodings(meaning)}


def plain_hashes(secret: str) -> set[bytes]:
    """What anybody can compute from a guess: hashes without a key, of every spelling of what people type."""
    texts = {secret, secret.replace("-", ""), secret.lower(), secret.replace("-", "").lower()}
    hashed = {hashlib.new(name, text.encode()).digest() for name in _PLAIN_HASHES for text in texts}
    return {spelled for raw in hashed for spelled in _encodings(raw)}


def _meanings(secret: str) -> Iterator[bytes]:
    """What it stands for in base 32, in base 64, and in the alphabet of recovery codes."""
    plain = secret.replace("-", "")
    if re.fullmatch(r"[A-Z2-7]{32}", secret):
        yield base64.b32decode(secret)
    if re.fullmatch(f"[{_CROCKFORD}]{{16}}", plain):
        number = sum(_CROCKFORD.index(digit) << 5 * place for place, digit in enumerate(reversed(plain)))
        yield number.to_bytes(10)
    try:
        raw = base64.b64decode(f"{secret}{'=' * (-len(secret) % 4)}", altchars=b"-_", validate=True)
    except (Error, ValueError):
        return
    if len(raw) >= 10:  # what is shorter is found by chance
        yield raw


def _encodings(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b32encode(raw)):
        yield encoded.rstrip(b"=")
