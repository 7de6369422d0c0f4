"""What costs too much is refused while it is read, in little time and memory."""

import gzip
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from strongroom.artifacts.inspect import inspect
from strongroom.artifacts.limits import DEFAULT, GIB, KIB, MIB, Limits
from tests.artifacts.building import build_sdist, build_wheel, core_metadata, wheel_members
from tests.artifacts.framing import (
    PKG_INFO,
    STORED,
    Member,
    deflate,
    members,
    sdist_file,
    tar_header,
    tar_member,
    zip_file,
)
from tests.artifacts.refusing import SDIST, WHEEL, refusal_of, refusal_of_bytes

T = TypeVar("T")


def zeros(size: int) -> bytes:
    """A raw deflate stream of ``size`` zeros."""
    return deflate(bytes(size), level=1)


def packed(content: bytes) -> bytes:
    """``content`` in a gzip stream, quickly."""
    return gzip.compress(content, compresslevel=1)


def test_a_wheel_that_decompresses_to_too_much_is_refused_by_what_it_claims(tmp_path: Path) -> None:
    # UP-13, check 50: over 64 MiB and over 50 times its size
    bomb = Member(b"demo/bomb", stream=zeros(MIB), local={"size": 65 * MIB}, central={"size": 65 * MIB})
    assert refusal_of_bytes(tmp_path, zip_file([*members(), bomb])).code == "archive_bomb"


def test_a_wheel_that_claims_little_is_stopped_there(tmp_path: Path) -> None:
    # UP-13: the claim is small, as RECORD has it, and the stream is not
    wheel = members(wheel_members(files={"demo/bomb": bytes(9)}))
    bomb = replace(next(member for member in wheel if member.name == b"demo/bomb"), stream=zeros(96 * MIB))
    content = zip_file(bomb if member.name == bomb.name else member for member in wheel)
    refused, peak = watched(lambda: refusal_of_bytes(tmp_path, content))
    assert refused.code == "zip_corrupt"
    assert peak < 2 * MIB


def test_many_small_claims_are_added_up(tmp_path: Path) -> None:
    # UP-13
    limits = Limits(decompressed_bytes=100 * KIB)
    files = {f"demo/{number}": bytes(20 * KIB) for number in range(6)}
    assert refusal_of(build_wheel(tmp_path, files=files), limits=limits).code == "archive_bomb"
    assert refusal_of(build_sdist(tmp_path, files=files), limits=limits).code == "archive_bomb"


def test_an_sdist_that_decompresses_to_too_much_is_stopped_while_it_streams(tmp_path: Path) -> None:
    # UP-24, W33: hundreds to one
    content = packed(PKG_INFO + tar_header("demo-1.0/bomb", size=b"00600000000\0") + bytes(96 * MIB))
    assert len(content) < MIB
    refused, peak = watched(lambda: refusal_of_bytes(tmp_path, content, filename=SDIST))
    assert refused.code == "archive_bomb"
    assert peak < 2 * MIB


def test_padding_behind_the_end_of_a_tar_file_counts_too(tmp_path: Path) -> None:
    # UP-24
    content = packed(PKG_INFO + bytes(80 * MIB))
    assert refusal_of_bytes(tmp_path, content, filename=SDIST).code == "archive_bomb"


def test_what_compresses_well_but_is_small_is_taken(tmp_path: Path) -> None:
    files = {"demo/table.txt": bytes(40 * MIB)}
    for built in (build_wheel(tmp_path, files=files), build_sdist(tmp_path, files=files)):
        assert built.stat().st_size < MIB
        assert inspect(built, filename=built.name).name == "demo"


def test_more_than_fifty_thousand_members_are_refused_at_once(tmp_path: Path) -> None:
    # UP-13, W31
    path = tmp_path / WHEEL
    path.write_bytes(zip_file(Member(b"demo/%d" % number, method=STORED) for number in range(50_001)))
    refused, peak = watched(lambda: refusal_of(path))
    assert refused.code == "archive_too_many_members"
    assert peak < 2 * MIB  # their list is larger


def test_an_sdist_is_stopped_at_its_limit_of_members(tmp_path: Path) -> None:
    # UP-23
    limits = Limits(members=10)
    content = sdist_file(*(tar_member(f"demo-1.0/{number}") for number in range(10)))
    assert (
        refusal_of_bytes(tmp_path, content, filename=SDIST, limits=limits).code == "archive_too_many_members"
    )
    path = tmp_path / SDIST
    path.write_bytes(sdist_file(*(tar_member(f"demo-1.0/{number}") for number in range(9))))
    assert inspect(path, filename=SDIST, limits=limits).name == "demo"


def test_a_directory_that_is_too_large_to_hold_is_refused(tmp_path: Path) -> None:
    limits = Limits(directory_bytes=300)
    assert (
        refusal_of(build_wheel(tmp_path, files={"demo/x": b""}), limits=limits).code
        == "zip_directory_too_large"
    )


@pytest.mark.parametrize("name", ["METADATA", "RECORD", "WHEEL", "entry_points.txt"])
def test_a_file_that_is_parsed_may_not_be_large(tmp_path: Path, name: str) -> None:
    # UP-14, W30: 7 MiB of wheel would become 300 MiB of METADATA
    claim = {"size": 6 * MIB}
    large = Member(b"demo-1.0.dist-info/" + name.encode(), stream=zeros(MIB), local=claim, central=claim)
    content = zip_file([*(member for member in members() if member.name != large.name), large])
    refused, peak = watched(lambda: refusal_of_bytes(tmp_path, content))
    assert refused.code == "metadata_too_large"
    assert peak < MIB


def test_pkg_info_may_not_be_large(tmp_path: Path) -> None:
    # UP-14
    sdist = build_sdist(tmp_path, description="x" * (5 * MIB))
    assert refusal_of(sdist).code == "metadata_too_large"


def test_a_description_of_five_megabytes_is_taken(tmp_path: Path) -> None:
    description = "x" * (5 * MIB - len(core_metadata("demo", "1.0")))
    for built in (
        build_wheel(tmp_path, description=description),
        build_sdist(tmp_path, description=description),
    ):
        assert inspect(built, filename=built.name).metadata.description == description


def test_memory_stays_flat_however_large_a_distribution_is(tmp_path: Path) -> None:
    # P11
    files = {f"demo/{number}.bin": bytes(range(256)) * (64 * KIB) for number in range(3)}
    for built in (
        build_wheel(tmp_path, files=files),
        build_wheel(tmp_path, files=files, compression=STORED, filename="1"),
        build_sdist(tmp_path, files=files),
    ):
        name = SDIST if built.name == SDIST else WHEEL
        facts, peak = watched(lambda path=built, name=name: inspect(path, filename=name))
        assert facts.name == "demo"
        assert peak < 2 * MIB


def test_the_budget_is_what_the_limits_say() -> None:
    assert DEFAULT.budget(0) == DEFAULT.budget(MIB) == 64 * MIB
    assert DEFAULT.budget(10 * MIB) == 500 * MIB
    assert DEFAULT.budget(10 * GIB) == 8 * GIB


def watched(action: Callable[[], T]) -> tuple[T, int]:
    """What ``action`` returns, and the most memory in bytes that it held at a time, beyond what there was."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = action()
        return result, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
