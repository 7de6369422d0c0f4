"""The records of a ZIP file, one at a time, as PKWARE's APPNOTE.TXT (6.3.10) lays them out. Little endian throughout."""

import struct
from dataclasses import dataclass

from strongroom.artifacts.refusals import quoted, refusal

LOCAL = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
CENTRAL = struct.Struct("<4s6H3L5H2L")  # APPNOTE 4.3.12
END = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16
END64 = struct.Struct("<4sQ2H2L4Q")  # APPNOTE 4.3.14
LOCATOR64 = struct.Struct("<4sLQL")  # APPNOTE 4.3.15

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
END_SIGNATURE = b"PK\x05\x06"
END64_SIGNATURE = b"PK\x06\x06"
LOCATOR64_SIGNATURE = b"PK\x06\x07"

STORED, DEFLATED = 0, 8
MASK16, MASK32 = 0xFFFF, 0xFFFFFFFF

_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13  # plain, strong, and masked local headers (APPNOTE 4.4.4)
_DATA_DESCRIPTOR = 1 << 3
_UTF8 = 1 << 11
_HARMLESS = 1 << 1 | 1 << 2 | _UTF8  # how hard deflate tried; the name's encoding
_NEWEST_READER = 63  # APPNOTE 4.4.3.2: the last version that it describes

_ZIP64_EXTRA = 0x0001
_UNICODE_PATH_EXTRA = 0x7075
_ENCRYPTION_EXTRAS = frozenset([0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x0022, 0x9901])


@dataclass(slots=True)
class Entry:
    """A member as the central directory describes it. ``name`` ends in ``/`` for folders; sizes are in bytes."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    mode: int
    end: int = 0
    """Where the next member, or the central directory, begins; known once the layout has been checked."""

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder; the name alone decides, as it does for installers."""
        return self.name.endswith("/")


def read_central(directory: bytes, at: int) -> tuple[Entry, int]:
    """The entry at position ``at`` of the central directory, and the position behind it."""
    if len(directory) - at < CENTRAL.size:
        raise mismatch("its directory ends in the middle of a record")
    (
        signature, _made_by, reader, flags, method, _time, _date, crc, compressed, size,
        name_size, extra_size, comment_size, disk, _internal, external, offset,
    ) = CENTRAL.unpack_from(directory, at)  # fmt: skip
    if signature != CENTRAL_SIGNATURE:
        raise mismatch("its directory holds something else than members")
    end = at + CENTRAL.size + name_size + extra_size
    if end + comment_size > len(directory):
        raise mismatch("its directory ends in the middle of a record")
    if comment_size:  # readers that scan for records find whole archives in there
        raise refusal(
            "zip_comment", "A member of the wheel carries a comment. Build the wheel again without."
        )
    raw_name = directory[at + CENTRAL.size : at + CENTRAL.size + name_size]
    name = decode_name(raw_name, flags)
    _check_readable(name, flags=flags, method=method, reader=reader)
    if extra_size:
        extra = read_extra(directory[end - extra_size : end], raw_name)
        size, compressed, offset, disk = _widened(extra, size, compressed, offset, disk)
    if disk != 0 or MASK32 in (size, compressed, offset):
        raise mismatch("it is split over several disks, or lacks the 64-bit sizes that it announces")
    return Entry(name, raw_name, flags, method, crc, compressed, size, offset, external >> 16), end


def check_local(header: bytes, extra: bytes, entry: Entry) -> None:
    """Refuse unless the local header says what the central directory says: streaming readers believe the one,
    seeking readers the other (UP-08).
    """
    _, _, flags, method, _, _, crc, compressed, size, _, _ = LOCAL.unpack_from(header)
    if extra:
        size, compressed, _, _ = _widened(read_extra(extra, entry.raw_name), size, compressed, 0, 0)
    if (flags, method, crc, compressed, size) != (
        entry.flags,
        entry.method,
        entry.crc,
        entry.compressed,
        entry.size,
    ):
        raise mismatch(f"the two headers of {quoted(entry.name)} differ")


def read_extra(extra: bytes, raw_name: bytes) -> bytes | None:
    """The value of the ZIP64 field in ``extra`` (APPNOTE 4.5), if there is one."""
    seen: dict[int, bytes] = {}
    at = 0
    while at < len(extra):
        if len(extra) - at < 4:
            raise _bad_extra("is cut off")
        kind, size = struct.unpack_from("<2H", extra, at)
        value = extra[at + 4 : at + 4 + size]
        if len(value) != size:
            raise _bad_extra("is cut off")
        if kind in seen:  # readers differ over which of two counts
            raise _bad_extra("stands there twice")
        seen[kind] = value
        at += 4 + size
    if not seen.keys().isdisjoint(_ENCRYPTION_EXTRAS):
        raise refusal("zip_encrypted", "The wheel has encrypted members. Build it again without encryption.")
    # Info-ZIP's second name for the member: readers that follow it would unpack another file (UP-10).
    if seen.get(_UNICODE_PATH_EXTRA, b"\0" * 5 + raw_name)[5:] != raw_name:
        raise _bad_extra("gives it another name")
    return seen.get(_ZIP64_EXTRA)


def decode_name(raw_name: bytes, flags: int) -> str:
    """The member's name; without the UTF-8 flag it would be code page 437 to some readers and UTF-8 to others."""
    if raw_name.isascii():
        return raw_name.decode("ascii")
    try:
        if flags & _UTF8:
            return raw_name.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise refusal(
        "zip_member_name",
        f"The member {quoted(raw_name.decode('latin-1'))} has a name that is not ASCII and not marked as UTF-8.",
    )


def mismatch(why: str) -> Exception:
    """The refusal of a file whose records contradict each other."""
    return refusal("zip_mismatch", f"The ZIP file is inconsistent: {why}. Build the wheel again.")


def _check_readable(name: str, *, flags: int, method: int, reader: int) -> None:
    if flags & _ENCRYPTED:
        raise refusal(
            "zip_encrypted", f"The member {quoted(name)} is encrypted. Build the wheel without encryption."
        )
    if flags & _DATA_DESCRIPTOR:  # a streaming reader has to guess where the data ends
        raise refusal(
            "zip_data_descriptor",
            f"The member {quoted(name)} has its sizes behind its data. Build the wheel into a file, not into a pipe.",
        )
    if method not in (STORED, DEFLATED) or flags & ~_HARMLESS or reader & 0xFF > _NEWEST_READER:
        raise refusal(
            "zip_method",
            f"The member {quoted(name)} is neither stored nor deflated. Build the wheel with deflate.",
        )


def _widened(
    zip64: bytes | None, size: int, compressed: int, offset: int, disk: int
) -> tuple[int, int, int, int]:
    """The four values with those that are all ones taken from the ZIP64 field, in this order (APPNOTE 4.5.3)."""
    if zip64 is None:
        return size, compressed, offset, disk
    wanted = [size == MASK32, compressed == MASK32, offset == MASK32, disk == MASK16]
    if not any(wanted) and zip64 == struct.pack("<2Q", size, compressed):
        return size, compressed, offset, disk  # Bazel says everything twice; where both agree, readers do
    if (
        len(zip64) != 8 * sum(wanted[:3]) + 4 * wanted[3]
    ):  # more or less than announced: readers differ (UP-09)
        raise _bad_extra("has another length than its header announces")
    at = 0
    values = [size, compressed, offset, disk]
    for index, is_wanted in enumerate(wanted):
        if is_wanted:
            form = "<L" if index == 3 else "<Q"
            (values[index],) = struct.unpack_from(form, zip64, at)
            at += struct.calcsize(form)
    return values[0], values[1], values[2], values[3]


def _bad_extra(why: str) -> Exception:
    return refusal(
        "zip_extra_field", f"An extra field of a member {why}. Build the wheel again with another tool."
    )
