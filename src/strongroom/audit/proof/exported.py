"""An export of the trail: JSON Lines in canonical JSON (RFC 8785) that can be verified without the instance.

The first line is the header: ``format``, ``instance`` (its base URL), ``version`` (of the program), ``time``, ``begin`` (the seal
behind which the export begins, or ``null``), ``newest`` (the number of the last seal in it), ``key`` and ``signature``: that of
the header without it. Then come the seals, ``{"leaves": hex, "seal": …}``, each before its entries, ``{"entry": …}``, and last the
entries that were not under a seal yet.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from strongroom.audit.proof import row as rows
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof import strict
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Seal, Statement

FORMAT: Final = "strongroom-export-1"
MAX_LINE: Final = 2**24
"""Bytes in one line."""


class ExportMalformed(Exception):
    """A line of an export cannot be read. ``line`` is its number, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line}: {message}.")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first line says. ``key`` is 64 hex digits, ``time`` RFC 3339."""

    instance: str
    version: str
    time: str
    begin: Seal | None
    newest: int
    key: str

    def text(self) -> bytes:
        """The bytes that are signed."""
        begin = seals.to_document(self.begin) if self.begin else None
        values = {name: getattr(self, name) for name in ("instance", "version", "time", "newest", "key")}
        return _canonical(values | {"begin": begin, "format": FORMAT})

    def line(self, key: Ed25519PrivateKey) -> bytes:
        """The first line of an export, signed."""
        signed = orjson.loads(self.text()) | {"signature": key.sign(self.text()).hex()}
        return _canonical(signed) + b"\n"


def spell_seal(seal: Seal) -> bytes:
    """The line of a seal, with its leaves."""
    return _canonical({"leaves": seals.pack(seal.leaves).hex(), "seal": seals.to_document(seal)}) + b"\n"


def spell_row(row: Row) -> bytes:
    """The line of an entry."""
    return _canonical({"entry": rows.to_document(row)}) + b"\n"


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, each at most a byte longer than ``MAX_LINE``."""
    while line := file.readline(MAX_LINE + 1):
        yield line


class Export:
    """An export that is being read: its header, then its seals and its entries, in step with each other."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Raises ``ExportMalformed`` for what does not begin as an export, or whose header is not signed."""
        self._lines = enumerate(lines, start=1)
        self._seals: deque[Seal] = deque()
        self._rows: deque[Row] = deque()
        number, document = self._next() or (1, None)
        try:
            self.header = _header(document)
        except strict.Malformed as error:
            raise ExportMalformed(number, f"this is not the header of an export: {error}") from None

    @property
    def begin(self) -> Statement | None:
        """The statement behind which it begins."""
        return self.header.begin.statement if self.header.begin else None

    def seals(self) -> Iterator[Seal]:
        """The seals; raises ``ExportMalformed``."""
        while self._seals or self._read_until(self._seals):
            yield self._seals.popleft()

    def rows(self) -> Iterator[Row]:
        """The entries; raises ``ExportMalformed``."""
        while self._rows or self._read_until(self._rows):
            yield self._rows.popleft()

    def _read_until(self, wanted: "deque[Seal] | deque[Row]") -> bool:
        while not wanted and (found := self._next()):
            number, document = found
            try:
                self._take(document)
            except strict.Malformed as error:
                raise ExportMalformed(number, str(error)) from None
        return bool(wanted)

    def _take(self, document: object) -> None:
        if isinstance(document, dict) and "entry" in document:
            self._rows.append(rows.from_document(strict.fields(document, {"entry"})["entry"]))
            return
        line = strict.fields(document, {"leaves", "seal"})
        packed = strict.text(line, "leaves")
        hexadecimal = strict.hexadecimal(line, "leaves", size=len(packed) // 2)
        self._seals.append(seals.from_document(line["seal"], seals.unpack(bytes.fromhex(hexadecimal))))

    def _next(self) -> tuple[int, object] | None:
        """The next line and its number; the spelling counts, so that no two readers see two things in it."""
        number, line = next(self._lines, (0, b""))
        if not line:
            return None
        try:
            document = orjson.loads(line) if len(line) <= MAX_LINE else None
        except orjson.JSONDecodeError as error:
            raise ExportMalformed(number, f"this is not JSON ({error})") from None
        if _canonical(document) + b"\n" != line:
            raise ExportMalformed(number, "this is not canonical JSON: the line was changed or is not whole")
        return number, document


def _header(document: object) -> Header:
    names = {"format", "instance", "version", "time", "begin", "newest", "key", "signature"}
    said = strict.fields(document, names)
    if said["format"] != FORMAT:
        raise strict.Malformed(f"its format is not {FORMAT!r}")
    header = Header(
        instance=strict.text(said, "instance"),
        version=strict.text(said, "version"),
        time=strict.text(said, "time"),
        begin=None if said["begin"] is None else seals.from_document(said["begin"]),
        newest=strict.integer(said, "newest"),
        key=strict.hexadecimal(said, "key", size=32),
    )
    signature = bytes.fromhex(strict.hexadecimal(said, "signature", size=64))
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.key)).verify(signature, header.text())
    except (InvalidSignature, ValueError):
        raise strict.Malformed("its signature is wrong") from None
    return header


def _canonical(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
