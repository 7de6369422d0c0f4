"""RECORD: the wheel's own list of its files (PEP 376, PEP 427), held against what is really there."""

import base64
import csv
import hashlib
from dataclasses import dataclass
from typing import Final

from strongroom.artifacts.refusals import quoted, refusal

# PEP 427: "The hash algorithm must be sha256 or better".
_STRONG: Final = frozenset(["sha256", "sha384", "sha512"])


@dataclass(frozen=True, slots=True)
class Line:
    """What RECORD says of one file; ``digest`` is in URL-safe base64 without padding, as it stands there."""

    algorithm: str
    digest: str
    size: int


def read_record(content: bytes, *, unhashed: frozenset[str]) -> dict[str, Line]:
    """Path -> line of RECORD, for all files but ``unhashed`` (RECORD itself and its signatures).

    Raises ``Refused`` (``wheel_record_invalid``, ``wheel_record_mismatch``): not UTF-8 or CSV, a line of another shape, a
    file twice, a hash that is weak or absent.
    """
    lines: dict[str, Line] = {}
    seen: set[str] = set()
    try:
        reader = csv.reader(content.decode("utf-8").splitlines(), strict=True)
        for number, row in enumerate(reader, start=1):
            if number != reader.line_num:  # a quoted line break, which readers glue together differently
                raise _invalid("".join(row), "goes over several lines")
            if not row:
                continue
            if len(row) != 3:
                raise _invalid(row[0], "does not have three fields: path, hash and size")
            if row[0] in seen:  # installers differ over which of the two counts
                raise _mismatch(row[0], "stands in RECORD twice")
            seen.add(row[0])
            if row[0] not in unhashed:
                lines[row[0]] = _read_line(*row)
    except (UnicodeDecodeError, csv.Error):
        raise refusal(
            "wheel_record_invalid",
            "RECORD is not a CSV file in UTF-8. Build the wheel again with a current tool.",
        ) from None
    return lines


class Recorded:
    """Takes each member's bytes and compares what comes out with RECORD."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self._left = dict(lines)

    def begin(self, path: str) -> "Check":
        """Begin with the member ``path``, which must stand in RECORD."""
        line = self._left.pop(path, None)
        if line is None:
            raise _mismatch(path, "is in the wheel but not in RECORD")
        return Check(path, line)

    def finish(self) -> None:
        """Refuse if RECORD lists files that have not come."""
        for path in self._left:
            raise _mismatch(path, "stands in RECORD but is not in the wheel")


class Check:
    """The hash and size of one member as its bytes come."""

    def __init__(self, path: str, line: Line) -> None:
        self._path = path
        self._line = line
        self._hash = hashlib.new(line.algorithm)
        self._size = 0

    def update(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(chunk)
        self._size += len(chunk)

    def finish(self) -> None:
        """Refuse if what came is not what RECORD says."""
        if self._size != self._line.size:
            raise _mismatch(self._path, "has another size than RECORD says")
        digest = base64.urlsafe_b64encode(self._hash.digest()).rstrip(b"=").decode("ascii")
        if digest != self._line.digest:
            raise _mismatch(self._path, "has another hash than RECORD says")


def _read_line(path: str, hashed: str, size: str) -> Line:
    algorithm, _, digest = hashed.partition("=")
    if algorithm not in _STRONG:
        raise _invalid(path, "needs a sha256, sha384 or sha512 hash")
    if not (size.isascii() and size.isdigit() and len(size) < 20):
        raise _invalid(path, "needs a size in bytes")
    return Line(algorithm, digest, int(size))


def _invalid(path: str, why: str) -> Exception:
    return refusal(
        "wheel_record_invalid", f"RECORD is invalid: the line of {quoted(path)} {why}. Build the wheel again."
    )


def _mismatch(path: str, why: str) -> Exception:
    return refusal(
        "wheel_record_mismatch",
        f"RECORD does not describe the wheel: {quoted(path)} {why}. Build the wheel again; do not edit it by hand.",
    )
