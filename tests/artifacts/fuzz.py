"""Throw damaged distributions at the room, for as long as one likes: ``python -m tests.artifacts.fuzz --count 100000``.

Whatever comes, there is an answer or a refusal; and what is accepted, other readers read alike.
"""

import argparse
import gzip
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.inspect import inspect
from strongroom.artifacts.refusals import REFUSALS
from strongroom.kernel.refused import Refused
from tests.artifacts.building import core_metadata, tar_bytes, wheel_members, zip_bytes
from tests.artifacts.framing import FOLDER, Member, members, pax, tar_member, zip_file
from tests.artifacts.oracles import assert_others_agree
from tests.artifacts.refusing import SDIST, WHEEL, assert_is_fit_to_show

EXTRA = """\
Summary: A demo
Author-email: "Alice, A." <alice@example.org>, bob@example.org
License-Expression: MIT OR (Apache-2.0 AND BSD-3-Clause)
Classifier: Programming Language :: Python :: 3
Project-URL: Source, https://example.org/a?b=c#d
Requires-Python: >=3.9, !=3.10.*
Requires-Dist: six>=1.16 ; (python_version < "3.11") and extra == "x"
Provides-Extra: x
Dynamic: Summary
Import-Name: demo.x ; private
Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM"""
ENTRY_POINTS = b"[console_scripts]\ndemo = demo.main:run [x]\n\n[plugins]\na = b\n"

# What damages most: signatures, lengths, separators, and what ends a line, a text or a number somewhere.
TOKENS = [
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"\x1f\x8b\x08", b"ustar\x0000",
    b"\xff\xff\xff\xff", b"\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"\x01\0\x10\0", b"\x75\x70", b"../", b"/", b"\\", b":", b"\n",
    b"\r\n", b"\r", b"\n ", b",", b'"', b"\xc2\x85", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xff", b"0" * 12, b"9" * 5000, b"(" * 500,
    b"sha256=", b"Name: x\n", b"Requires-Dist: a @ https://x/\n", b"=", b"[x]", b"x" * 5000,
]  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """``content`` with one to eight damages."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(damaged) + 1)
        size = chance.choice((1, 1, 2, 4, 16, 512))
        match chance.randrange(7):
            case 0:
                damaged[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                damaged[at : at + 1] = bytes(
                    [(damaged[at] ^ 1 << chance.randrange(8)) if at < len(damaged) else 0]
                )
            case 2:
                del damaged[at : at + size]
            case 3:
                damaged[at:at] = chance.choice(TOKENS)
            case 4:
                token = chance.choice(TOKENS)
                damaged[at : at + len(token)] = token
            case 5:
                start = chance.randrange(len(damaged) + 1)
                damaged[at:at] = damaged[start : start + size]
            case _:
                del damaged[max(at, 1) :]
    return bytes(damaged)


def damaged_zip(chance: random.Random) -> tuple[str, bytes]:
    """A wheel with damaged bytes anywhere."""
    level = chance.choice((0, 8))
    wheel = zip_file(
        [
            Member(b"demo/", mode=FOLDER, method=0),
            *(with_method(member, level) for member in members(CONTENTS)),
        ],
        zip64=chance.random() < 0.3,
    )
    return WHEEL, mutated(wheel, chance)


def damaged_file(chance: random.Random) -> tuple[str, bytes]:
    """A whole wheel, with right hashes, of which one file that is parsed is damaged."""
    name = chance.choice(("METADATA", "WHEEL", "RECORD", "entry_points.txt"))
    contents = dict(CONTENTS)
    path = f"demo-1.0.dist-info/{name}"
    damaged = mutated(contents[path], chance)
    if name == "RECORD":
        return WHEEL, zip_bytes({**contents, path: damaged})
    return WHEEL, zip_bytes(
        wheel_members(metadata=METADATA, dist_info={"entry_points.txt": ENTRY_POINTS, name: damaged})
    )


def damaged_name(chance: random.Random) -> tuple[str, bytes]:
    """A good wheel under a damaged name."""
    name = mutated(WHEEL.encode(), chance).decode("utf-8", "replace")
    return name, zip_bytes(CONTENTS)


def damaged_gzip(chance: random.Random) -> tuple[str, bytes]:
    """An sdist with damaged bytes anywhere."""
    return SDIST, mutated(gzip.compress(TAR, mtime=0), chance)


def damaged_tar(chance: random.Random) -> tuple[str, bytes]:
    """A good gzip stream of a damaged tar file, whose headers have right checksums most of the time."""
    damaged = mutated(TAR, chance)
    if chance.random() < 0.8:
        damaged = with_checksums(damaged)
    return SDIST, gzip.compress(damaged, mtime=0)


def damaged_pkg_info(chance: random.Random) -> tuple[str, bytes]:
    """A good sdist with a damaged PKG-INFO."""
    return SDIST, gzip.compress(tar_bytes({"demo-1.0/PKG-INFO": mutated(METADATA, chance)}), mtime=0)


def noise(chance: random.Random) -> tuple[str, bytes]:
    """Random bytes, perhaps behind the right signature."""
    start = chance.choice((b"", b"PK\x03\x04", b"\x1f\x8b\x08\0", gzip.compress(b"")[:10]))
    return chance.choice((WHEEL, SDIST)), start + chance.randbytes(chance.randrange(2000))


KINDS: list[Callable[[random.Random], tuple[str, bytes]]] = [
    damaged_zip, damaged_file, damaged_name, damaged_gzip, damaged_tar, damaged_pkg_info, noise,
]  # fmt: skip


def answer(folder: Path, filename: str, content: bytes) -> str:
    """The code of the refusal of ``content``, or ``accepted``; fails if anything else happens."""
    path = folder / "upload"
    path.write_bytes(content)
    try:
        facts = inspect(path, filename=filename)
    except Refused as error:
        refused = error
    else:
        assert isinstance(facts, Facts)
        assert_others_agree(path, facts)
        return "accepted"
    assert refused.code in REFUSALS
    assert_is_fit_to_show(refused.message)
    return refused.code


def with_method(member: Member, method: int) -> Member:
    member.method = method
    return member


def with_checksums(content: bytes) -> bytes:
    """``content`` with the checksum corrected in each block that looks like a tar header."""
    damaged = bytearray(content)
    for at in range(0, len(damaged) - 511, 512):
        if damaged[at + 257 : at + 262] == b"ustar":
            damaged[at + 148 : at + 156] = b" " * 8
            damaged[at + 148 : at + 156] = f"{sum(damaged[at : at + 512]):06o}\0 ".encode()
    return bytes(damaged)


METADATA = core_metadata("demo", "1.0", "2.4", EXTRA, "# Demo\n")
CONTENTS = wheel_members(
    metadata=METADATA, files={"demo/x.py": b"x = 1\n" * 9}, dist_info={"entry_points.txt": ENTRY_POINTS}
)
TAR = (
    tar_member("demo-1.0/", type=b"5")
    + tar_member("demo-1.0/PKG-INFO", METADATA)
    + pax({"path": "demo-1.0/" + "long/" * 30 + "x", "mtime": "1.5"})
    + tar_member("demo-1.0/x", b"x" * 600)
    + tar_member("demo-1.0/a/link", type=b"2", link=b"../PKG-INFO")
    + tar_member("demo-1.0/hard", type=b"1", link=b"demo-1.0/PKG-INFO")
    + bytes(1024)
)


def main() -> int:
    """Run ``--count`` cases from ``--seed`` on; print what happened, and the first case that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    answers: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(options.seed, options.seed + options.count):
            chance = random.Random(seed)
            kind = chance.choice(KINDS)
            filename, content = kind(chance)
            try:
                answers[answer(Path(name), filename, content)] += 1
            except Exception:
                kept = Path(tempfile.gettempdir()) / f"fuzz-{seed}.bin"
                kept.write_bytes(content)
                traceback.print_exc()
                sys.stderr.write(
                    f"seed {seed} ({kind.__name__}) went wrong; {filename!r} is kept in {kept}\n"
                )
                return 1
    for code, count in answers.most_common():
        sys.stdout.write(f"{count:8} {code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
