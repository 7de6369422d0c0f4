"""Members that would leave the folder they are unpacked into, or be another file elsewhere, are refused."""

from pathlib import Path

import pytest

from strongroom.artifacts.inspect import inspect
from tests.artifacts.building import build_sdist, build_wheel
from tests.artifacts.framing import (
    FOLDER,
    PKG_INFO,
    UTF8,
    Member,
    members,
    pax,
    sdist_file,
    tar_member,
    zip_file,
)
from tests.artifacts.refusing import SDIST, WHEEL, refusal_of, refusal_of_bytes

ESCAPES = [
    "../evil",
    "../../evil",
    "demo/../../evil",
    "demo/../evil",
    "demo/..",
    "..",
    ".",
    "./demo/evil.py",
    "demo/./evil.py",
    "/etc/passwd",
    "//host/share",
    "demo//evil.py",
    "..\\evil",
    "demo\\evil.py",
    "\\\\host\\share",
    "demo/\x00evil",
    "demo/ev\nil",
    "demo/ev\x7fil",
    "demo/\u202egnp.py",
    "demo/\u200bevil.py",
    "demo/" + "x" * 1100,
]

DRIVES = ["C:/evil", "c:evil", "C:\\evil"]

# Fine on some systems, something else on others.
ELSEWHERE = [
    "demo/CON",
    "demo/nul.py",
    "demo/aux.tar.gz",
    "COM1/evil.py",
    "demo/lpt9.txt",
    "demo/com\u00b9",
    "demo/prn .txt",
    "demo/evil.py.",
    "demo/evil.py ",
    "demo /evil.py",
    "demo./evil.py",
    "demo/file:stream",
    "demo/" + "x" * 256,
    "demo/" + "\u00e9" * 128,
]


@pytest.mark.parametrize("path", ESCAPES + DRIVES + ELSEWHERE, ids=ascii)
def test_an_unsafe_path_in_a_wheel_is_refused(tmp_path: Path, path: str) -> None:
    # UP-12, W31
    member = Member(path.encode(), flags=0 if path.isascii() else UTF8)
    assert refusal_of_bytes(tmp_path, zip_file([*members(), member])).code == "member_path_unsafe"


@pytest.mark.parametrize("path", ESCAPES, ids=ascii)
def test_an_unsafe_path_in_an_sdist_is_refused(tmp_path: Path, path: str) -> None:
    # UP-23, W33: commonpath() takes demo-1.0/../../evil for a path below demo-1.0
    for name in (path, f"demo-1.0/{path}"):
        content = sdist_file(pax({"path": name}) + tar_member("x"))
        assert refusal_of_bytes(tmp_path, content, filename=SDIST).code == "member_path_unsafe"


@pytest.mark.parametrize(
    "top", ["..", ".", "", "/", "C:", "a/..", "./demo-1.0", "\\\\host\\share"], ids=ascii
)
def test_an_unsafe_top_folder_of_an_sdist_is_refused(tmp_path: Path, top: str) -> None:
    # UP-23
    assert refusal_of(build_sdist(tmp_path, top=top)).code == "member_path_unsafe"


@pytest.mark.parametrize("path", ELSEWHERE, ids=ascii)
def test_an_sdist_may_have_names_that_only_some_systems_can_hold(tmp_path: Path, path: str) -> None:
    sdist = build_sdist(tmp_path, files={path: b""})
    assert inspect(sdist, filename=sdist.name).name == "demo"


COLLISIONS = [
    ("demo/readme", "demo/README"),
    ("demo/caf\u00e9.py", "demo/cafe\u0301.py"),
    ("demo/stra\u00dfe", "demo/STRASSE"),
    ("demo/k", "demo/\u212a"),
    ("demo/a", "demo/a/b"),
    ("demo/a/b", "demo/a"),
    ("demo/a/x", "demo/A/y"),
    ("demo/A/x", "demo/a"),
]


@pytest.mark.parametrize(("one", "other"), COLLISIONS, ids=ascii)
def test_two_paths_that_are_one_file_somewhere_are_refused(tmp_path: Path, one: str, other: str) -> None:
    # UP-12, W31
    assert refusal_of(build_wheel(tmp_path, files={one: b"1", other: b"2"})).code == "member_collision"


def test_a_file_that_is_a_folder_too_is_refused_in_an_sdist(tmp_path: Path) -> None:
    # UP-23
    assert refusal_of(build_sdist(tmp_path, files={"a": b"", "a/b": b""})).code == "member_collision"


def test_a_path_twice_is_refused(tmp_path: Path) -> None:
    # UP-08, UP-23
    wheel = zip_file([*members(), Member(b"demo/__init__.py")])
    assert refusal_of_bytes(tmp_path, wheel).code == "member_duplicate"
    sdist = sdist_file(PKG_INFO)
    assert refusal_of_bytes(tmp_path, sdist, filename=SDIST).code == "member_duplicate"


def test_a_folder_twice_is_refused_in_a_wheel_and_harmless_in_an_sdist(tmp_path: Path) -> None:
    # UP-08: GNU tar writes folders again when it appends
    folder = Member(b"demo/", mode=FOLDER)
    assert refusal_of_bytes(tmp_path, zip_file([folder, *members(), folder])).code == "member_duplicate"
    twice = tar_member("demo-1.0/demo/", type=b"5") * 2
    path = tmp_path / SDIST
    path.write_bytes(sdist_file(twice))
    assert inspect(path, filename=SDIST).name == "demo"


def test_a_folder_may_come_behind_its_files(tmp_path: Path) -> None:
    path = tmp_path / WHEEL
    path.write_bytes(zip_file([*members(), Member(b"demo/", mode=FOLDER)]))
    assert inspect(path, filename=WHEEL).name == "demo"


ORDINARY = [
    "demo/caf\u00e9.py",
    "demo/\u65e5\u672c.py",
    "demo/.hidden",
    "demo/a b (c) [d] {e} #1 'f' & g, h; i=j+k~l!m@n$o%p^q.txt",
    "demo/console.py",
    "demo/nullable.py",
    "demo/common.py",
    "demo/__pycache__/x.cpython-311.pyc",
    "demo/-dash",
    "demo/" + "x" * 255,
    "demo/" + "/".join("deep" for _ in range(100)),
]


@pytest.mark.parametrize("path", ORDINARY, ids=ascii)
def test_an_ordinary_path_is_taken(tmp_path: Path, path: str) -> None:
    for built in (build_wheel(tmp_path, files={path: b"x"}), build_sdist(tmp_path, files={path: b"x"})):
        assert inspect(built, filename=built.name).name == "demo"
