"""A draft: hashed while it is written, gone unless it is kept, never trusted after a failure."""

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from strongroom.blobs.draft import Draft, Unusable
from strongroom.blobs.local import LocalBlobs
from strongroom.kernel import clock

PIECES = [b"", b"strong", b"room" * 50_000, b"\0"]
CONTENT = b"".join(PIECES)


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def draft(blobs: LocalBlobs) -> Iterator[Draft]:
    with blobs.draft() as opened:
        yield opened


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_digests_and_size_are_those_of_everything_written(draft: Draft) -> None:
    for piece in PIECES:
        draft.write(piece)
    assert draft.size == len(CONTENT)
    assert draft.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert draft.blake2_256 == hashlib.blake2b(CONTENT, digest_size=32).hexdigest()
    assert draft.md5 == hashlib.md5(CONTENT).hexdigest()
    assert draft.path.read_bytes() == CONTENT


def test_a_draft_is_readable_by_its_owner_alone(draft: Draft) -> None:
    assert draft.path.stat().st_mode & 0o777 == 0o600


def test_leaving_the_block_without_keeping_removes_the_file(blobs: LocalBlobs, tmp_path: Path) -> None:
    with blobs.draft() as draft:
        draft.write(b"content")
    assert files_in(tmp_path) == []
    draft.discard()  # and once more does nothing


def test_a_closed_draft_takes_and_keeps_nothing(blobs: LocalBlobs, draft: Draft, tmp_path: Path) -> None:
    draft.write(b"content")
    draft.discard()
    with pytest.raises(Unusable):
        draft.write(b"more")
    with pytest.raises(Unusable):
        blobs.keep(draft)
    assert files_in(tmp_path) == []


# CR-04
def test_a_failed_flush_is_not_tried_again_as_if_nothing_was(
    blobs: LocalBlobs, draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    draft.write(b"content")
    with monkeypatch.context() as faulty:
        faulty.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="Input/output"):
            blobs.keep(draft)
    with pytest.raises(Unusable):  # the disk is well again, the bytes may be lost
        blobs.keep(draft)
    with pytest.raises(Unusable):
        draft.write(b"more")
    assert not blobs.has(draft.sha256)
    draft.discard()
    assert files_in(tmp_path) == []


# CR-04
def test_a_folder_that_cannot_be_flushed_fails_the_keeping(
    blobs: LocalBlobs, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def broken(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    draft.write(b"content")
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        blobs.keep(draft)


_OUT_OF_SPACE = """
import resource, signal, sys
from pathlib import Path
from strongroom.blobs.draft import Unusable
from strongroom.blobs.local import LocalBlobs

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
blobs = LocalBlobs(Path(sys.argv[1]))
with blobs.draft() as draft:
    draft.write(b"x" * 1000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))
    try:
        draft.write(b"x" * 1000)
    except OSError as error:
        print(error.errno)
    try:
        blobs.keep(draft)
    except Unusable:
        print("unusable")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(blobs.put(b"x" * 2000))
"""


# CR-03
def test_a_write_without_space_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    """The file grows to a limit in the middle of a write, as on a full disk; then there is space again."""
    result = subprocess.run(
        [sys.executable, "-c", _OUT_OF_SPACE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    digest = hashlib.sha256(b"x" * 2000).hexdigest()
    assert result.stdout.split() == [str(errno.EFBIG), "unusable", digest]
    assert files_in(tmp_path) == [LocalBlobs(tmp_path).path(digest)]


_ABANDON = """
import os, sys
from pathlib import Path
from strongroom.blobs.local import LocalBlobs
draft = LocalBlobs(Path(sys.argv[1])).draft()
draft.write(b"half an upload")
os._exit(9)
"""


def abandon(folder: Path) -> None:
    """Leave a draft behind, as a process that is killed does."""
    assert subprocess.run([sys.executable, "-c", _ABANDON, str(folder)], check=False).returncode == 9


def test_drafts_of_dead_processes_are_swept_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    abandon(tmp_path)
    with blobs.draft() as living:
        living.write(b"going on")
        assert len(files_in(tmp_path)) == 2
        assert LocalBlobs(tmp_path).sweep_drafts() == 1
        assert files_in(tmp_path) == [living.path]
        assert blobs.keep(living) == hashlib.sha256(b"going on").hexdigest()


def test_younger_drafts_are_left_alone(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    abandon(tmp_path)
    assert blobs.sweep_drafts(timedelta(hours=1)) == 0
    assert len(files_in(tmp_path)) == 1
    with clock.shifted(timedelta(hours=2)):
        assert blobs.sweep_drafts(timedelta(hours=1)) == 1
    assert files_in(tmp_path) == []
