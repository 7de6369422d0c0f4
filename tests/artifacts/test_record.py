"""RECORD and the members of a wheel are the same, or the wheel is refused."""

from pathlib import Path

import pytest

from strongroom.artifacts.inspect import inspect
from tests.artifacts.building import build_wheel, record_line, record_of, wheel_members
from tests.artifacts.refusing import refusal_of

FOLDER = "demo-1.0.dist-info"
RECORD = wheel_members()[f"{FOLDER}/RECORD"].decode()
INIT = record_line("demo/__init__.py", b"")

MISMATCHED = {
    "another hash": RECORD.replace(INIT, record_line("demo/__init__.py", b"x").replace(",1\n", ",0\n")),
    "another size": RECORD.replace(INIT, INIT.replace(",0\n", ",1\n")),
    "a size that is huge": RECORD.replace(INIT, INIT.replace(",0\n", f",{10**18}\n")),
    "a missing line": RECORD.replace(INIT, ""),
    "a line too many": RECORD + record_line("demo/evil.py", b""),
    "a file twice": RECORD + INIT,
    "a file twice, with another hash": RECORD + record_line("demo/__init__.py", b"x"),
    "a file twice, quoted": RECORD + INIT.replace("demo/__init__.py", '"demo/__init__.py"'),
    "RECORD twice": RECORD + f"{FOLDER}/RECORD,,\n",
    "an absolute path": RECORD.replace(INIT, INIT.replace("demo/", "/demo/")),
    "a path with dots": RECORD.replace(INIT, INIT.replace("demo/", "./demo/")),
    "a path in other letters": RECORD.replace(INIT, INIT.replace("demo/", "Demo/")),
    "a path with a backslash": RECORD.replace(INIT, INIT.replace("demo/", "demo\\")),
    "a hash with padding": RECORD.replace(INIT, INIT.replace(",0\n", "=,0\n")),
    "a hash in hex": RECORD.replace(INIT, f"demo/__init__.py,sha256={'0' * 64},0\n"),
    "no digest": RECORD.replace(INIT, "demo/__init__.py,sha256=,0\n"),
}

INVALID = {
    "no hash": RECORD.replace(INIT, "demo/__init__.py,,0\n"),
    "no size": RECORD.replace(INIT, INIT.replace(",0\n", ",\n")),
    "nothing but the path": RECORD.replace(INIT, "demo/__init__.py,,\n"),
    "MD5": RECORD.replace(INIT, record_line("demo/__init__.py", b"", algorithm="md5")),
    "SHA-1": RECORD.replace(INIT, record_line("demo/__init__.py", b"", algorithm="sha1")),
    "SHA-224": RECORD.replace(INIT, record_line("demo/__init__.py", b"", algorithm="sha224")),
    "a hash that nobody knows": RECORD.replace("sha256=", "evil256="),
    "a hash in other letters": RECORD.replace("sha256=", "SHA256="),
    "a negative size": RECORD.replace(INIT, INIT.replace(",0\n", ",-1\n")),
    "a size in other digits": RECORD.replace(INIT, INIT.replace(",0\n", ",\u0660\n")),
    "two fields": RECORD.replace(INIT, "demo/__init__.py,sha256=x\n"),
    "four fields": RECORD.replace(INIT, INIT.replace("\n", ",\n")),
    "a path over two lines": RECORD.replace(INIT, INIT.replace("demo/__init__.py", '"demo/\n__init__.py"')),
    "an open quote": RECORD + '"demo/evil.py',
    "text behind a quote": RECORD.replace(INIT, INIT.replace("demo/__init__.py", '"demo/"__init__.py')),
    "a field that is too long": RECORD + "x" * 200_000 + ",,\n",
    "Latin-1": RECORD.encode() + b"caf\xe9,,\n",
    "NUL": RECORD + "\0",
}


@pytest.mark.parametrize("name", MISMATCHED)
def test_a_record_of_other_files_is_refused(tmp_path: Path, name: str) -> None:
    # UP-16, W32
    assert refusal_of(build_wheel(tmp_path, record=MISMATCHED[name])).code == "wheel_record_mismatch"


@pytest.mark.parametrize("name", INVALID)
def test_a_record_that_cannot_be_trusted_is_refused(tmp_path: Path, name: str) -> None:
    # UP-16
    assert refusal_of(build_wheel(tmp_path, record=INVALID[name])).code == "wheel_record_invalid"


def test_a_member_that_the_record_does_not_know_is_refused(tmp_path: Path) -> None:
    # UP-16: the record is right but for the one more file
    wheel = build_wheel(tmp_path, files={"evil.py": b"pass"}, record=RECORD)
    refused = refusal_of(wheel)
    assert refused.code == "wheel_record_mismatch"
    assert "'evil.py'" in refused.message


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_strong_hashes_are_taken(tmp_path: Path, algorithm: str) -> None:
    record = RECORD.replace(INIT, record_line("demo/__init__.py", b"", algorithm=algorithm))
    wheel = build_wheel(tmp_path, record=record)
    assert inspect(wheel, filename=wheel.name).name == "demo"


def test_windows_line_ends_and_quotes_are_taken(tmp_path: Path) -> None:
    record = RECORD.replace(INIT, INIT.replace("demo/__init__.py", '"demo/__init__.py"')).replace(
        "\n", "\r\n"
    )
    wheel = build_wheel(
        tmp_path, files={"demo/a,b.py": b"x"}, record=record + record_line("demo/a,b.py", b"x")
    )
    assert inspect(wheel, filename=wheel.name).name == "demo"


def test_signatures_need_no_hash(tmp_path: Path) -> None:
    members = wheel_members(dist_info={"RECORD.jws": b"{}"})
    members.pop(f"{FOLDER}/RECORD")
    signature = members.pop(f"{FOLDER}/RECORD.jws")
    wheel = build_wheel(
        tmp_path, dist_info={"RECORD.jws": signature}, record=record_of(members, folder=FOLDER)
    )
    assert inspect(wheel, filename=wheel.name).name == "demo"
