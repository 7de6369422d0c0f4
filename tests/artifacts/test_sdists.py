"""gzip and tar streams, links and PKG-INFO: what an sdist may be."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.artifacts.inspect import inspect
from tests.artifacts.building import build_sdist, core_metadata, gzip_bytes, tar_bytes, zip_bytes
from tests.artifacts.framing import (
    PKG_INFO,
    deflate,
    gzip_file,
    pax,
    sdist_file,
    tar_header,
    tar_member,
    tar_of,
)
from tests.artifacts.refusing import SDIST, refusal_of, refusal_of_bytes

TAR = PKG_INFO + bytes(1024)


def test_an_sdist_tells_its_facts(tmp_path: Path) -> None:
    sdist = build_sdist(tmp_path, name="Demo.Tools", version="1.0rc1", metadata_extra="Summary: Tools")
    facts = inspect(sdist, filename=sdist.name)
    assert (facts.filename, facts.kind) == ("demo_tools-1.0rc1.tar.gz", "sdist")
    assert (facts.name, facts.version, facts.python_tag) == ("demo-tools", "1.0rc1", "source")
    assert (facts.metadata.name, facts.metadata.summary) == ("Demo.Tools", "Tools")
    assert facts.metadata_file == core_metadata("Demo.Tools", "1.0rc1", extra="Summary: Tools")


# ---- gzip: UP-24, UP-25

GZIP: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "gzip_invalid"),
    "a bare tar file": (lambda: TAR, "gzip_invalid"),
    "a ZIP file": (lambda: zip_bytes({"demo-1.0/PKG-INFO": b""}), "gzip_invalid"),
    "HTML before it": (lambda: b"<html>" + gzip_bytes(TAR), "gzip_invalid"),
    "another compression": (lambda: gzip_bytes(TAR).replace(b"\x1f\x8b\x08", b"\x1f\x8b\x07", 1), "gzip_invalid"),
    "an extra field": (lambda: gzip_file(TAR, flags=4, between=b"\x04\0evil"), "gzip_invalid"),
    "a comment": (lambda: gzip_file(TAR, flags=16, between=b"evil\0"), "gzip_invalid"),
    "a header checksum": (lambda: gzip_file(TAR, flags=2, between=b"\0\0"), "gzip_invalid"),
    "reserved flags": (lambda: gzip_file(TAR, flags=0x20), "gzip_invalid"),
    "a long name": (lambda: gzip_file(TAR, flags=8, between=b"x" * 5000 + b"\0"), "gzip_invalid"),
    "a name without end": (lambda: b"\x1f\x8b\x08\x08" + b"x" * 100, "gzip_invalid"),
    "a second member": (lambda: gzip_bytes(TAR) + gzip_bytes(b"evil"), "gzip_trailing_data"),
    "a tar file in two members": (lambda: gzip_bytes(TAR[:512]) + gzip_bytes(TAR[512:]), "gzip_trailing_data"),
    "an empty second member": (lambda: gzip_bytes(TAR) + gzip_bytes(b""), "gzip_trailing_data"),
    "garbage behind it": (lambda: gzip_bytes(TAR) + b"evil", "gzip_trailing_data"),
    "zeros behind it": (lambda: gzip_bytes(TAR) + bytes(512), "gzip_trailing_data"),
    "much behind it": (lambda: gzip_bytes(TAR) + bytes(10**6), "gzip_trailing_data"),
    "a ZIP file behind it": (lambda: gzip_bytes(TAR) + zip_bytes({"evil.py": b""}), "gzip_trailing_data"),
    "a wrong CRC": (lambda: gzip_file(TAR, trailer=struct.pack("<2L", 1, len(TAR))), "gzip_corrupt"),
    "a wrong size": (
        lambda: gzip_bytes(TAR)[:-4] + struct.pack("<L", len(TAR) + 1),
        "gzip_corrupt",
    ),
    "a damaged stream": (lambda: gzip_file(TAR)[:12] + b"\xff" * 20 + gzip_file(TAR)[32:], "gzip_corrupt"),
    "no trailer": (lambda: gzip_bytes(TAR)[:-8], "archive_truncated"),
    "half a trailer": (lambda: gzip_bytes(TAR)[:-3], "archive_truncated"),
    "half a stream": (lambda: gzip_bytes(TAR)[:60], "archive_truncated"),
    "a header alone": (lambda: gzip_bytes(TAR)[:18], "archive_truncated"),
}  # fmt: skip


@pytest.mark.parametrize("name", GZIP)
def test_a_gzip_file_that_is_not_one_plain_stream_is_refused(tmp_path: Path, name: str) -> None:
    make, code = GZIP[name]
    assert refusal_of_bytes(tmp_path, make(), filename=SDIST).code == code


def test_a_gzip_header_may_name_the_file_and_the_time(tmp_path: Path) -> None:
    path = tmp_path / SDIST
    path.write_bytes(gzip_file(TAR, flags=8 | 1, between=b"demo-1.0.tar\0"))
    assert inspect(path, filename=SDIST).name == "demo"


def test_an_sdist_with_a_zip_file_at_its_end_is_refused(tmp_path: Path) -> None:
    # UP-25, check 48: stored deflate blocks leave the ZIP file readable in the gzip stream
    hidden = zip_bytes({"evil.py": b"pass"}, compression=zipfile.ZIP_STORED)
    path = tmp_path / SDIST
    path.write_bytes(gzip_file(PKG_INFO + tar_member("demo-1.0/x", hidden) + bytes(1024), level=0))
    assert zipfile.is_zipfile(path)
    assert refusal_of(path).code == "archive_ambiguous"


def test_an_sdist_may_hold_zip_files(tmp_path: Path) -> None:
    sdist = build_sdist(tmp_path, files={"tests/data.zip": zip_bytes({"a": b"b"}), "z": b"z" * 100_000})
    assert inspect(sdist, filename=sdist.name).name == "demo"


# ---- tar: UP-23, W33


def info(name: str, **values: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(made, key, value)
    return made


def link(target: str, *, name: str = "demo-1.0/a/link", kind: bytes = tarfile.SYMTYPE) -> bytes:
    return tar_of((info(name, type=kind, linkname=target), b""))


def long(kind: bytes, text: bytes) -> bytes:
    """GNU's extra member for a long name (``L``) or link target (``K``)."""
    return tar_member("././@LongLink", text + b"\0", type=kind, magic=b"ustar  \0")


FILE = tar_member("demo-1.0/x", b"x")

TARS: dict[str, tuple[Callable[[], bytes], str]] = {
    # kinds of members
    "a character device": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"3")), "member_special"),
    "a block device": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"4")), "member_special"),
    "a FIFO": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"6")), "member_special"),
    "a contiguous file": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"7")), "member_special"),
    "a volume label": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"V")), "member_special"),
    "a kind that nobody knows": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"?")), "member_special"),
    "a sparse file": (lambda: sdist_file(tar_member("demo-1.0/x", type=b"S", magic=b"ustar  \0")), "tar_sparse"),
    "a sparse file of pax": (
        lambda: sdist_file(pax({"GNU.sparse.major": "1", "GNU.sparse.name": "evil"}), FILE),
        "tar_sparse",
    ),
    "a set-user-ID file": (lambda: tar_of((info("demo-1.0/x", mode=0o4755), b"")), "tar_set_id"),
    "a set-group-ID file": (lambda: tar_of((info("demo-1.0/x", mode=0o2755), b"")), "tar_set_id"),
    # links
    "an absolute symlink": (lambda: link("/etc/passwd"), "tar_link_outside"),
    "a symlink out": (lambda: link("../../../etc/passwd"), "tar_link_outside"),
    "a symlink beside the top folder": (lambda: link("../../x"), "tar_link_outside"),
    "a symlink out, by way of inside": (lambda: link("b/../../../x"), "tar_link_outside"),
    "a symlink that climbs late": (lambda: link("b/../c"), "tar_link_outside"),
    "a symlink to nothing": (lambda: link(""), "tar_link_outside"),
    "a symlink to a drive": (lambda: link("C:/evil"), "tar_link_outside"),
    "a symlink with a backslash": (lambda: link("..\\..\\evil"), "tar_link_outside"),
    "a symlink with a line break": (lambda: link("a\nb"), "tar_link_outside"),
    "a long symlink out": (lambda: link("../" * 200), "tar_link_outside"),
    "a symlink at the top": (lambda: link("x", name="demo-1.0"), "sdist_top_folder"),
    "a hard link out": (lambda: link("/etc/passwd", kind=tarfile.LNKTYPE), "tar_link_outside"),
    "a hard link upwards": (lambda: link("../x", kind=tarfile.LNKTYPE), "tar_link_outside"),
    "a hard link to what is not there": (lambda: link("demo-1.0/x", kind=tarfile.LNKTYPE), "tar_link_outside"),
    "a hard link to a symlink": (
        lambda: tar_of(
            (info("demo-1.0/s", type=tarfile.SYMTYPE, linkname="x"), b""),
            (info("demo-1.0/h", type=tarfile.LNKTYPE, linkname="demo-1.0/s"), b""),
        ),
        "tar_link_outside",
    ),
    "a file below a symlink": (
        lambda: tar_of((info("demo-1.0/s", type=tarfile.SYMTYPE, linkname="a"), b""), (info("demo-1.0/s/x"), b"")),
        "member_collision",
    ),
    "a file below a symlink, in other letters": (
        lambda: tar_of((info("demo-1.0/s", type=tarfile.SYMTYPE, linkname="."), b""), (info("demo-1.0/S/x"), b"")),
        "member_collision",
    ),
    "a symlink in place of a folder": (
        lambda: tar_of((info("demo-1.0/s/x"), b""), (info("demo-1.0/s", type=tarfile.SYMTYPE, linkname="a"), b"")),
        "member_collision",
    ),
    "a symlink in place of a file": (
        lambda: tar_of((info("demo-1.0/s"), b""), (info("demo-1.0/s", type=tarfile.SYMTYPE, linkname="a"), b"")),
        "member_duplicate",
    ),
    # headers
    "a wrong checksum": (lambda: sdist_file(tar_header(checksum=b"000001\0 ")), "tar_invalid"),
    "a checksum that is none": (lambda: sdist_file(tar_header(checksum=b"evil!!\0 ")), "tar_invalid"),
    "a negative size": (lambda: sdist_file(tar_header(size=b"-0000000001\0")), "tar_invalid"),
    "a negative size in base 256": (lambda: sdist_file(tar_header(size=b"\xff" * 12)), "tar_invalid"),
    "a huge size": (lambda: sdist_file(tar_header(size=b"77777777777\0")), "archive_truncated"),
    "a huge size in base 256": (lambda: sdist_file(tar_header(size=b"\x80\0\0\0\x7f" + b"\xff" * 7)), "archive_truncated"),
    "a size over 64 bits": (lambda: sdist_file(tar_header(size=b"\x80\x01" + b"\0" * 10)), "tar_invalid"),
    "a size that is Python's octal": (lambda: sdist_file(tar_header(size=b"0o000000000\0")), "tar_invalid"),
    "a size with underscores": (lambda: sdist_file(tar_header(size=b"0_000000000\0")), "tar_invalid"),
    "a size in other digits": (lambda: sdist_file(tar_header(size=b"00000000009\0")), "tar_invalid"),
    "a negative user": (lambda: sdist_file(tar_header(uid=b"\xff" * 8)), "tar_invalid"),
    "a user that is no number": (lambda: sdist_file(tar_header(uid=b"alice\0\0\0")), "tar_invalid"),
    "a time that is no number": (lambda: sdist_file(tar_header(mtime=b"now\0" * 3)), "tar_invalid"),
    "a format that nobody knows": (lambda: sdist_file(tar_header(magic=b"ustar\x0099")), "tar_invalid"),
    "a prefix that is none to GNU": (
        lambda: sdist_file(tar_header("x", magic=b"ustar  \0", prefix=b"demo-1.0")),
        "tar_invalid",
    ),
    "a name in Latin-1": (lambda: sdist_file(tar_header(name=b"demo-1.0/caf\xe9")), "tar_invalid"),
    "a folder with a size": (lambda: sdist_file(tar_member("demo-1.0/d", b"x", type=b"5")), "tar_invalid"),
    "a symlink with a size": (lambda: sdist_file(tar_member("demo-1.0/d", b"x", type=b"2", link=b"x")), "tar_invalid"),
    "a file that is a folder to old readers": (lambda: sdist_file(tar_member("demo-1.0/d/")), "tar_invalid"),
    # extended headers
    "a pax path out": (lambda: sdist_file(pax({"path": "demo-1.0/../../evil"}), FILE), "member_path_unsafe"),
    "a pax path elsewhere": (lambda: sdist_file(pax({"path": "/etc/passwd"}), FILE), "member_path_unsafe"),
    "a pax path to another folder": (lambda: sdist_file(pax({"path": "evil/x"}), FILE), "sdist_top_folder"),
    "a pax target out": (
        lambda: sdist_file(pax({"linkpath": "../../evil"}), tar_member("demo-1.0/l", type=b"2", link=b"x")),
        "tar_link_outside",
    ),
    "a pax size": (lambda: sdist_file(pax({"size": "512"}), FILE), "tar_invalid"),
    "a negative pax size": (lambda: sdist_file(pax({"size": "-1"}), FILE), "tar_invalid"),
    "a pax path twice": (lambda: sdist_file(pax({"path": "demo-1.0/a"}) + pax({"path": "demo-1.0/b"}), FILE), "tar_invalid"),
    "a pax path twice in one header": (
        lambda: sdist_file(tar_member("p", b"19 path=demo-1.0/a\n19 path=demo-1.0/b\n", type=b"x"), FILE),
        "tar_invalid",
    ),
    "a pax path for all": (lambda: sdist_file(pax({"path": "demo-1.0/a"}, kind=b"g"), FILE), "tar_invalid"),
    "a pax size for all": (lambda: sdist_file(pax({"size": "1"}, kind=b"g"), FILE), "tar_invalid"),
    "a pax character set": (lambda: sdist_file(pax({"hdrcharset": "BINARY"}), FILE), "tar_invalid"),
    "a pax path that is not UTF-8": (lambda: sdist_file(pax({"path": b"demo-1.0/caf\xe9"}), FILE), "tar_invalid"),
    "a pax path that is empty": (lambda: sdist_file(pax({"path": ""}), FILE), "member_path_unsafe"),
    "a pax header with a false length": (lambda: sdist_file(tar_member("p", b"99 path=x\n", type=b"x"), FILE), "tar_invalid"),
    "a pax header with a length of 0": (lambda: sdist_file(tar_member("p", b"0 path=x\n", type=b"x"), FILE), "tar_invalid"),
    "a pax header with a huge length": (
        lambda: sdist_file(tar_member("p", b"9" * 600 + b" path=x\n", type=b"x"), FILE),
        "tar_invalid",
    ),
    "a pax header without equals sign": (lambda: sdist_file(tar_member("p", b"8 path x\n", type=b"x"), FILE), "tar_invalid"),
    "a pax header without newline": (lambda: sdist_file(tar_member("p", b"9 path=x ", type=b"x"), FILE), "tar_invalid"),
    "a huge pax header": (lambda: sdist_file(tar_header(type=b"x", size=b"00010000000\0")), "tar_invalid"),
    "a pax header at the end": (lambda: sdist_file(pax({"path": "demo-1.0/a"})), "tar_invalid"),
    "a pax name and a GNU name": (
        lambda: sdist_file(pax({"path": "demo-1.0/a"}) + long(b"L", b"demo-1.0/b"), FILE),
        "tar_invalid",
    ),
    "a GNU name out": (lambda: sdist_file(long(b"L", b"demo-1.0/../../evil"), FILE), "member_path_unsafe"),
    "a GNU target out": (
        lambda: sdist_file(long(b"K", b"../../evil"), tar_member("demo-1.0/l", type=b"2", link=b"x")),
        "tar_link_outside",
    ),
    "a huge GNU name": (lambda: sdist_file(long(b"L", b"demo-1.0/" + b"x" * 2**21), FILE), "tar_invalid"),
    # the end
    "another archive behind the end": (lambda: gzip_bytes(TAR + FILE), "tar_invalid"),
    "garbage behind the end": (lambda: gzip_bytes(TAR + b"evil"), "tar_invalid"),
    "garbage far behind the end": (lambda: gzip_bytes(TAR + bytes(10**6) + b"x"), "tar_invalid"),
    "no end": (lambda: gzip_bytes(PKG_INFO), "archive_truncated"),
    "half a header": (lambda: gzip_bytes(PKG_INFO + FILE[:100]), "archive_truncated"),
    "half a content": (lambda: gzip_bytes(PKG_INFO + tar_member("demo-1.0/x", b"x" * 600)[:-512]), "archive_truncated"),
    "half an extended header": (lambda: gzip_bytes(PKG_INFO + pax({"path": "x"})[:600]), "archive_truncated"),
    "nothing in it": (lambda: gzip_bytes(b""), "archive_truncated"),
    "an end alone": (lambda: gzip_bytes(bytes(1024)), "archive_empty"),
    "text": (lambda: gzip_bytes(b"hello " * 200), "tar_invalid"),
}  # fmt: skip


@pytest.mark.parametrize("name", TARS)
def test_a_tar_file_that_is_dangerous_or_ambiguous_is_refused(tmp_path: Path, name: str) -> None:
    make, code = TARS[name]
    assert refusal_of_bytes(tmp_path, make(), filename=SDIST).code == code


HARMLESS: dict[str, Callable[[], bytes]] = {
    "a symlink to a sibling": lambda: link("x"),
    "a symlink upwards, still inside": lambda: link("../x/y"),
    "a symlink to the top folder": lambda: link(".."),
    "a symlink with dots that mean nothing": lambda: link("./x/./y/"),
    "two symlinks in a circle": lambda: tar_of(
        (info("demo-1.0/a", type=tarfile.SYMTYPE, linkname="b"), b""),
        (info("demo-1.0/b", type=tarfile.SYMTYPE, linkname="a"), b""),
    ),
    "a hard link to a file before it": lambda: link("demo-1.0/PKG-INFO", kind=tarfile.LNKTYPE),
    "a sticky, set-group-ID folder": lambda: tar_of((info("demo-1.0/d", type=tarfile.DIRTYPE, mode=0o3775), b"")),
    "a global comment, as git writes it": lambda: gzip_bytes(pax({"comment": "0" * 40}, kind=b"g") + TAR),
    "a long name": lambda: tar_of((info("demo-1.0/" + "long/" * 60 + "x"), b"x")),
    "a name in other letters": lambda: tar_of((info("demo-1.0/\u65e5\u672c"), b"x")),
    "times and owners of pax": lambda: tar_of((info("demo-1.0/x", mtime=1.5, uid=2**31, uname="\u00c5lice"), b"x")),
    "a huge user of GNU": lambda: sdist_file(tar_member("demo-1.0/x", uid=b"\x80" + b"\xff" * 7)),
    "a long GNU name": lambda: sdist_file(long(b"L", b"demo-1.0/" + b"x" * 200), FILE),
    "a long GNU target and a long GNU name": lambda: sdist_file(
        long(b"K", b"y" * 200), long(b"L", b"demo-1.0/" + b"x" * 200), tar_member("demo-1.0/l", type=b"2")
    ),
    "a POSIX prefix": lambda: sdist_file(tar_member("x", prefix=b"demo-1.0/folder")),
    "the oldest format": lambda: sdist_file(tar_member("demo-1.0/x", b"x", type=b"\0", magic=bytes(8))),
    "numbers with spaces": lambda: sdist_file(tar_header(size=b"          0 ", mode=b"   644 \0")),
    "one block of zeros at the end": lambda: sdist_file(end=bytes(512)),
    "many zeros at the end": lambda: sdist_file(end=bytes(10240)),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_what_real_tools_write_is_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / SDIST
    path.write_bytes(HARMLESS[name]())
    assert inspect(path, filename=SDIST).name == "demo"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_each_format_of_the_standard_library_is_taken(tmp_path: Path, form: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in {
            "demo-1.0/PKG-INFO": core_metadata("demo", "1.0"),
            "demo-1.0/" + "f" * 80 + "/" + "x" * 90: b"x" * 1000,
        }.items():
            archive.addfile(info(name, size=len(content), mtime=1), io.BytesIO(content))
    path = tmp_path / SDIST
    path.write_bytes(gzip.compress(buffer.getvalue()))
    assert inspect(path, filename=SDIST).name == "demo"


# ---- what an sdist holds: UP-22


def test_an_sdist_without_pkg_info_is_refused(tmp_path: Path) -> None:
    # UP-22
    assert refusal_of(build_sdist(tmp_path, pkg_info=b"")).code == "sdist_missing_pkg_info"


@pytest.mark.parametrize("path", ["src/PKG-INFO", "demo.egg-info/PKG-INFO", "pkg-info", "PKG-INFO/PKG-INFO"])
def test_pkg_info_elsewhere_does_not_count(tmp_path: Path, path: str) -> None:
    # UP-22
    sdist = build_sdist(tmp_path, pkg_info=b"", files={path: core_metadata("demo", "1.0")})
    assert refusal_of(sdist).code == "sdist_missing_pkg_info"


def test_pkg_info_by_way_of_a_link_does_not_count(tmp_path: Path) -> None:
    # UP-22
    content = tar_member("demo-1.0/other", core_metadata("demo", "1.0")) + tar_member(
        "demo-1.0/PKG-INFO", type=b"2", link=b"other"
    )
    assert (
        refusal_of_bytes(tmp_path, gzip_bytes(content + bytes(1024)), filename=SDIST).code
        == "sdist_missing_pkg_info"
    )


@pytest.mark.parametrize("path", ["other-1.0/x", "x", "demo-1.0x/x", "DEMO-1.0/x"])
def test_two_things_at_the_top_are_refused(tmp_path: Path, path: str) -> None:
    # UP-22
    assert refusal_of_bytes(tmp_path, sdist_file(tar_member(path)), filename=SDIST).code == "sdist_top_folder"


@pytest.mark.parametrize(
    "filename",
    ["other-1.0.tar.gz", "demo-1.1.tar.gz", "demo-1.0.post1.tar.gz", "demo-1!1.0.tar.gz", "de-mo-1.0.tar.gz"],
)
def test_a_renamed_sdist_is_refused(tmp_path: Path, filename: str) -> None:
    # UP-20, UP-22, W29
    assert refusal_of(build_sdist(tmp_path), filename=filename).code == "filename_mismatch"


def test_sdists_with_names_of_older_tools_are_taken(tmp_path: Path) -> None:
    sdist = build_sdist(tmp_path, name="Demo.Tools", top="Demo.Tools-1.0", filename="Demo.Tools-1.0.tar.gz")
    assert inspect(sdist, filename=sdist.name).name == "demo-tools"


def test_a_license_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    extra = "License-File: docs/LICENSE"
    refused = refusal_of(build_sdist(tmp_path, metadata_version="2.4", metadata_extra=extra))
    assert (refused.code, refused.field) == ("license_file_missing", "license_files")
    folder = build_sdist(
        tmp_path, metadata_version="2.4", metadata_extra=extra, files={"docs/LICENSE/x": b""}
    )
    assert refusal_of(folder).code == "license_file_missing"
    there = build_sdist(
        tmp_path, metadata_version="2.4", metadata_extra=extra, files={"docs/LICENSE": b"MIT"}
    )
    assert inspect(there, filename=there.name).metadata.license_files == ("docs/LICENSE",)
    old = build_sdist(tmp_path, metadata_version="2.1", metadata_extra=extra)
    assert inspect(old, filename=old.name).metadata.license_files == ("docs/LICENSE",)


def test_the_metadata_of_an_sdist_is_judged_like_that_of_a_wheel(tmp_path: Path) -> None:
    refused = refusal_of(build_sdist(tmp_path, metadata_extra="Summary: " + "x" * 513))
    assert (refused.code, refused.field) == ("metadata_invalid", "summary")


def test_a_wheel_under_the_name_of_an_sdist_is_refused(tmp_path: Path) -> None:
    content = zip_bytes({"demo-1.0/PKG-INFO": core_metadata("demo", "1.0")})
    assert refusal_of_bytes(tmp_path, content, filename=SDIST).code == "gzip_invalid"


def test_the_builders_by_hand_agree_with_the_standard_library() -> None:
    assert gzip.decompress(gzip_file(TAR)) == TAR
    assert len(deflate(TAR)) < len(TAR)
    with tarfile.open(fileobj=io.BytesIO(tar_bytes({"demo-1.0/x": b"x"}))) as archive:
        expected = archive.getnames()
    with tarfile.open(fileobj=io.BytesIO(FILE + bytes(1024))) as archive:
        assert archive.getnames() == expected
