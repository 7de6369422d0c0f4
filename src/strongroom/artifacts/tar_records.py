"""One 512-byte header of a tar file (POSIX pax "ustar Interchange Format", and GNU's variant), and pax records."""

import re
from dataclasses import dataclass
from typing import Final

from strongroom.artifacts.refusals import quoted, refusal

BLOCK: Final = 512

FILE, FOLDER, SYMLINK, HARDLINK = b"0", b"5", b"2", b"1"
PAX, PAX_GLOBAL, GNU_LONG_NAME, GNU_LONG_LINK = b"x", b"g", b"L", b"K"
_OLD_FILE: Final = b"\0"
_SPARSE: Final = b"S"
_KNOWN: Final = frozenset([FILE, FOLDER, SYMLINK, HARDLINK, PAX, PAX_GLOBAL, GNU_LONG_NAME, GNU_LONG_LINK])

_POSIX_MAGIC, _GNU_MAGIC, _OLD_MAGIC = b"ustar\x0000", b"ustar  \0", b"\0" * 8
_OCTAL: Final = re.compile(rb" *([0-7]*)[ \0]*")
_PAX_LENGTH: Final = re.compile(rb"([1-9][0-9]{0,7}) ")
# Keys that change which files there are. A global header sets them for all members behind it, of which readers disagree.
_PAX_NAMES: Final = frozenset(["path", "linkpath", "size", "hdrcharset"])


@dataclass(slots=True)
class Header:
    """A member's header: ``kind`` is its type flag, ``size`` what follows it in bytes, ``link`` where a link points to."""

    name: str
    kind: bytes
    size: int
    mode: int
    link: str


def read_header(block: bytes) -> Header:
    """The header in ``block``; raises ``Refused`` (``tar_invalid``, ``tar_sparse``, ``member_special``)."""
    if read_octal(block[148:156]) != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise invalid("a header has a wrong checksum")
    kind = FILE if block[156:157] == _OLD_FILE else block[156:157]
    name = _text(block[:100])
    magic, prefix = block[257:265], block[345:500]
    if magic == _POSIX_MAGIC:
        name = f"{_text(prefix)}/{name}" if prefix[:1] != b"\0" else name
    elif magic not in (_GNU_MAGIC, _OLD_MAGIC) or prefix.strip(
        b"\0"
    ):  # a prefix to some readers, times to others
        raise invalid("a header is neither in POSIX nor in plain GNU format")
    if kind not in _KNOWN:
        raise _special(kind, name)
    # User and group ids and times are not used, but a reader that trips over them must not see another archive.
    for field in (block[108:116], block[116:124], block[136:148], block[329:337], block[337:345]):
        read_number(field)
    return Header(name, kind, read_number(block[124:136]), read_number(block[100:108]), _text(block[157:257]))


def read_pax(content: bytes, *, is_global: bool) -> dict[str, str]:
    """The records ``length key=value`` of a pax header that name files; all others are passed over.

    Raises ``Refused`` (``tar_invalid``, ``tar_sparse``).
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        length = _PAX_LENGTH.match(content, at)
        end = at + int(length[1]) if length else 0
        if not length or end > len(content) or end <= length.end() or content[end - 1 : end] != b"\n":
            raise invalid("a pax header is malformed")
        raw_key, equals, raw_value = content[length.end() : end - 1].partition(b"=")
        key = raw_key.decode("utf-8", "replace")
        if not equals:
            raise invalid("a pax header is malformed")
        if key.startswith("GNU.sparse."):
            raise _sparse()
        if key in _PAX_NAMES:
            if is_global or key in found or key == "hdrcharset":
                raise invalid(f"a pax header sets {quoted(key)} where readers disagree about it")
            found[key] = _decoded(raw_value)
        at = end
    return found


def read_octal(field: bytes) -> int:
    """A number in octal digits, padded with spaces or NUL."""
    digits = _OCTAL.fullmatch(field)
    if not digits:
        raise invalid("a header has a field that is no number")
    return int(digits[1] or b"0", 8)


def read_number(field: bytes) -> int:
    """A number in octal digits or in GNU's base 256, where the first bit marks it and the second would be the sign."""
    if field[0] & 0x80:
        if field[0] != 0x80 or (len(field) > 8 and any(field[1:-8])):
            raise invalid("a header has a negative or huge number")
        return int.from_bytes(field[1:], "big")
    return read_octal(field)


def decode_long(content: bytes) -> str:
    """The name in GNU's extra member for long names, which ends with NUL."""
    return _text(content)


def invalid(why: str) -> Exception:
    """The refusal of a malformed tar stream."""
    return refusal("tar_invalid", f"The tar file is malformed: {why}. Build the sdist again.")


def _text(field: bytes) -> str:
    return _decoded(field.partition(b"\0")[0])


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise invalid(f"the name {quoted(raw.decode('latin-1'))} is not in UTF-8") from None


def _special(kind: bytes, name: str) -> Exception:
    if kind == _SPARSE:
        return _sparse()
    return refusal(
        "member_special", f"The member {quoted(name)} is neither a file, folder nor link. Leave it out."
    )


def _sparse() -> Exception:
    return refusal(
        "tar_sparse", "The sdist has sparse files. Build it again without (GNU tar: not with --sparse)."
    )
