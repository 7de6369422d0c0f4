"""A file that is being received: hashed while it is written, gone unless it is kept."""

import fcntl
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from strongroom.kernel.crashpoint import crashpoint
from strongroom.kernel.secrets import random_bytes


class Unusable(OSError):
    """The draft was closed, or a write to it or a flush of it failed before: its bytes cannot be trusted any more.

    After a failed fsync the kernel may report success the next time although the bytes are lost, so nothing is tried
    twice (CR-04).
    """


class Draft:
    """Bytes on their way into the store, in a file of their own that no reader sees.

    The file is locked while its process lives, which is how ``sweep`` knows what a dead one has left. As a context
    manager it discards itself unless it was kept.
    """

    def __init__(self, folder: Path) -> None:
        """Open an empty file in ``folder``, on the same filesystem as the blobs; raises ``OSError``."""
        self.path, self._descriptor = _open_locked(folder)
        self.size = 0
        self._usable = True
        self._sha256 = hashlib.sha256()
        self._blake2_256 = hashlib.blake2b(digest_size=32)
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, chunk: bytes) -> None:
        """Append ``chunk``; raises ``OSError`` (no space, say), after which the draft is ``Unusable``."""
        self._require_usable()
        self._usable = False
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._usable = True
        self.size += len(chunk)
        for digest in (self._sha256, self._blake2_256, self._md5):
            digest.update(chunk)
        crashpoint("blobs.partly_written")

    def flush(self) -> None:
        """Put every byte on the disk; raises ``OSError``, after which the draft is ``Unusable``."""
        self._require_usable()
        self._usable = False
        os.fsync(self._descriptor)
        self._usable = True

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far, in lower-case hex."""
        return self._sha256.hexdigest()

    @property
    def blake2_256(self) -> str:
        """BLAKE2b with a digest of 256 bits, in lower-case hex."""
        return self._blake2_256.hexdigest()

    @property
    def md5(self) -> str:
        """MD5, in lower-case hex: for tools that still send it, never for trust."""
        return self._md5.hexdigest()

    def close(self) -> None:
        """Close the file and give up its lock; without effect the second time."""
        self._usable = False
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def discard(self) -> None:
        """Remove the file, unless it was kept; without effect the second time."""
        if self._descriptor >= 0:
            self.path.unlink(missing_ok=True)
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def _require_usable(self) -> None:
        if not self._usable:
            raise Unusable(f"{self.path.name} cannot be written or kept any more")


def sweep(folder: Path, *, before: float) -> int:
    """Remove the drafts in ``folder`` that no process holds, last written at ``before`` (POSIX time) or earlier.

    Returns how many. A draft that disappears meanwhile was kept, discarded or swept by another process.
    """
    return sum(_is_swept(path) for path in folder.iterdir() if path.stat().st_mtime <= before)


def _is_swept(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _open_locked(folder: Path) -> tuple[Path, int]:
    """A new file, and a descriptor that holds its lock. One that was swept before it could be locked is made anew."""
    while True:
        path = folder / random_bytes(16).hex()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
        except BlockingIOError:
            pass
        except BaseException:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        os.close(descriptor)
