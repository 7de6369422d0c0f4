"""What is kept: durable, whole, by its digest."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from strongroom.blobs.local import LocalBlobs
from strongroom.kernel.crashpoint import CRASH_POINTS
from tests.support.patience import PROGRAM_SECONDS

CONTENT = b"a wheel" * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_kept_draft_is_a_blob_and_no_draft(blobs: LocalBlobs, tmp_path: Path) -> None:
    with blobs.draft() as draft:
        draft.write(CONTENT)
        assert blobs.keep(draft) == DIGEST
    path = tmp_path / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert files_in(tmp_path) == [path]
    assert path == blobs.path(DIGEST)
    assert path.read_bytes() == CONTENT
    assert blobs.has(DIGEST)
    assert blobs.size(DIGEST) == len(CONTENT)


def test_keeping_the_same_bytes_again_is_the_same_blob(blobs: LocalBlobs, tmp_path: Path) -> None:
    assert blobs.put(CONTENT) == blobs.put(CONTENT) == DIGEST
    assert files_in(tmp_path) == [blobs.path(DIGEST)]


# CR-16
def test_keeping_the_same_bytes_again_heals_a_damaged_blob(blobs: LocalBlobs) -> None:
    blobs.put(CONTENT)
    blobs.path(DIGEST).write_bytes(b"")
    blobs.put(CONTENT)
    assert blobs.path(DIGEST).read_bytes() == CONTENT


def test_a_reader_of_a_blob_is_not_disturbed_when_it_is_kept_again(blobs: LocalBlobs) -> None:
    blobs.put(CONTENT)
    with blobs.path(DIGEST).open("rb") as reader:
        half = reader.read(len(CONTENT) // 2)
        blobs.put(CONTENT)
        assert half + reader.read() == CONTENT


def test_many_at_once_keep_the_same_bytes(blobs: LocalBlobs, tmp_path: Path) -> None:
    kept: list[str] = []
    threads = [threading.Thread(target=lambda: kept.append(blobs.put(CONTENT))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept == [DIGEST] * 16
    assert files_in(tmp_path) == [blobs.path(DIGEST)]


def test_a_deleted_blob_is_gone_and_deleting_it_again_does_nothing(blobs: LocalBlobs, tmp_path: Path) -> None:
    blobs.put(CONTENT)
    blobs.delete(DIGEST)
    blobs.delete(DIGEST)
    assert not blobs.has(DIGEST)
    assert blobs.size(DIGEST) is None
    assert files_in(tmp_path) == []


# IX-05
@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        DIGEST.upper(),
        DIGEST[:-1],
        DIGEST + "0",
        DIGEST + "\n",
        "\N{ARABIC-INDIC DIGIT ZERO}" * 64,
        "g" * 64,
    ],
)
def test_what_is_no_digest_has_no_path(blobs: LocalBlobs, name: str) -> None:
    for ask in (blobs.path, blobs.has, blobs.size, blobs.delete):
        with pytest.raises(ValueError, match="64 lower-case hex digits"):
            ask(name)


def test_file_and_folders_are_flushed_before_the_blob_is_acknowledged(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of design D11, and no flush of outer folders that this process knows to be on the disk."""
    done: list[str] = []
    flush, replace = os.fsync, Path.replace

    def flushing(descriptor: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        flush(descriptor)

    def replacing(path: Path, target: Path) -> Path:
        done.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", flushing)
    monkeypatch.setattr(Path, "replace", replacing)
    leaf, middle = blobs.path(DIGEST).parent, blobs.path(DIGEST).parent.parent
    with blobs.draft() as draft:
        draft.write(CONTENT)
        blobs.keep(draft)
    assert done == [str(draft.path), "rename", str(leaf), str(middle), str(tmp_path)]
    done.clear()
    blobs.put(CONTENT)
    assert done[1:] == ["rename", str(leaf)]
    done.clear()
    LocalBlobs(tmp_path).put(CONTENT)  # another process may not have come to flush what it made
    assert done[1:] == ["rename", str(leaf), str(middle), str(tmp_path)]


_UPLOAD = """
import sys
from pathlib import Path
from strongroom.blobs.local import LocalBlobs
blobs = LocalBlobs(Path(sys.argv[1]))
print(blobs.sweep_drafts())
with blobs.draft() as draft:
    for _ in range(10):
        draft.write(b"a wheel" * 1_000)
    print(blobs.keep(draft))
"""


def upload(folder: Path, *, crash_at: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _UPLOAD, str(folder)],
        env={"STRONGROOM_CRASH_AT": crash_at},
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM_SECONDS,
    )


# UP-37, CR-01: the ordering table of the crash-consistency test, as far as the blob goes
@pytest.mark.parametrize("point", [point for point in CRASH_POINTS if point.startswith("blobs.")])
def test_a_crash_leaves_a_whole_blob_or_none_and_the_next_start_cleans_up(tmp_path: Path, point: str) -> None:
    crashed = upload(tmp_path, crash_at=point)
    assert (crashed.returncode, DIGEST in crashed.stdout) == (-9, False)
    blobs = LocalBlobs(tmp_path)
    is_kept = point in {"blobs.after_rename", "blobs.after_folder_fsync"}
    assert blobs.size(DIGEST) == (len(CONTENT) if is_kept else None)
    assert len(files_in(tmp_path)) == 1  # the draft or the blob
    again = upload(tmp_path)
    assert again.stdout.split() == ["0" if is_kept else "1", DIGEST]
    assert files_in(tmp_path) == [blobs.path(DIGEST)]
    assert blobs.path(DIGEST).read_bytes() == CONTENT


def test_a_crash_may_be_asked_for_at_a_later_pass(tmp_path: Path) -> None:
    assert upload(tmp_path, crash_at="blobs.partly_written:10").returncode == -9
    assert [path.stat().st_size for path in files_in(tmp_path)] == [len(CONTENT)]
    assert upload(tmp_path, crash_at="blobs.partly_written:11").returncode == 0


def test_a_crash_point_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    failed = upload(tmp_path, crash_at="blobs.nowhere")
    assert failed.returncode == 1
    assert "there is no crash point 'blobs.nowhere'" in failed.stderr
