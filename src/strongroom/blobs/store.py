"""What a blob store does, whether it is a folder or a service."""

import re
from datetime import timedelta
from typing import NewType, Protocol

from strongroom.blobs.draft import Draft

Digest = NewType("Digest", str)
"""The SHA-256 of a blob: 64 lower-case hex digits. It is the blob's name."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


def check_digest(text: str) -> Digest:
    """``text`` as a digest; raises ``ValueError`` for anything but 64 lower-case hex digits, such as a path (IX-05)."""
    if not _DIGEST.fullmatch(text):
        raise ValueError("a blob is named by 64 lower-case hex digits")
    return Digest(text)


class Blobs(Protocol):
    """Immutable blobs by the SHA-256 of their bytes.

    What ``keep`` and ``put`` have returned is durable: it survives a crash and a power cut at any later moment. All
    methods block and may raise ``OSError``, after which nothing is kept.
    """

    def draft(self) -> Draft:
        """An empty draft to write to; the caller keeps it or discards it."""

    def keep(self, draft: Draft) -> Digest:
        """Make a draft a blob and close it. A blob that is there already is replaced by the same bytes."""

    def put(self, content: bytes) -> Digest:
        """Keep a small content that is at hand as a whole."""

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""

    def size(self, sha256: str) -> int | None:
        """The blob's size in bytes, ``None`` where there is none."""

    def delete(self, sha256: str) -> None:
        """Remove a blob that no row refers to any more; without effect where there is none."""

    def sweep_drafts(self, older_than: timedelta = timedelta(0)) -> int:
        """Remove what processes that have died were writing ``older_than`` ago or earlier; returns how many drafts."""
