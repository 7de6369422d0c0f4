"""ZIP files that readers could read in two ways are refused; the wheels inside are valid in all else."""

import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from strongroom.artifacts.inspect import inspect
from tests.artifacts.building import build_wheel, tar_bytes
from tests.artifacts.framing import (
    DATA_DESCRIPTOR,
    FOLDER,
    STORED,
    SYMLINK,
    UTF8,
    Member,
    deflate,
    extra,
    local_header,
    members,
    tar_header,
    zip_file,
)
from tests.artifacts.refusing import WHEEL, refusal_of_bytes


def first(**changed: object) -> list[Member]:
    """A valid wheel whose first member is changed."""
    head, *tail = members()
    return [replace(head, **changed), *tail]


def added(*more: Member) -> list[Member]:
    """A valid wheel with members that RECORD does not know; framing is judged before RECORD is read."""
    return [*members(), *more]


def zip64(*values: int) -> bytes:
    return extra(0x0001, struct.pack(f"<{len(values)}Q", *values))


def two_ends() -> bytes:
    """One archive in the comment of another."""
    inner = zip_file(members({"evil.py": b"pass"}))
    return zip_file(members(), comment=inner)


def overlapping() -> bytes:
    """Fifield's bomb in small: the second member's directory record points to the first member's data."""
    head, *tail = members()
    return zip_file([head, replace(head, name=b"again.py", central={"offset": 0}), *tail])


def polyglot_with_tar() -> bytes:
    """A stored member whose content goes on as a tar header that begins with the ZIP file's first byte.

    The header's checksum covers the member's CRC, and that the checksum; a number in the content is turned until both fit.
    """
    start = 30 + len(b"demo/tar")
    block = bytearray(tar_header("", checksum=b"000000\0 "))
    checksum = 0
    for number in range(10**5):
        block[345:357] = f"{number:012}".encode()
        member = Member(b"demo/tar", bytes(block[start:]) + bytes(1024), method=STORED)
        block[:start] = local_header(member)
        total = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
        if total == checksum:
            return zip_file([member, *members()])
        if not checksum:
            checksum = total
            block[148:156] = f"{checksum:06o}\0 ".encode()
    raise AssertionError("no number fits")


Case = tuple[Callable[[], bytes], str]

# Each line: what is wrong, and the code.
REFUSED: dict[str, Case] = {
    # UP-09, UP-25: in front, behind, in between
    "html before the archive": (lambda: zip_file(members(), prefix=b"<html><script>"), "zip_invalid"),
    "data before the first member that the offsets know": (lambda: zip_file(members(), prefix=b"\0" * 64), "zip_invalid"),
    "a program before the archive": (lambda: b"#!/bin/sh\n" + zip_file(members()), "zip_invalid"),
    "another archive before the archive": (lambda: zip_file(members()) + zip_file(members()), "zip_mismatch"),
    "data behind the archive": (lambda: zip_file(members(), behind=b"x" * 30), "zip_invalid"),
    "zeros behind the archive": (lambda: zip_file(members(), behind=b"\0"), "zip_invalid"),
    "data before the directory": (lambda: zip_file(members(), before_directory=b"x"), "zip_mismatch"),
    "a record before the directory": (lambda: zip_file(members(), before_directory=b"PK\x06\x08\0\0\0\0"), "zip_mismatch"),
    "a gap between members": (lambda: zip_file(first(behind=b"\0")), "zip_mismatch"),
    "a member between members": (
        lambda: zip_file(first(behind=zip_file(members({"evil.py": b""}))[:60])),
        "zip_mismatch",
    ),
    "two end records": (lambda: zip_file(members(), behind=zip_file([])), "zip_mismatch"),
    "an archive in the comment": (two_ends, "zip_mismatch"),
    "a comment": (lambda: zip_file(members(), comment=b"hello"), "zip_invalid"),
    "a comment that only the length tells of": (lambda: zip_file(members(), end={"comment": 5}), "zip_comment"),
    "a comment on a member": (lambda: zip_file(first(central={"comment": b"x"})), "zip_comment"),
    "overlapping members": (overlapping, "zip_mismatch"),  # UP-13
    "a tar header around the first member": (polyglot_with_tar, "archive_ambiguous"),
    "a tar file": (lambda: tar_bytes({"demo-1.0/PKG-INFO": b""}), "zip_invalid"),
    "nothing": (lambda: b"", "zip_invalid"),
    "an archive without members": (lambda: zip_file([]), "zip_invalid"),
    "an archive cut off": (lambda: zip_file(members())[:-30], "archive_truncated"),
    "an archive cut off by a byte": (lambda: zip_file(members())[:-1], "archive_truncated"),
    # UP-08: the two headers of a member
    "another name in the local header": (lambda: zip_file(first(local={"name": b"demo/__evil__.py"})), "zip_mismatch"),
    "another size in the local header": (lambda: zip_file(first(local={"size": 7})), "zip_mismatch"),
    "another compressed size in the local header": (lambda: zip_file(first(local={"compressed": 0})), "zip_mismatch"),
    "another CRC in the local header": (lambda: zip_file(first(local={"crc": 7})), "zip_mismatch"),
    "another method in the local header": (lambda: zip_file(first(local={"method": STORED})), "zip_mismatch"),
    "other flags in the local header": (lambda: zip_file(first(local={"flags": UTF8})), "zip_mismatch"),
    "a member in the directory alone": (
        lambda: zip_file(added(Member(b"evil.py", b"", STORED, central={"offset": 0}))),
        "zip_mismatch",
    ),
    "no local header where the directory says": (lambda: zip_file(first(central={"offset": 1})), "zip_mismatch"),
    "a stored member with two sizes": (
        lambda: zip_file(first(method=STORED, stream=b"xx", central={"size": 1}, local={"size": 1})),
        "zip_mismatch",
    ),
    # UP-09: the end records
    "one member too many in the end record": (lambda: zip_file(members(), end={"here": 5, "count": 5}), "zip_mismatch"),
    "one member too few in the end record": (lambda: zip_file(members(), end={"here": 3, "count": 3}), "zip_mismatch"),
    "two counts": (lambda: zip_file(members(), end={"here": 3}), "zip_mismatch"),
    "a wrong directory offset": (lambda: zip_file(members(), end={"offset": 3}), "zip_mismatch"),
    "a wrong directory size": (lambda: zip_file(members(), end={"size": 46}), "zip_mismatch"),
    "a huge directory": (lambda: zip_file(members(), end={"size": 0xFFFFFFFE}), "zip_mismatch"),
    "another disk": (lambda: zip_file(members(), end={"disk": 1}), "zip_mismatch"),
    "a member on another disk": (lambda: zip_file(first(central={"disk": 1})), "zip_mismatch"),
    "ZIP64 marks without a ZIP64 record": (lambda: zip_file(members(), end={"offset": 0xFFFFFFFF}), "zip_mismatch"),
    "two end records that differ in size": (lambda: zip_file(members(), zip64=True, end={"size": 7}), "zip_mismatch"),
    "two end records that differ in count": (lambda: zip_file(members(), zip64=True, end={"count": 7}), "zip_mismatch"),
    "a wrong ZIP64 offset": (lambda: zip_file(members(), zip64=True, end64={"offset": 1}), "zip_mismatch"),
    "a huge ZIP64 count": (
        lambda: zip_file(members(), zip64=True, end64={"count": 2**63, "here": 2**63}),
        "archive_too_many_members",
    ),
    "a huge ZIP64 directory": (lambda: zip_file(members(), zip64=True, end64={"size": 2**64 - 1}), "zip_mismatch"),
    "extensible data in the ZIP64 record": (lambda: zip_file(members(), zip64=True, end64={"length": 52}), "zip_mismatch"),
    "data before the locator": (lambda: zip_file(members(), zip64=True, before_locator=b"x" * 8), "zip_mismatch"),
    "a locator that points elsewhere": (lambda: zip_file(members(), zip64=True, locator={"at": 0}), "zip_mismatch"),
    "a locator for two disks": (lambda: zip_file(members(), zip64=True, locator={"disks": 2}), "zip_mismatch"),
    "a ZIP64 record on another disk": (lambda: zip_file(members(), zip64=True, end64={"disk": 1}), "zip_mismatch"),
    # UP-09, UP-11: how members are stored
    "a data descriptor": (lambda: zip_file(first(flags=DATA_DESCRIPTOR)), "zip_data_descriptor"),
    "an encrypted member": (lambda: zip_file(first(flags=1)), "zip_encrypted"),
    "strong encryption": (lambda: zip_file(first(flags=1 << 6)), "zip_encrypted"),
    "masked local headers": (lambda: zip_file(first(flags=1 << 13)), "zip_encrypted"),
    "patched data": (lambda: zip_file(first(flags=1 << 5)), "zip_method"),
    "AES": (lambda: zip_file(first(central={"extra": extra(0x9901, bytes(7))})), "zip_encrypted"),
    "bzip2": (lambda: zip_file(first(method=12, stream=b"")), "zip_method"),
    "LZMA": (lambda: zip_file(first(method=14, stream=b"")), "zip_method"),
    "zstandard": (lambda: zip_file(first(method=93, stream=b"")), "zip_method"),
    "a version of ZIP that does not exist": (lambda: zip_file(first(central={"reader": 99})), "zip_method"),
    "a symlink": (lambda: zip_file(added(Member(b"evil", b"/etc/passwd", mode=SYMLINK))), "member_special"),
    "a device": (lambda: zip_file(added(Member(b"evil", mode=0o020666))), "member_special"),
    "a FIFO": (lambda: zip_file(added(Member(b"evil", mode=0o010666))), "member_special"),
    "a folder by its mode alone": (lambda: zip_file(added(Member(b"evil", mode=FOLDER))), "member_special"),
    "a file by its mode, a folder by its name": (lambda: zip_file(added(Member(b"evil/"))), "member_special"),
    "a folder with content": (lambda: zip_file(added(Member(b"evil/", b"x", mode=FOLDER))), "member_special"),
    # UP-10: extra fields and encodings
    "an extra field cut off": (lambda: zip_file(first(central={"extra": b"\x01\x00\x08\x00\x00"})), "zip_extra_field"),
    "an extra field of three bytes": (lambda: zip_file(first(central={"extra": b"\x01\x00\x08"})), "zip_extra_field"),
    "an extra field cut off in the local header": (
        lambda: zip_file(first(local={"extra": b"\x55\x54\x09\x00"})),
        "zip_extra_field",
    ),
    "an extra field twice": (
        lambda: zip_file(first(central={"extra": extra(0x5455, b"x") + extra(0x5455, b"y")})),
        "zip_extra_field",
    ),
    "a Unicode name that differs": (
        lambda: zip_file(first(central={"extra": extra(0x7075, b"\x01" + bytes(4) + b"evil.py")})),
        "zip_extra_field",
    ),
    "a Unicode name in the local header that differs": (
        lambda: zip_file(first(local={"extra": extra(0x7075, b"\x01" + bytes(4) + b"evil.py")})),
        "zip_extra_field",
    ),
    "a ZIP64 field that nobody announced": (lambda: zip_file(first(central={"extra": zip64(7, 7)})), "zip_extra_field"),
    "a ZIP64 field that is too short": (
        lambda: zip_file(first(central={"extra": extra(1, b"1234"), "size": 0xFFFFFFFF})),
        "zip_extra_field",
    ),
    "a size that only a ZIP64 field could say": (lambda: zip_file(first(central={"size": 0xFFFFFFFF})), "zip_mismatch"),
    "a ZIP64 size that differs from the local header": (
        lambda: zip_file(first(central={"extra": zip64(7), "size": 0xFFFFFFFF})),
        "zip_mismatch",
    ),
    "code page 437": (lambda: zip_file(added(Member(b"caf\x82.py"))), "zip_member_name"),
    "UTF-8 that is not marked": (lambda: zip_file(added(Member("café.py".encode()))), "zip_member_name"),
    "UTF-8 that is none": (lambda: zip_file(added(Member(b"caf\xe9.py", flags=UTF8))), "zip_member_name"),
    # The data
    "a wrong CRC": (lambda: zip_file(first(local={"crc": 7}, central={"crc": 7})), "zip_corrupt"),
    "data that is no deflate stream": (lambda: zip_file(first(stream=b"\xff\xff\xff\xff")), "zip_corrupt"),
    "a deflate stream cut off": (lambda: zip_file(first(content=b"x" * 99, stream=deflate(b"x" * 99)[:-1])), "zip_corrupt"),
    "data behind the deflate stream": (lambda: zip_file(first(stream=deflate(b"") + b"evil")), "zip_corrupt"),
    "two deflate streams": (lambda: zip_file(first(stream=deflate(b"") * 2)), "zip_corrupt"),
    "more data than stated": (lambda: zip_file(first(stream=deflate(b"x"))), "zip_corrupt"),
    "much more data than stated": (lambda: zip_file(first(stream=deflate(bytes(10**7)))), "zip_corrupt"),
    "less data than stated": (lambda: zip_file(first(content=b"xx", stream=deflate(b"x"))), "zip_corrupt"),
    "no data at all": (lambda: zip_file(first(stream=b"")), "zip_corrupt"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_zip_file_that_can_be_read_in_two_ways_is_refused(tmp_path: Path, name: str) -> None:
    # UP-08, UP-09, UP-10, UP-11, UP-13, UP-25, W31
    make, code = REFUSED[name]
    assert refusal_of_bytes(tmp_path, make()).code == code


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "plain": lambda: zip_file(members()),
    "stored": lambda: zip_file(replace(member, method=STORED) for member in members()),
    "ZIP64": lambda: zip_file(members(), zip64=True),
    "ZIP64 with both end records in full": lambda: zip_file(
        members(), zip64=True, end={"count": 4, "here": 4}
    ),
    "ZIP64 sizes in both headers": lambda: zip_file(
        first(
            local={"extra": zip64(0, 2), "size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF},
            central={"extra": zip64(0, 2), "size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF},
        )
    ),
    "ZIP64 sizes said twice, in agreement": lambda: zip_file(first(local={"extra": zip64(0, 2)})),
    "times and owners": lambda: zip_file(
        first(local={"extra": extra(0x5455, bytes(9))}, central={"extra": extra(0x5455, bytes(5)) + extra(0x7875, bytes(11))})
    ),
    "a Unicode name that is the name": lambda: zip_file(
        first(central={"extra": extra(0x7075, b"\x01" + bytes(4) + b"demo/__init__.py")})
    ),
    "no modes": lambda: zip_file(replace(member, mode=0) for member in members()),
    "hints on how hard it was compressed": lambda: zip_file(first(flags=0b110)),
    "a folder": lambda: zip_file([Member(b"demo/", mode=FOLDER, method=STORED), *members()]),
    "an empty deflated folder": lambda: zip_file([Member(b"demo/", mode=FOLDER), *members()]),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_real_tools_write_is_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / WHEEL
    path.write_bytes(ACCEPTED[name]())
    assert inspect(path, filename=WHEEL).name == "demo"


def test_the_builder_by_hand_and_the_standard_library_agree(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    by_hand = zip_file(members())
    assert len(by_hand) == path.stat().st_size


def test_the_polyglot_is_one(tmp_path: Path) -> None:
    path = tmp_path / WHEEL
    path.write_bytes(polyglot_with_tar())
    assert tarfile.is_tarfile(path)
    assert zipfile.is_zipfile(path)
