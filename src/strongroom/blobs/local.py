"""Blobs as files in a folder of one machine."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from strongroom.blobs.draft import Draft, sweep
from strongroom.blobs.store import Blobs, Digest, check_digest
from strongroom.kernel import clock
from strongroom.kernel.crashpoint import crashpoint


class LocalBlobs(Blobs):
    """The blob ``abcd…`` is the file ``ab/cd/abcd…`` in ``folder``; drafts lie in ``folder/tmp``.

    Safe for any number of processes and threads. ``OSError`` of every kind passes through.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / "tmp"
        self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._durable = bytearray(0x10000)  # which of the folders ab/cd this process knows to be on the disk

    def draft(self) -> Draft:
        """An empty draft in ``tmp``; raises ``OSError``."""
        return Draft(self._drafts)

    def keep(self, draft: Draft) -> Digest:
        """Make a draft a blob, durably: file, rename, folder (design, D11). Closes the draft.

        Where the blob is there already, it is replaced by these bytes, which are the same: that heals a damaged one, and
        makes an unused one too young to be collected before the caller's row refers to it.
        """
        digest = Digest(draft.sha256)
        path = self.path(digest)
        draft.flush()
        crashpoint("blobs.after_file_fsync")
        self._make_folders(path)
        draft.path.replace(path)
        crashpoint("blobs.after_rename")
        self._flush_folders(path)
        crashpoint("blobs.after_folder_fsync")
        draft.close()
        return digest

    def put(self, content: bytes) -> Digest:
        """Keep ``content``, as durably as a draft."""
        with self.draft() as draft:
            draft.write(content)
            return self.keep(draft)

    def path(self, sha256: str) -> Path:
        """Where the blob lies, whether or not it does; raises ``ValueError`` for what is no digest."""
        digest = check_digest(sha256)
        return self._folder / digest[:2] / digest[2:4] / digest

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return self.size(sha256) is not None

    def size(self, sha256: str) -> int | None:
        """The blob's size in bytes, ``None`` where there is none."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, sha256: str) -> None:
        """Remove a blob; without effect where there is none. Not flushed: at worst an unused blob comes back."""
        self.path(sha256).unlink(missing_ok=True)

    def all(self) -> Iterator[Digest]:
        """Every blob that is there, in no order."""
        return (Digest(path.name) for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"))

    def sweep_drafts(self, older_than: timedelta = timedelta(0)) -> int:
        """Remove the drafts that dead processes left; to be called at start-up. Returns how many."""
        return sweep(self._drafts, before=clock.timestamp() - older_than.total_seconds())

    def _make_folders(self, path: Path) -> None:
        if not path.parent.is_dir():
            self._durable[_leaf(path)] = 0
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _flush_folders(self, path: Path) -> None:
        """Put the new name on the disk, and the folders above it unless this process has done so before.

        Another process may have made them and not have flushed them yet, so "it was there" says nothing. The innermost
        comes first: a journaling filesystem commits all of them at once, and the others cost next to nothing then.
        """
        _flush_folder(path.parent)
        if not self._durable[_leaf(path)]:
            _flush_folder(path.parent.parent)
            _flush_folder(self._folder)
            self._durable[_leaf(path)] = 1


def _leaf(path: Path) -> int:
    """The number of the folder ``ab/cd`` of a blob, of 65,536."""
    return int(path.name[:4], 16)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
