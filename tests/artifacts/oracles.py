"""Other readers of wheels and sdists, to hold ours against."""

import struct
import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import parse_email

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.gzip_stream import GzipStream
from strongroom.artifacts.limits import DEFAULT
from strongroom.artifacts.source import opened
from strongroom.artifacts.tar_reader import TarReader
from strongroom.artifacts.zip_reader import ZipReader


def assert_others_agree(path: Path, facts: Facts) -> None:
    """Assert that the standard library and ``packaging`` find in an accepted file what we have found."""
    if facts.kind == "bdist_wheel":
        assert_zip_readers_agree(path)
    else:
        assert_tar_readers_agree(path)
    assert_metadata_agrees(facts)


def assert_zip_readers_agree(path: Path) -> None:
    # UP-15: by the directory (zipfile), and by the local headers from the first byte
    with opened(path) as source:
        reader = ZipReader(source, DEFAULT)
        ours = [(entry.name, entry.size) for entry in reader.entries]
        contents = {entry.name: reader.read(entry) for entry in reader.entries}
    with zipfile.ZipFile(path) as archive:
        assert ours == [(each.filename, each.file_size) for each in archive.infolist()]
        assert archive.namelist() == [each.orig_filename for each in archive.infolist()]
        assert contents == {name: archive.read(name) for name in archive.namelist()}
    assert [name for name, _ in ours] == names_by_local_headers(path.read_bytes())


def names_by_local_headers(content: bytes) -> list[str]:
    """The names of members as a reader finds them that never looks at the end of the file."""
    names = []
    at = 0
    while content[at : at + 4] == b"PK\x03\x04":
        compressed, size, name_size, extra_size = struct.unpack_from("<2L2H", content, at + 18)
        name = content[at + 30 : at + 30 + name_size]
        extra = content[at + 30 + name_size : at + 30 + name_size + extra_size]
        if 0xFFFFFFFF in (compressed, size):
            kind, _, wide_size, wide_compressed = struct.unpack_from("<2H2Q", extra.ljust(20, b"\0"))
            if kind == 1 and compressed == 0xFFFFFFFF:
                compressed = wide_compressed if size == 0xFFFFFFFF else wide_size
        names.append(name.decode("utf-8"))
        at += 30 + name_size + extra_size + compressed
    assert content[at : at + 4] == b"PK\x01\x02"
    return names


def assert_tar_readers_agree(path: Path) -> None:
    with opened(path) as source:
        ours = [
            (member.path, member.kind, member.size, member.target)
            for member in TarReader(GzipStream(source, DEFAULT), DEFAULT).members()
        ]
    kinds = {tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "folder"}
    kinds |= {tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
    with tarfile.open(path, "r:gz") as archive:
        theirs = [
            (each.name, kinds[each.type], each.size, each.linkname if each.issym() or each.islnk() else "")
            for each in archive
        ]
    assert ours == theirs


def assert_metadata_agrees(facts: Facts) -> None:
    raw, unparsed = parse_email(facts.metadata_file)
    ours = facts.metadata
    for field in (
        "metadata_version",
        "name",
        "version",
        "summary",
        "author_email",
        "home_page",
        "requires_python",
    ):
        assert known(raw.get(field, "")) == getattr(ours, field)  # type: ignore[attr-defined]
    for field in ("requires_dist", "classifiers", "provides_extra", "license_files"):
        theirs = tuple(text for each in raw.get(field, ()) if (text := known(each)))  # type: ignore[attr-defined]
        assert theirs == getattr(ours, field)
    urls = {label: url for label, url in raw.get("project_urls", {}).items() if label or url}
    assert urls == dict(ours.project_urls)
    assert not {"name", "version", "requires-dist", "requires-python", "summary"} & unparsed.keys()


def known(text: str) -> str:
    stripped = " ".join(line.strip() for line in text.strip().splitlines())
    return "" if stripped == "UNKNOWN" else stripped
