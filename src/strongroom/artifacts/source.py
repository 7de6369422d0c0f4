"""The bytes of a file, by position."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from strongroom.artifacts.refusals import refusal

CHUNK = 128 * 1024


class Source:
    """A file that is read front to back, or here and there; never more than one chunk of it lies in memory."""

    def __init__(self, file: BinaryIO, *, size: int) -> None:
        self._file = file
        self.size = size

    def at(self, offset: int, size: int) -> bytes:
        """The ``size`` bytes at ``offset``; raises ``Refused`` (``archive_truncated``) where they are not all there."""
        self._file.seek(offset)
        return self.next(size)

    def next(self, size: int) -> bytes:
        """The ``size`` bytes behind what was read last."""
        found = self._file.read(size)
        if len(found) != size:
            raise refusal("archive_truncated", "The file ends too early. Build it again, or upload it again.")
        return found

    def chunks(self, size: int) -> Iterator[bytes]:
        """The ``size`` bytes behind what was read last, in chunks."""
        while size > 0:
            chunk = self.next(min(size, CHUNK))
            size -= len(chunk)
            yield chunk


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open ``path``; an ``OSError`` of the machine passes through, since it says nothing of the bytes."""
    with path.open("rb", buffering=CHUNK) as file:
        yield Source(file, size=os.fstat(file.fileno()).st_size)
