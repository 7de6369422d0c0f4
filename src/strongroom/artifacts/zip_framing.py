"""The layout of a ZIP file as a whole.

A ZIP file can be read from its end (central directory), or from its start (local headers), and lenient readers
search for records in between. A file is taken here only if every reader must find the same members: members from byte 0,
each behind the other without a gap, then the directory, then the end records, then nothing.
"""

from strongroom.artifacts.limits import Limits
from strongroom.artifacts.paths import Paths, check_wheel_path
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.artifacts.source import Source
from strongroom.artifacts.zip_records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    END,
    END64,
    END64_SIGNATURE,
    END_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    LOCATOR64,
    LOCATOR64_SIGNATURE,
    MASK16,
    MASK32,
    Entry,
    mismatch,
    read_central,
)

_REGULAR, _FOLDER = 0o100000, 0o040000
_FORMAT = 0o170000
_TAR_BLOCK = 512


def read_directory(source: Source, limits: Limits) -> list[Entry]:
    """The members of the ZIP file in ``source``, in the order in which they lie there, all names checked."""
    _check_start(source)
    count, size, offset = _read_end(source)
    if count > limits.members:
        raise refusal(
            "archive_too_many_members",
            f"The wheel has more than {limits.members} members. Split the project.",
        )
    if size > limits.directory_bytes:
        raise refusal(
            "zip_directory_too_large",
            f"The directory of the wheel takes more than {limits.directory_bytes} bytes. Use fewer or shorter names.",
        )
    entries = _read_entries(source.at(offset, size), count)
    _check_layout(entries, end=offset)
    _check_cost(entries, budget=limits.budget(source.size))
    _check_names(entries)
    return entries


def _check_start(source: Source) -> None:
    head = source.at(0, min(_TAR_BLOCK, source.size))
    # Data before the first member: HTML or a program that happens to end in a ZIP file (UP-09, UP-25).
    if head[:4] != LOCAL_SIGNATURE:
        raise refusal(
            "zip_invalid", "The file does not begin as a ZIP file does. A wheel is a plain ZIP file."
        )
    # A tar header fits around a ZIP header: the same file unpacks to other members (check 48, UP-25).
    if is_tar_header(head):
        raise refusal(
            "archive_ambiguous", "The file is a ZIP file and a tar file at once. Build the wheel again."
        )


def is_tar_header(block: bytes) -> bool:
    """Whether a 512-byte block carries the checksum of a tar header (POSIX pax, "ustar Interchange Format")."""
    if len(block) < _TAR_BLOCK:
        return False
    try:
        stated = int(block[148:156].split(b"\0")[0].strip(b" ") or b"0", 8)
    except ValueError:
        return False
    return stated == sum(block[:148]) + sum(block[156:_TAR_BLOCK]) + 8 * ord(" ")


def ends_like_zip(source: Source) -> bool:
    """Whether ``source``, a file of another format, is a ZIP file to readers that look for the end record alone."""
    size = min(source.size, MASK16 + END.size)
    tail = source.at(source.size - size, size)
    at = tail.rfind(END_SIGNATURE, 0, size - END.size + len(END_SIGNATURE))
    if at < 0:
        return False
    directory_size = END.unpack_from(tail, at)[5]
    start = source.size - size + at - directory_size
    return directory_size >= CENTRAL.size and start >= 0 and source.at(start, 4) == CENTRAL_SIGNATURE


def _read_end(source: Source) -> tuple[int, int, int]:
    """Count, size and offset of the central directory; it must reach up to the end records."""
    # The end record is the last 22 bytes or there is a comment or trailing data, in which another archive,
    # or a second end record, could hide (UP-09).
    at = source.size - END.size
    record = source.at(at, END.size) if at >= 0 else b""
    if record[:4] != END_SIGNATURE:
        raise _not_at_its_end(source)
    _, disk, start_disk, count_here, count, size, offset, comment_size = END.unpack(record)
    if comment_size:
        raise refusal(
            "zip_comment", "The wheel carries a comment, or ends too early. Build it again without."
        )
    wide = _read_end64(source, at)
    if wide is not None:
        narrow = (
            (disk, MASK16),
            (start_disk, MASK16),
            (count_here, MASK16),
            (count, MASK16),
            (size, MASK32),
            (offset, MASK32),
        )
        for (value, mask), other in zip(narrow, (0, 0, wide[0], *wide[:3]), strict=True):
            if value not in (mask, min(other, mask)):
                raise mismatch("its two end records differ")
        count, size, offset = wide[:3]
        at = wide[3]
    elif disk or start_disk or count_here != count:
        raise mismatch("it is split over several disks")
    if offset + size != at:
        raise mismatch("its directory does not lie where the end record says")
    return count, size, offset


def _read_end64(source: Source, end: int) -> tuple[int, int, int, int] | None:
    """Count, size and offset from the ZIP64 end record, and where that lies; None if there is no such record."""
    at = end - LOCATOR64.size
    locator = source.at(at, LOCATOR64.size) if at >= 0 else b""
    if locator[:4] != LOCATOR64_SIGNATURE:
        return None
    _, disk, where, disks = LOCATOR64.unpack(locator)
    at -= END64.size
    if (
        disk != 0 or disks != 1 or where != at
    ):  # a second record elsewhere, or "extensible data" before the locator
        raise mismatch("its ZIP64 end record does not lie where its locator says")
    record = source.at(at, END64.size)
    signature, record_size, _, _, disk, start_disk, count_here, count, size, offset = END64.unpack(record)
    if signature != END64_SIGNATURE or record_size != END64.size - 12:
        raise mismatch("its ZIP64 end record is malformed")
    if disk or start_disk or count_here != count:
        raise mismatch("it is split over several disks")
    return count, size, offset, at


def _not_at_its_end(source: Source) -> Exception:
    size = min(source.size, MASK16 + END.size)
    if (
        END_SIGNATURE in source.at(source.size - size, size)[: 3 - END.size]
    ):  # with more than a record behind it
        return refusal("zip_invalid", "There is data behind the end of the ZIP file. Build the wheel again.")
    return refusal("archive_truncated", "The file ends before the ZIP file does. Upload it again.")


def _read_entries(directory: bytes, count: int) -> list[Entry]:
    entries: list[Entry] = []
    at = 0
    while at < len(directory):
        if len(entries) == count:  # so that a false count cannot make the loop long
            raise mismatch("its directory has more members than the end record says")
        entry, at = read_central(directory, at)
        entries.append(entry)
    if len(entries) != count:
        raise mismatch("its directory has fewer members than the end record says")
    if not entries:
        raise refusal("archive_empty", "The wheel has no members. Build it again.")
    return entries


def _check_layout(entries: list[Entry], *, end: int) -> None:
    """Members may neither overlap (Fifield's bomb shares one kernel among all) nor leave room for hidden ones."""
    if entries[0].offset != 0:
        raise mismatch("there is something before its first member")
    for entry, until in zip(entries, [*(entry.offset for entry in entries[1:]), end], strict=True):
        room = until - entry.offset - LOCAL.size - len(entry.raw_name) - entry.compressed
        if (
            not 0 <= room <= MASK16
        ):  # what is left is the local header's extra field; the reader checks that it is
            raise mismatch(f"{quoted(entry.name)} does not fill the place between its neighbors")
        entry.end = until


def _check_cost(entries: list[Entry], *, budget: int) -> None:
    """Sizes are only what the directory claims; the reader stops each member at its claim."""
    if sum(entry.size for entry in entries) > budget:
        raise refusal(
            "archive_bomb",
            f"The wheel decompresses to more than {budget} bytes, too much for its size. Split it, or compress it less.",
        )


def _check_names(entries: list[Entry]) -> None:
    paths = Paths(portable=True)
    folders: set[str] = set()
    for entry in entries:
        check_wheel_path(entry.name)
        kind = entry.mode & _FORMAT
        if kind not in (
            0,
            _FOLDER if entry.is_folder else _REGULAR,
        ):  # a symlink's content would be its target
            raise refusal(
                "member_special",
                f"The member {quoted(entry.name)} is neither a file nor a folder. Leave it out.",
            )
        if not entry.is_folder:
            paths.add_file(entry.name)
        elif entry.size:
            raise refusal(
                "member_special", f"The folder {quoted(entry.name)} has content. Build the wheel again."
            )
        elif entry.name in folders:
            raise refusal(
                "member_duplicate", f"The wheel has the folder {quoted(entry.name)} twice. Build it again."
            )
        else:
            folders.add(entry.name)
            paths.add_folder(entry.name.removesuffix("/"))
