"""An export of the trail: JSON Lines in canonical JSON (RFC 8785) that can be verified without the instance.

The first line is the header: ``format``, ``instance`` (its base URL), ``version`` (of the program), ``time``, ``begin`` (the seal
behind which the export begins, or ``null``), ``newest`` (the number of the last seal in it), ``key`` and ``signature``: that of
the header without it. Then come the seals, ``{"leaves": hex, "seal": …}``, each before its entries, ``{"entry": …}``, then the
entries that were not under a seal yet. The last line is the end: ``{"end": {"lines": …, "sha256": hex}, "signature": hex}`` with the
number and the SHA-256 digest of all lines before it. Without it anybody could add entries under no seal, such as one that explains
why the content of a sealed entry is missing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO, Final, TypeVar

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from strongroom.audit.proof import row as rows
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof import strict
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Seal, Statement

Line = TypeVar("Line", Seal, Row)

FORMAT: Final = "strongroom-export-1"
MAX_LINE: Final = 2**24
"""Bytes in one line."""
MAX_AHEAD: Final = 2**26
"""Bytes of lines that are held until those come that belong before them; an export as it was made needs a few of them."""


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


def closed(lines: Iterable[bytes], key: Ed25519PrivateKey) -> Iterator[bytes]:
    """All lines of an export, and the end that ``key`` signs."""
    count, digest = 0, sha256()
    for line in lines:
        count += 1
        digest.update(line)
        yield line
    end = _end(count, digest.hexdigest())
    yield _canonical({"end": end, "signature": key.sign(_text_of_end(end)).hex()}) + b"\n"


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, each at most a byte longer than ``MAX_LINE``."""
    while line := file.readline(MAX_LINE + 1):
        yield line


class Export:
    """An export that is being read: its header, then its seals and its entries, in step with each other."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Raises ``ExportMalformed`` for what does not begin as an export, or whose header is not signed."""
        self._lines = enumerate(lines, start=1)
        self._seals: deque[tuple[Seal, int]] = deque()
        self._rows: deque[tuple[Row, int]] = deque()
        self._ahead = 0  # bytes of the lines in both
        self._digest = sha256()
        self.is_as_written = False
        """Once all is read: whether the end says that these are the lines that the instance wrote."""
        number, document, line = self._next() or (1, None, b"")
        try:
            self.header = _header(document)
        except strict.Malformed as error:
            raise ExportMalformed(number, f"this is not the header of an export: {error}") from None
        self._digest.update(line)

    @property
    def begin(self) -> Statement | None:
        """The statement behind which it begins."""
        return self.header.begin.statement if self.header.begin else None

    def seals(self) -> Iterator[Seal]:
        """The seals; raises ``ExportMalformed``."""
        newest = self.header.newest
        while self._seals or (newest and self._read_until(self._seals)):
            seal = self._taken(self._seals)
            yield seal
            # What follows are entries, perhaps many: they are not read in search of one more seal.
            newest = 0 if seal.statement.number == self.header.newest else newest

    def rows(self) -> Iterator[Row]:
        """The entries; raises ``ExportMalformed``."""
        while self._rows or self._read_until(self._rows):
            yield self._taken(self._rows)

    def _taken(self, waiting: "deque[tuple[Line, int]]") -> "Line":
        found, size = waiting.popleft()
        self._ahead -= size
        return found

    def _read_until(self, wanted: "deque[tuple[Seal, int]] | deque[tuple[Row, int]]") -> bool:
        while not wanted and (found := self._next()):
            number, document, line = found
            try:
                self._take(number, document, line)
            except strict.Malformed as error:
                raise ExportMalformed(number, str(error)) from None
        return bool(wanted)

    def _take(self, number: int, document: object, line: bytes) -> None:
        if self.is_as_written:
            raise strict.Malformed("it stands behind the end")
        if isinstance(document, dict) and "end" in document:
            self._check_end(strict.fields(document, {"end", "signature"}), number - 1)
            return
        self._digest.update(line)
        self._ahead += len(line)
        if self._ahead > MAX_AHEAD:
            raise strict.Malformed("seals do not stand before their entries")
        if isinstance(document, dict) and "entry" in document:
            self._rows.append((rows.from_document(strict.fields(document, {"entry"})["entry"]), len(line)))
            return
        said = strict.fields(document, {"leaves", "seal"})
        packed = strict.text(said, "leaves")
        hexadecimal = strict.hexadecimal(said, "leaves", size=len(packed) // 2)
        leaves = seals.unpack(bytes.fromhex(hexadecimal))
        self._seals.append((seals.from_document(said["seal"], leaves), len(line)))

    def _check_end(self, said: dict[str, Any], lines: int) -> None:
        end = _end(lines, self._digest.hexdigest())
        signature = strict.hexadecimal(said, "signature", size=64)
        if said["end"] != end or not seals.is_signed(
            _text_of_end(end), signature=signature, key=self.header.key
        ):
            raise strict.Malformed("lines before it were changed, removed or added")
        self.is_as_written = True

    def _next(self) -> tuple[int, object, bytes] | None:
        """The next line with its number; the spelling counts, so that no two readers see two things in it."""
        number, line = next(self._lines, (0, b""))
        if not line:
            return None
        try:
            document = orjson.loads(line) if len(line) <= MAX_LINE else None
            is_canonical = _canonical(document) + b"\n" == line
        except orjson.JSONDecodeError as error:
            raise ExportMalformed(number, f"this is not JSON ({error})") from None
        except orjson.JSONEncodeError:  # what nests deep can be read, and not written
            is_canonical = False
        if not is_canonical:
            raise ExportMalformed(number, "this is not canonical JSON: the line was changed or is not whole")
        return number, document, line


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
    signature = strict.hexadecimal(said, "signature", size=64)
    if not seals.is_signed(header.text(), signature=signature, key=header.key):
        raise strict.Malformed("its signature is wrong")
    return header


def _end(lines: int, sha256: str) -> dict[str, Any]:
    return {"lines": lines, "sha256": sha256}


def _text_of_end(end: dict[str, Any]) -> bytes:
    return _canonical(end | {"format": FORMAT})


def _canonical(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
