"""Whatever the bytes are: facts that other readers confirm, or a documented refusal; never another exception."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.artifacts.entry_points import check_entry_points
from strongroom.artifacts.filename import canonical, parse
from strongroom.artifacts.inspect import inspect
from strongroom.artifacts.metadata import parse_metadata
from strongroom.artifacts.record import read_record
from strongroom.artifacts.tar_records import read_header, read_pax
from strongroom.artifacts.wheel_file import check_wheel_file
from strongroom.artifacts.zip_records import read_central, read_extra
from strongroom.kernel.refused import Refused
from tests.artifacts.building import build_sdist, build_wheel, core_metadata
from tests.artifacts.framing import extra, members, zip_file
from tests.artifacts.fuzz import EXTRA, KINDS, answer
from tests.artifacts.oracles import assert_others_agree
from tests.artifacts.refusing import SDIST, WHEEL, assert_is_fit_to_show

SEEDS = st.integers(min_value=0, max_value=2**64)
FILENAMES = st.sampled_from([WHEEL, SDIST])
LINES = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.tuples(st.sampled_from(EXTRA.splitlines()), st.text(max_size=30)).map("".join),
        st.tuples(
            st.sampled_from([line.partition(":")[0] for line in EXTRA.splitlines()]), st.text(max_size=80)
        ).map(": ".join),
    ),
    max_size=8,
).map("\n".join)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_damaged_distributions_are_refused_or_read_as_others_read_them(kind: object, seed: int) -> None:
    # UP-15
    filename, content = kind(random.Random(seed))  # type: ignore[operator]
    with tempfile.TemporaryDirectory() as folder:
        assert answer(Path(folder), filename, content)


@settings(max_examples=100)
@given(content=st.binary(max_size=2000), filename=FILENAMES)
def test_any_bytes_are_refused(content: bytes, filename: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert answer(Path(folder), filename, content) != "accepted"


@settings(max_examples=200)
@given(
    filename=st.one_of(st.text(), st.from_regex(r"[a-zA-Z0-9._!+-]{1,40}(\.whl|\.tar\.gz)", fullmatch=True))
)
def test_any_filename_is_parsed_or_refused(filename: str) -> None:
    try:
        parse(filename)
    except Refused as error:
        assert_is_fit_to_show(error.message)
    else:
        assert canonical(canonical(filename)) == canonical(filename)


@settings(max_examples=300)
@given(lines=LINES, body=st.text(max_size=100))
def test_any_metadata_is_parsed_or_refused(lines: str, body: str) -> None:
    content = core_metadata("demo", "1.0", "2.4", lines.replace("\udc80", ""), body)
    try:
        metadata = parse_metadata(content, what="METADATA")
    except Refused as error:
        assert_is_fit_to_show(error.message)
    else:
        assert (metadata.name, metadata.version) == ("demo", "1.0")


READERS = {
    "metadata": lambda content: parse_metadata(content, what="METADATA"),
    "RECORD": lambda content: read_record(content, unhashed=frozenset()),
    "WHEEL": lambda content: check_wheel_file(content, tags=frozenset(["py3-none-any"])),
    "entry points": check_entry_points,
    "a central header": lambda content: read_central(b"PK\x01\x02" + content, 0),
    "extra fields": lambda content: read_extra(content, b"demo"),
    "one extra field": lambda content: read_extra(extra(1, content), b"demo"),
    "a tar header": lambda content: read_header(content.ljust(512, b"\0")[:512]),
    "a pax header": lambda content: read_pax(content, is_global=False),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150)
@given(content=st.binary(max_size=700))
def test_each_reader_refuses_in_its_own_words(name: str, content: bytes) -> None:
    try:
        READERS[name](content)
    except Refused as error:
        assert_is_fit_to_show(error.message)


def test_other_readers_find_the_same_in_what_is_accepted(tmp_path: Path) -> None:
    # UP-15: our list of members == zipfile.namelist() == a walk over the local headers; and tarfile's
    files = {"demo/caf\u00e9.py": b"x" * 5000, "demo/.hidden": b"", "demo/" + "long/" * 40 + "x": b"y"}
    for built in (
        build_wheel(tmp_path, metadata_extra=EXTRA, description="# Demo\n", files=files),
        build_sdist(tmp_path, metadata_extra=EXTRA, description="# Demo\n", files=files),
    ):
        assert_others_agree(built, inspect(built, filename=built.name))


def test_other_readers_find_the_same_in_a_zip64_file(tmp_path: Path) -> None:
    # UP-15
    path = tmp_path / WHEEL
    path.write_bytes(zip_file(members(), zip64=True))
    assert_others_agree(path, inspect(path, filename=WHEEL))
