"""ZIP, gzip and tar files written field by field, so that each field can be wrong."""

import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.artifacts.building import MTIME, wheel_members

STORED, DEFLATED = 0, 8
REGULAR, FOLDER, SYMLINK = 0o100644, 0o040755, 0o120777
DATA_DESCRIPTOR, UTF8 = 1 << 3, 1 << 11


@dataclass
class Member:
    """One ZIP member. ``local`` and ``central`` replace fields of one of its two headers by name."""

    name: bytes
    content: bytes = b""
    method: int = DEFLATED
    flags: int = 0
    mode: int = REGULAR
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    stream: bytes | None = None
    """What stands in the file instead of the compressed content."""
    behind: bytes = b""
    """What stands between this member's data and the next member."""

    def compressed(self) -> bytes:
        if self.stream is not None:
            return self.stream
        if self.method == STORED:
            return self.content
        return deflate(self.content)

    def fields(self) -> dict[str, Any]:
        return {
            "reader": 20,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "compressed": len(self.compressed()),
            "size": len(self.content),
            "name": self.name,
            "extra": b"",
            "comment": b"",
            "disk": 0,
            "external": self.mode << 16,
        }


def members(contents: Mapping[str, bytes] | None = None) -> list[Member]:
    """The members of a valid wheel, or of ``contents``."""
    return [Member(name.encode(), content) for name, content in (contents or wheel_members()).items()]


def zip_file(
    these: Iterable[Member],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    behind: bytes = b"",
    comment: bytes = b"",
    zip64: bool = False,
    end: Mapping[str, int] | None = None,
    end64: Mapping[str, int] | None = None,
    locator: Mapping[str, int] | None = None,
    before_locator: bytes = b"",
) -> bytes:
    """A ZIP file of ``these``; what is named replaces fields of the end records."""
    body, directory = bytearray(prefix), bytearray()
    count = 0
    for member in these:
        offset = len(body)
        body += local_header(member) + member.compressed() + member.behind
        directory += central_header(member, offset)
        count += 1
    body += before_directory
    values = {
        "disk": 0,
        "start": 0,
        "here": count,
        "count": count,
        "size": len(directory),
        "offset": len(body),
    }
    body += directory
    if zip64:
        at = len(body)
        body += end64_record({**values, **(end64 or {})})
        body += before_locator + locator_record({"disk": 0, "at": at, "disks": 1, **(locator or {})})
        values = {
            "disk": 0,
            "start": 0,
            "here": 0xFFFF,
            "count": 0xFFFF,
            "size": 0xFFFFFFFF,
            "offset": 0xFFFFFFFF,
        }
    return bytes(body) + end_record({**values, **(end or {})}, comment) + behind


def local_header(member: Member) -> bytes:
    it = {**member.fields(), **member.local}
    return (
        struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", it["reader"], it["flags"], it["method"], 0, 0x21,
            it["crc"], it["compressed"], it["size"], len(it["name"]), len(it["extra"]),
        )
        + it["name"] + it["extra"]
    )  # fmt: skip


def central_header(member: Member, offset: int) -> bytes:
    it = {"offset": offset, **member.fields(), **member.central}
    return (
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x031E, it["reader"], it["flags"], it["method"], 0, 0x21,
            it["crc"], it["compressed"], it["size"], len(it["name"]), len(it["extra"]), len(it["comment"]),
            it["disk"], 0, it["external"], it["offset"],
        )
        + it["name"] + it["extra"] + it["comment"]
    )  # fmt: skip


def end_record(it: Mapping[str, int], comment: bytes = b"") -> bytes:
    return (
        struct.pack(
            "<4s4H2LH", b"PK\x05\x06", it["disk"], it["start"], it["here"], it["count"], it["size"], it["offset"],
            it.get("comment", len(comment)),
        )
        + comment
    )  # fmt: skip


def end64_record(it: Mapping[str, int]) -> bytes:
    return struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", it.get("length", 44), 45, 45, it["disk"], it["start"], it["here"], it["count"],
        it["size"], it["offset"],
    )  # fmt: skip


def locator_record(it: Mapping[str, int]) -> bytes:
    return struct.pack("<4sLQL", b"PK\x06\x07", it["disk"], it["at"], it["disks"])


def extra(kind: int, value: bytes) -> bytes:
    """One extra field."""
    return struct.pack("<2H", kind, len(value)) + value


def deflate(content: bytes, level: int = 9) -> bytes:
    """A raw deflate stream."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return compressor.compress(content) + compressor.flush()


def tar_header(name: str | bytes = "demo-1.0/file", **replaced: Any) -> bytes:
    """A POSIX header of 512 bytes; the checksum is right unless it is replaced too."""
    it = {
        "name": name.encode() if isinstance(name, str) else name, "mode": b"0000644\0", "uid": b"0000000\0", "gid": b"0000000\0", "size": b"00000000000\0",
        "mtime": f"{MTIME:011o}\0".encode(), "type": b"0", "link": b"", "magic": b"ustar\x0000", "uname": b"", "gname": b"",
        "major": b"0000000\0", "minor": b"0000000\0", "prefix": b"",
        **replaced,
    }  # fmt: skip
    block = struct.pack(
        "100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x", it["name"], it["mode"], it["uid"], it["gid"], it["size"],
        it["mtime"], b" " * 8, it["type"], it["link"], it["magic"], it["uname"], it["gname"], it["major"], it["minor"],
        it["prefix"],
    )  # fmt: skip
    return block[:148] + it.get("checksum", f"{sum(block):06o}\0 ".encode()) + block[156:]


def tar_member(name: str | bytes, content: bytes = b"", **replaced: Any) -> bytes:
    """A header, the content, and zeros up to the next 512 bytes."""
    size = f"{len(content):011o}\0".encode()
    return tar_header(name, **{"size": size, **replaced}) + padded(content)


def pax(records: Mapping[str, str | bytes], *, kind: bytes = b"x") -> bytes:
    """A pax header for the next member, or for all with ``kind=b"g"``."""
    body = b"".join(pax_record(key, value) for key, value in records.items())
    return tar_member("PaxHeader", body, type=kind)


def pax_record(key: str, value: str | bytes) -> bytes:
    line = b" " + key.encode() + b"=" + (value.encode() if isinstance(value, str) else value) + b"\n"
    length = len(line)
    while length != len(line) + len(str(length)):
        length = len(line) + len(str(length))
    return str(length).encode() + line


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def gzip_file(
    content: bytes, *, flags: int = 0, between: bytes = b"", trailer: bytes | None = None, level: int = 9
) -> bytes:
    """A gzip stream with any flags, ``between`` standing behind the header."""
    header = struct.pack("<2sBBLBB", b"\x1f\x8b", 8, flags, 0, 2, 255)
    right = struct.pack("<2L", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return header + between + deflate(content, level) + (right if trailer is None else trailer)


def sdist_file(*parts: bytes, end: bytes = bytes(1024)) -> bytes:
    """The gzipped tar file of ``parts``, which come behind a valid PKG-INFO."""
    return gzip.compress(PKG_INFO + b"".join(parts) + end, mtime=0)


PKG_INFO = tar_member("demo-1.0/PKG-INFO", b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n")


def tar_of(*infos: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """What ``tarfile`` writes for these members, behind a valid PKG-INFO."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in infos:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(PKG_INFO + buffer.getvalue(), mtime=0)
