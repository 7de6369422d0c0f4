"""The members of a tar stream, one after the other, their contents never in memory as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from strongroom.artifacts.gzip_stream import GzipStream
from strongroom.artifacts.limits import Limits
from strongroom.artifacts.refusals import refusal
from strongroom.artifacts.tar_records import (
    BLOCK,
    FILE,
    FOLDER,
    GNU_LONG_LINK,
    GNU_LONG_NAME,
    HARDLINK,
    PAX,
    PAX_GLOBAL,
    SYMLINK,
    Header,
    decode_long,
    invalid,
    read_header,
    read_pax,
)

_MAX_EXTENSION: Final = 1024 * 1024
_ZEROS: Final = bytes(BLOCK)

MemberKind = Literal["file", "folder", "symlink", "hardlink"]
_KINDS: Final[dict[bytes, MemberKind]] = {
    FILE: "file",
    FOLDER: "folder",
    SYMLINK: "symlink",
    HARDLINK: "hardlink",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member. ``path`` has no slash at its end; ``size`` is in bytes; ``target`` is where a link points to."""

    path: str
    kind: MemberKind
    size: int
    mode: int
    target: str


class TarReader:
    """A tar stream inside a gzip stream, read once, front to back."""

    def __init__(self, stream: GzipStream, limits: Limits) -> None:
        self._stream = stream
        self._limit = limits.members
        self._unread = 0
        self._padding = 0

    def members(self) -> Iterator[Member]:
        """Each member in turn. When the iterator has ended, everything has been read to the end and checked."""
        count = 0
        while (header := self._next_header()) is not None:
            count += 1
            if count > self._limit:
                raise refusal(
                    "archive_too_many_members",
                    f"The sdist has more than {self._limit} members. Leave some out.",
                )
            yield _member(header)
            self._skip_content()
        self._read_end()

    def content(self) -> bytes:
        """The content of the member that ``members`` has just named; the caller has looked at its size."""
        content = self._read(self._unread)
        self._unread = 0
        return content

    def _next_header(self) -> Header | None:
        """The next member's header with what the extensions before it say; None at the end of the archive."""
        changes: dict[str, str] = {}
        while True:
            block = self._read(BLOCK)
            if block == _ZEROS:
                if changes:
                    raise invalid("it ends behind an extended header")
                return None
            header = read_header(block)
            if header.kind in _KINDS:
                self._unread, self._padding = header.size, -header.size % BLOCK
                return _changed(header, changes)
            for key, value in self._read_extension(header).items():
                if key in changes:  # a pax header and a GNU name, or two of one: which counts?
                    raise invalid("a member has two extended headers for the same thing")
                changes[key] = value

    def _read_extension(self, header: Header) -> dict[str, str]:
        if header.size > _MAX_EXTENSION:
            raise invalid(f"an extended header is larger than {_MAX_EXTENSION} bytes")
        content = self._read(header.size)
        self._read(-header.size % BLOCK)
        if header.kind in (PAX, PAX_GLOBAL):
            return read_pax(content, is_global=header.kind == PAX_GLOBAL)
        return {{GNU_LONG_NAME: "path", GNU_LONG_LINK: "linkpath"}[header.kind]: decode_long(content)}

    def _skip_content(self) -> None:
        left = self._unread + self._padding
        self._unread = self._padding = 0
        for piece in self._stream.pieces(left):
            left -= len(piece)
        if left:
            raise _truncated()

    def _read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if len(content) != size:
            raise _truncated()
        return content

    def _read_end(self) -> None:
        """Behind the end there are zeros alone: another archive there is seen by some readers (``tar --ignore-zeros``)."""
        for piece in self._stream.rest():
            if piece.tobytes().strip(b"\0"):
                raise invalid("there is something behind its end")


def _changed(header: Header, changes: dict[str, str]) -> Header:
    """``header`` with the name, link target and size that extended headers give."""
    header.name = changes.get("path", header.name)
    header.link = changes.get("linkpath", header.link)
    # A size of its own is only for members over 8 GiB; elsewhere, readers that know pax see other members than those
    # that do not (UP-23).
    if changes.get("size", str(header.size)) != str(header.size):
        raise invalid("an extended header changes the size of a member")
    return header


def _member(header: Header) -> Member:
    kind = _KINDS[header.kind]
    if kind != "file" and header.size:  # content to some readers, the next header to others
        raise invalid("a folder or link has a size")
    if kind == "file" and header.name.endswith("/"):  # a folder to readers of the oldest format
        raise invalid("a file has a name that ends in a slash")
    return Member(
        path=header.name.removesuffix("/") if kind == "folder" else header.name,
        kind=kind,
        size=header.size,
        mode=header.mode,
        target=header.link if kind in ("symlink", "hardlink") else "",
    )


def _truncated() -> Exception:
    return refusal(
        "archive_truncated", "The tar file ends too early. Build the sdist again, or upload it again."
    )
